"""Takes whatever is posted and writes it down, a JSON line each: receiver.py PORT FILE STATUS [ANSWER [SECONDS]].
Each line also tells how many requests of its path were under way when it came; each takes so many seconds."""
import base64
import gzip
import http.server
import json
import sys
import threading
import time

PORT, FILE, STATUS = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
ANSWER = (sys.argv[4] if len(sys.argv) > 4 else "").encode()
SECONDS = float(sys.argv[5]) if len(sys.argv) > 5 else 0.0
LOCK, UNDER_WAY = threading.Lock(), {}


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        with LOCK:
            under_way = UNDER_WAY[self.path] = UNDER_WAY.get(self.path, 0) + 1
        try:
            self.take(under_way)
        finally:
            with LOCK:
                UNDER_WAY[self.path] -= 1

    def take(self, under_way):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        with open(FILE, "a", encoding="ascii") as notes:
            print(json.dumps({"path": self.path, "type": self.headers["Content-Type"], "under_way": under_way,
                              "body": base64.b64encode(body).decode()}), file=notes)
        time.sleep(SECONDS)
        self.send_response(STATUS)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Receiver).serve_forever()
