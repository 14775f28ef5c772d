"""A client that writes in one given way: wire_client.py TARGET WRITER [OPTION...] PATH...

TARGET is a port or a local path. Each PATH may be METHOD:PATH. One line is printed per answer: status,
length of the body, and the body if it is short text.

  --read HOW        how answers are read (wire.READERS)     --new        a connection per request
  --body N          each request has N bytes                --chunked    ... in chunks
  --field LINE      one more header line                    --pipeline   all requests in one write
  --expect          waits for 100 before the body           --leave      closes before the answer is read
  --version 1.0     HTTP's version                          --rest TEXT  sent after the last answer, echo printed
"""
import argparse
import socket
import sys

import wire

parse = argparse.ArgumentParser()
parse.add_argument("target")
parse.add_argument("writer", choices=wire.WRITERS)
parse.add_argument("--read", default="recv", choices=wire.READERS)
parse.add_argument("--body", type=int, default=-1)
parse.add_argument("--field", action="append", default=[])
parse.add_argument("--version", default="1.1")
parse.add_argument("--rest", default="")
for flag in ("new", "chunked", "pipeline", "expect", "leave"):
    parse.add_argument(f"--{flag}", action="store_true")
parse.add_argument("paths", nargs="+")
args = parse.parse_intermixed_args()
HOST = f"127.0.0.1:{args.target}" if args.target.isdigit() else "local.test"


def split(path):
    return path.split(":", 1) if ":" in path else ("GET" if args.body < 0 else "POST", path)


def body_bytes():
    return bytes(97 + at % 26 for at in range(max(args.body, 0)))


def chunked(body):
    parts = [body[at:at + 1000] for at in range(0, len(body), 1000)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def request(path):
    method, target = split(path)
    lines = [f"{method} {target} HTTP/{args.version}", f"Host: {HOST}", *args.field]
    body = body_bytes()
    if args.body >= 0:
        lines.append("Transfer-Encoding: chunked" if args.chunked else f"Content-Length: {len(body)}")
    if args.expect:
        lines.append("Expect: 100-continue")
    if args.new:
        lines.append("Connection: close")
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return head, chunked(body) if args.chunked else body


def send(sock, path, read):
    head, body = request(path)
    if not args.expect:
        wire.WRITERS[args.writer](sock, head + body)
        return
    wire.WRITERS[args.writer](sock, head)
    line, _ = read.head()
    print(line.decode())
    sock.sendall(body)


def show(path, read):
    line, fields = read.head()
    while line.startswith(b"HTTP/1.1 1") and b" 101 " not in line:
        print(line.decode())
        line, fields = read.head()
    status = int(line.split(b" ")[1]) if line else 0
    if status in (0, 101, 204, 304) or split(path)[0] == "HEAD":
        body = b""
    elif fields.get(b"transfer-encoding") == b"chunked":
        body = read.chunks()
    elif b"content-length" in fields:
        body = read.take(int(fields[b"content-length"]))
    else:
        body = read.all()
    print(status, len(body), body.decode().strip() if len(body) < 80 else "")


def ask(sock, paths):
    read = wire.Input(sock, args.read)
    if args.pipeline:
        wire.WRITERS[args.writer](sock, b"".join(b"".join(request(path)) for path in paths))
    for path in paths:
        if not args.pipeline:
            send(sock, path, read)
        if args.leave:
            return
        show(path, read)
    if args.rest:
        sock.sendall(args.rest.encode())
        print(read.take(len(args.rest)).decode())


def run(paths):
    sock = wire.connect(args.target)
    try:
        ask(sock, paths)
        if args.leave:
            sock.settimeout(0.05)
            try:
                sock.recv(1, socket.MSG_PEEK)
            except OSError:
                pass
    except OSError as error:
        print(error.strerror)
    sock.close()


for some in [[path] for path in args.paths] if args.new else [args.paths]:
    run(some)
sys.stdout.flush()
