"""Reads a request's head and closes, without a word."""
import socket
import sys

with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    while True:
        connection, _ = listener.accept()
        head = b""
        while b"\r\n\r\n" not in head and (data := connection.recv(4096)):
            head += data
        connection.close()
