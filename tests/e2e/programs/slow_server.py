"""A server that takes its time, for the moments of a request: slow_server.py PORT.

Reads the head, waits, asks for the body if the client waits for that, reads it, waits, sends a head, waits, sends the
rest. Each pause is 200 ms."""
import socket
import sys
import time

PAUSE = 0.2


def head_of(conn):
    data = b""
    while b"\r\n\r\n" not in data:
        more = conn.recv(4096)
        if not more:
            return None, b""
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    return head.lower(), rest


def serve(conn):
    head, body = head_of(conn)
    if head is None:
        return
    time.sleep(PAUSE)
    if b"expect: 100-continue" in head:
        conn.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    if b"/hints" in head:
        conn.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.startswith(b"content-length:"):
            while len(body) < int(line[15:]):
                body += conn.recv(65536)
    time.sleep(PAUSE)
    conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n")
    time.sleep(PAUSE)
    conn.sendall(b"hello\n")


with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    while True:
        with listener.accept()[0] as accepted:
            serve(accepted)
