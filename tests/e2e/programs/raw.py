"""Sends its second argument (\\r and \\n are read as such) in one write, then prints what comes: raw.py PORT TEXT."""
import socket
import sys

with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5) as connection:
    connection.sendall(sys.argv[2].replace("\\r", "\r").replace("\\n", "\n").encode())
    while data := connection.recv(65536):
        sys.stdout.write(data.decode())
