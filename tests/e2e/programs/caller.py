"""A threading server that asks http://127.0.0.1:UPSTREAM with the path it was asked for: caller.py PORT UPSTREAM."""
import http.server
import sys
import urllib.request


class Caller(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        headers = {key: self.headers[key] for key in ("traceparent", "tracestate", "baggage")
                   if "--copies" in sys.argv and key in self.headers}
        request = urllib.request.Request(f"http://127.0.0.1:{sys.argv[2]}{self.path}", headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            body = answer.read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256


Server(("127.0.0.1", int(sys.argv[1])), Caller).serve_forever()
