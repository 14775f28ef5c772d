"""Looks names up, answered by a thread of its own: names.py WAY PORT.

Every question goes to 127.0.0.1: the process's resolver is pointed there. both.test has ::1 and
127.0.0.1, four.test the latter, sick.test fails in the server, anything else does not exist.

  fetch NAME     GET http://NAME:PORT/hello      ask NAME...     only asks
  serve NAME     listens on PORT, then asks, then answers
"""
import ctypes
import socket
import struct
import sys
import threading
import urllib.error
import urllib.request

ADDRESSES = {b"both": {1: [socket.inet_aton("127.0.0.1")], 28: [socket.inet_pton(socket.AF_INET6, "::1")]},
             b"four": {1: [socket.inet_aton("127.0.0.1")]}}


def answer(packet):
    label, end = packet[13:13 + packet[12]], packet.index(0, 12)
    kind = struct.unpack("!H", packet[end + 1:end + 3])[0]
    found = ADDRESSES.get(label, {}).get(kind, [])
    code = 0 if label in ADDRESSES else 2 if label == b"sick" else 3
    records = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(one)) + one for one in found)
    return packet[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(found), 0, 0) + packet[12:end + 5] + records


def serve_names(sock):
    while True:
        packet, peer = sock.recvfrom(512)
        sock.sendto(answer(packet), peer)


def own_resolver():
    """struct __res_state of this thread: retrans, retry, options, nscount, nsaddr_list[0]."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    threading.Thread(target=serve_names, args=(sock,), daemon=True).start()
    libc = ctypes.CDLL(None)
    libc.__res_init()
    libc.__res_state.restype = ctypes.c_void_p
    state = libc.__res_state()
    options = struct.unpack("Q", ctypes.string_at(state + 8, 8))[0] & ~(0x80 | 0x200)  # no search list
    address = struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", sock.getsockname()[1], bytes([127, 0, 0, 1]))
    ctypes.memmove(state, struct.pack("iiQi", 2, 1, options, 1) + address, 20 + len(address))


def ask(name):
    try:
        print(name, sorted({found[4][0] for found in socket.getaddrinfo(name, 80, type=socket.SOCK_STREAM)}))
    except socket.gaierror as error:
        print(name, error.strerror)


def fetch(name, port):
    try:
        with urllib.request.urlopen(f"http://{name}:{port}/hello", timeout=5) as reply:
            print(reply.read().decode())
    except urllib.error.URLError as error:
        print(error.reason)


def serve(name, port):
    with socket.create_server(("127.0.0.1", port)) as listener:
        ask(name)
        while True:
            sock, _ = listener.accept()
            while sock.recv(4096):
                sock.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


way, port, names = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
own_resolver()
for each in names:
    {"ask": lambda: ask(each), "fetch": lambda: fetch(each, port), "serve": lambda: serve(each, port)}[way]()
