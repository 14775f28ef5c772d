"""Speaks HTTP until it is asked to change to `echo`; then every byte comes back: upgrade.py PORT."""
import socketserver
import sys


class Upgrade(socketserver.StreamRequestHandler):
    rbufsize = 0

    def handle(self):
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
        while data := self.connection.recv(65536):
            self.connection.sendall(data)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("127.0.0.1", int(sys.argv[1])), Upgrade).serve_forever()
