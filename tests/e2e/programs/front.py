"""A threading server: GET anything asks http://127.0.0.1:PORT/hello.txt and passes the answer on."""
import http.client
import http.server
import sys


class Front(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        upstream = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]), timeout=5)
        upstream.request("GET", "/hello.txt")
        body = upstream.getresponse().read()
        upstream.close()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Front).serve_forever()
