"""A threading server that says something in each request, by the way that the path names: says.py PORT."""
import http.server
import logging
import os
import sys
import syslog

WAYS = {
    "/syslog": lambda: syslog.syslog(syslog.LOG_ERR | syslog.LOG_MAIL, "by syslog"),
    "/logging": lambda: logging.warning("by %s", "logging"),
    "/print": lambda: print("by print\nin two lines", flush=True),
    "/write": lambda: (os.write(1, b"by "), os.write(1, b"write\r\n")),
}


class Says(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        WAYS[self.path]()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(message)s")
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Says).serve_forever()
