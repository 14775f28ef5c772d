"""One thread reads requests from all connections, eight workers take them from a queue, ask
http://127.0.0.1:UPSTREAM with the same path, and answer: caller_pool.py PORT UPSTREAM."""
import http.client
import queue
import selectors
import socket
import sys
import threading

JOBS = queue.Queue()


def work():
    upstream = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]), timeout=10)
    while True:
        connection, path = JOBS.get()
        upstream.request("GET", path)
        body = upstream.getresponse().read()
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


def main():
    selector = selectors.DefaultSelector()
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=256)
    selector.register(listener, selectors.EVENT_READ)
    for _ in range(8):
        threading.Thread(target=work, daemon=True).start()
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                selector.register(listener.accept()[0], selectors.EVENT_READ)
            elif head := key.fileobj.recv(8192):
                JOBS.put((key.fileobj, head.split(b" ")[1].decode()))
            else:
                selector.unregister(key.fileobj)
                key.fileobj.close()


main()
