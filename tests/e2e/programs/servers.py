"""One of Python's servers: servers.py PORT KIND, KIND = single, threading, forking or sockets (one that
reads and writes the socket itself). GET anything answers with one line."""
import http.server
import socketserver
import sys


class Hello(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        text = f"hello from {self.path}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class Forking(socketserver.ForkingMixIn, http.server.HTTPServer):
    pass


class ByHand(socketserver.BaseRequestHandler):
    def handle(self):
        head = b""
        while b"\r\n\r\n" not in head:
            data = self.request.recv(4096)
            if not data:
                return
            head += data
        self.request.sendall(b"HTTP/1.0 200 OK\r\n\r\nhello from " + head.split(b" ")[1] + b"\n")


class Sockets(socketserver.TCPServer):
    allow_reuse_address = True


KINDS = {"single": (http.server.HTTPServer, Hello), "threading": (http.server.ThreadingHTTPServer, Hello),
         "forking": (Forking, Hello), "sockets": (Sockets, ByHand)}
SERVER, HANDLER = KINDS[sys.argv[2]]
SERVER(("127.0.0.1", int(sys.argv[1])), HANDLER).serve_forever()
