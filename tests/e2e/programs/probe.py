"""A threading server that writes down what reached it, and answers with one line.

  probe.py PORT FILE [--slow]

FILE gets one JSON line per request: method, target, version, headers (pairs, in order, as they came),
body length and digest. --slow: each answer takes up to 20 ms. Any method, HTTP/1.0 and 1.1, keep-alive.
"""
import hashlib
import http.server
import json
import random
import sys
import threading
import time

LOCK = threading.Lock()
LOG = open(sys.argv[2], "a", encoding="utf-8", buffering=1)
SLOW = "--slow" in sys.argv


class Probe(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def body(self):
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def answer(self):
        body = self.body()
        line = json.dumps({"method": self.command, "target": self.path, "version": self.request_version,
                           "headers": self.headers.items(), "bytes": len(body),
                           "digest": hashlib.md5(body).hexdigest()})
        with LOCK:
            LOG.write(line + "\n")
        if SLOW:
            time.sleep(random.uniform(0, 0.02))
        text = f"{self.command} {self.path} {len(body)}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer

    def date_time_string(self, timestamp=None):
        return "Thu, 01 Jan 1970 00:00:00 GMT"

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256


Server(("127.0.0.1", int(sys.argv[1])), Probe).serve_forever()
