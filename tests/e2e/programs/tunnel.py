"""A tunnel by hand: tunnel.py PROXY PORT asks the proxy for 127.0.0.1:PORT, then sends a request through."""
import socket
import sys

with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as tunnel:
    for head in (f"CONNECT 127.0.0.1:{sys.argv[2]} HTTP/1.1\r\nHost: 127.0.0.1:{sys.argv[2]}\r\n\r\n",
                 "GET /inside HTTP/1.1\r\nHost: inside.test\r\nConnection: close\r\n\r\n"):
        tunnel.sendall(head.encode())
        print(tunnel.recv(4096).split(b"\r\n")[0].decode())
