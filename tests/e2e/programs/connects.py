"""Attempts to connect: connects.py PORT WAY... prints what the program is told of each.

  refused        a call that waits          idle         opened, kept, closed, without a byte
  so-error       poll, then SO_ERROR        late         poll, SO_ERROR, then a request that is answered
  second-call    poll, then connect again   unreachable  an address that TCP never goes to
  first-byte     poll, then send            first-read   poll, then recv
"""
import errno
import http.client
import select
import socket
import sys
import time

PORT = int(sys.argv[1])


def name(number):
    return errno.errorcode.get(number, number)


def begun():
    """A socket whose attempt is over, one way or the other; nobody has asked for the result yet."""
    sock = socket.socket()
    sock.setblocking(False)
    print(name(sock.connect_ex(("127.0.0.1", PORT))))
    poll = select.poll()
    poll.register(sock, select.POLLOUT)
    poll.poll(5000)
    return sock


def refused():
    print(name(socket.socket().connect_ex(("127.0.0.1", PORT))))


def so_error():
    sock = begun()
    print(name(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)))


def second_call():
    print(name(begun().connect_ex(("127.0.0.1", PORT))))


def first_byte():
    try:
        begun().send(b"GET / HTTP/1.1\r\n\r\n")
    except OSError as error:
        print(name(error.errno))


def first_read():
    try:
        begun().recv(10)
    except OSError as error:
        print(name(error.errno))


def idle():
    with socket.create_connection(("127.0.0.1", PORT)):
        time.sleep(0.05)


def late():
    sock = begun()
    print(name(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)))
    sock.setblocking(True)
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    connection.sock = sock
    connection.request("GET", "/late")
    print(connection.getresponse().read().decode())


def unreachable():
    print(name(socket.socket().connect_ex(("224.0.0.1", 80))))  # the kernel refuses by itself: nothing is sent


for way in sys.argv[2:]:
    globals()[way.replace("-", "_")]()
