"""A threading server that asks http://127.0.0.1:UPSTREAM with the path it was asked for.

  caller.py PORT UPSTREAM [--copies] [--thread]

--copies: it passes trace headers on by itself. --thread: a new thread asks, for every request.
"""
import http.server
import sys
import threading
import urllib.request


def ask(request, answers):
    with urllib.request.urlopen(request, timeout=10) as answer:
        answers.append(answer.read())


class Caller(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        headers = {key: self.headers[key] for key in ("traceparent", "tracestate", "baggage")
                   if "--copies" in sys.argv and key in self.headers}
        request = urllib.request.Request(f"http://127.0.0.1:{sys.argv[2]}{self.path}", headers=headers)
        answers = []
        if "--thread" in sys.argv:
            thread = threading.Thread(target=ask, args=(request, answers))
            thread.start()
            thread.join()
        else:
            ask(request, answers)
        self.send_response(200)
        self.send_header("Content-Length", str(len(answers[0])))
        self.end_headers()
        self.wfile.write(answers[0])

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256


Server(("127.0.0.1", int(sys.argv[1])), Caller).serve_forever()
