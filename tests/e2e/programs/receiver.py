"""Takes whatever is posted and writes it down, a JSON line each: receiver.py PORT FILE STATUS [ANSWER]."""
import base64
import gzip
import http.server
import json
import sys

PORT, FILE, STATUS = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
ANSWER = (sys.argv[4] if len(sys.argv) > 4 else "").encode()


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        with open(FILE, "a", encoding="ascii") as notes:
            print(json.dumps({"path": self.path, "type": self.headers["Content-Type"],
                              "body": base64.b64encode(body).decode()}), file=notes)
        self.send_response(STATUS)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Receiver).serve_forever()
