"""A server that reads in one given way and answers as the path says.

  wire_server.py LISTEN [READER [WRITER [UPSTREAM]]]     LISTEN: a port, a local path, or PORT,PATH

  /status/N     N, with a body where N allows one        /echo        the length and digest of the body
  /chunked      chunked, with a trailer                  /close       a body until the end of the connection
  /short        fewer bytes than announced               /cut         a chunked body without an end
  /reset        half an answer, then RST                 /reset-early RST without an answer
  /mute         the end, without an answer               /slow        after 300 ms
  /hints        103, then 200                            /upgrade     101, then an echo of bytes
  /flood        five megabytes, slowly                   /count       the length of the body
  /early        an answer before the body is read        /ask/PATH    asks UPSTREAM for /PATH, answers as it does
  /chain/N      asks itself for /chain/N-1
"""
import hashlib
import http.client
import sys
import threading
import time

import wire

LISTEN, READER, WRITER, UPSTREAM = (sys.argv[1:] + ["recv", "sendall", ""][len(sys.argv) - 2:])[:4]
WORDS = {101: "Switching Protocols", 103: "Early Hints", 203: "Non-Authoritative Information", 204: "No Content",
         304: "Not Modified", 404: "Not Found", 500: "Internal Server Error"}


def message(status, body=b"", *fields, length=True):
    lines = [f"HTTP/1.1 {status} {WORDS.get(status, 'OK')}", *fields]
    if length and status >= 200 and status not in (204, 304):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def asked(where, path):
    upstream = http.client.HTTPConnection(where, timeout=5)
    upstream.request("GET", path)
    answer = upstream.getresponse()
    body = answer.read()
    upstream.close()
    return message(answer.status, body)


class Connection:
    def __init__(self, sock):
        self.sock, self.input = sock, wire.Input(sock, READER)

    def send(self, data):
        wire.WRITERS[WRITER](self.sock, data)

    def body(self, fields):
        if fields.get(b"expect") == b"100-continue":
            self.send(message(100))
        if fields.get(b"transfer-encoding") == b"chunked":
            return self.input.chunks()
        length = int(fields.get(b"content-length", 0))
        if READER in wire.BODIES:
            return b"?" * wire.BODIES[READER](self.sock, length)
        return self.input.take(length)

    def answer(self, method, path, fields):
        """False: the connection is over."""
        kind, _, rest = path.partition("?")[0][1:].partition("/")
        if kind == "early":
            self.send(message(413, b"early"))
            return False
        body = self.body(fields)
        if kind in ("reset", "reset-early"):
            if kind == "reset":
                self.send(message(200, b"x" * 100)[:-50])
                time.sleep(0.1)
            wire.reset(self.sock)
            return False
        if kind == "mute":
            return False
        if kind == "slow":
            time.sleep(0.3)
        answers = {
            "status": lambda: message(int(rest), b"ok" if int(rest) not in (204, 304) else b""),
            "chunked": lambda: message(200, b"5\r\nhello\r\n6;x=1\r\n world\r\n0\r\nTrailer: 1\r\n\r\n",
                                       "Transfer-Encoding: chunked", "Trailer: Trailer", length=False),
            "close": lambda: message(200, b"until the end", "Connection: close", length=False),
            "short": lambda: message(200, b"x" * 100)[:-90],
            "cut": lambda: message(200, b"5\r\nhello\r\n", "Transfer-Encoding: chunked", length=False),
            "hints": lambda: message(103, b"", "Link: </a>") + message(200, b"after hints"),
            "upgrade": lambda: message(101, b"", "Connection: upgrade", "Upgrade: echo"),
            "ask": lambda: asked(f"localhost:{UPSTREAM}", "/" + rest),
            "chain": lambda: asked(f"127.0.0.1:{LISTEN}", f"/chain/{int(rest) - 1}") if int(rest) else message(200),
            "count": lambda: message(200, b"%d" % len(body)),
            "echo": lambda: message(200, f"{len(body)} {hashlib.md5(body).hexdigest()}\n".encode()),
        }
        if kind == "flood":
            self.send(message(200, b"x" * 5000000)[:100000])
            for _ in range(49):
                time.sleep(0.01)
                self.send(b"x" * 100000)
        data = answers.get(kind, lambda: message(200, b"hello"))()
        self.send(data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if method == "HEAD" else data)
        if kind == "upgrade":
            while echoed := self.input.take(1):
                self.sock.sendall(echoed)
        return kind not in ("close", "short", "cut", "upgrade") and fields.get(b"connection") != b"close"

    def run(self):
        try:
            while True:
                line, fields = self.input.head()
                if not line:
                    break
                method, path, _ = line.decode().split(" ")
                if not self.answer(method, path, fields):
                    break
        except (OSError, ValueError):
            pass
        self.sock.close()


def serve(listener):
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=Connection(sock).run, daemon=True).start()


if __name__ == "__main__":
    where = LISTEN.split(",")
    for extra in where[1:]:
        threading.Thread(target=serve, args=(wire.listen(extra),), daemon=True).start()
    serve(wire.listen(where[0]))
