"""Says what reached it and sends what is asked for: integrity_server.py PORT.

/body?seed=S&size=N&chunked=C answers with that blob; X-Sum and X-Size tell the request's body, X-Contexts
how many lines of traceparent it came with. A request to upgrade gets its own bytes back."""
import hashlib
import http.server
import sys
import urllib.parse

from blob import blob


class Integrity(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def body(self):
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def upgrade(self):
        self.send_response(101)
        self.send_header("Connection", "upgrade")
        self.send_header("Upgrade", "echo")
        self.end_headers()
        while data := self.rfile.read1(65536):
            self.wfile.write(data)
        self.close_connection = True

    def answer(self):
        if self.headers.get("Upgrade"):
            self.upgrade()
            return
        came = self.body()
        asked = dict(urllib.parse.parse_qsl(self.path.partition("?")[2]))
        data = blob(int(asked["seed"]), int(asked["size"]))
        self.send_response(200)
        self.send_header("X-Sum", hashlib.sha256(came).hexdigest())
        self.send_header("X-Size", str(len(came)))
        self.send_header("X-Contexts", str(len(self.headers.get_all("traceparent") or [])))
        if asked["chunked"] == "1":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for at in range(0, len(data), 30011):
                part = data[at:at + 30011]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64


Server(("127.0.0.1", int(sys.argv[1])), Integrity).serve_forever()
