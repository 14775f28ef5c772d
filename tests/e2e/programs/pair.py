"""HTTP between the two ends of a socketpair, in one process: pair.py PATH..."""
import socket
import sys

client, server = socket.socketpair()
for path in sys.argv[1:]:
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: pair.test\r\n\r\n".encode())
    line = server.recv(4096).split(b"\r\n")[0]
    server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npair")
    print(line.decode(), client.recv(4096)[-4:].decode())
client.close()
server.close()
