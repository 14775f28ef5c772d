"""Takes connections and greets a while later: late_tls.py PORT CERTIFICATE KEY SECONDS. Says 200 to whatever was asked."""
import socket
import ssl
import sys
import threading
import time

CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
CONTEXT.load_cert_chain(sys.argv[2], sys.argv[3])


def serve(conn):
    time.sleep(float(sys.argv[4]))
    try:
        with CONTEXT.wrap_socket(conn, server_side=True) as link:
            link.recv(65536)
            link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    except OSError:
        pass


with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
