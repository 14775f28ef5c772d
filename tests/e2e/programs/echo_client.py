"""Upgrades a connection to `echo`, sends what looks like requests and answers, prints what comes back."""
import socket
import sys

SAID = ["GET /inside HTTP/1.1\r\nHost: inside\r\n\r\n", "HTTP/1.1 500 No\r\nContent-Length: 3\r\n\r\nabc", "\0\1\2"]

with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5) as connection:
    connection.sendall(b"GET /chat HTTP/1.1\r\nHost: front\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(1)
    print(head.split(b"\r\n")[0].decode())
    for text in SAID:
        connection.sendall(text.encode())
        back = b""
        while len(back) < len(text):
            back += connection.recv(65536)
        print(back)
