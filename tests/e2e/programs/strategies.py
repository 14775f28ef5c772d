"""A server of sampling strategies (Jaeger's): JSON by HTTP/1.1 and gRPC by HTTP/2 without TLS, on one port.

  strategies.py PORT FILE LOG

FILE is read at each question and holds the answer in JSON; a word instead makes it misbehave: `away` (closes),
`refuse` (status 503, UNAVAILABLE), `garbage`, `mute` (never answers). Without FILE it refuses. LOG gets a line a question: how,
and which service was asked for.
"""
import json
import os
import socket
import struct
import sys
import threading
import time
import urllib.parse

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, PING = 0, 1, 4, 6
END_STREAM, ACK, END_HEADERS = 1, 1, 4
METHOD = "/jaeger.api_v2.SamplingManager/GetSamplingStrategy"


def wanted():
    try:
        with open(sys.argv[2], encoding="utf-8") as file:
            return file.read().strip()
    except FileNotFoundError:
        return "refuse"


def note(*words):
    with open(sys.argv[3], "a", encoding="utf-8") as log:
        log.write(" ".join(words) + "\n")


def field(number, kind, value):
    return bytes([number << 3 | kind]) + value


def varint(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def message(number, value):
    return field(number, 2, varint(len(value)) + value)


def double(number, value):
    return field(number, 1, struct.pack("<d", value))


def share(number, strategy):
    return message(number, double(1, strategy["samplingRate"]))


def packed(strategy):
    """The answer as a message of jaeger.api_v2."""
    out = b""
    if "probabilisticSampling" in strategy:
        out += share(2, strategy["probabilisticSampling"])
    if "rateLimitingSampling" in strategy:
        out += field(1, 0, b"\x01") + message(3, field(1, 0, varint(strategy["rateLimitingSampling"]["maxTracesPerSecond"])))
    if "operationSampling" in strategy:
        given = strategy["operationSampling"]
        listed = b"".join(message(3, message(1, one["operation"].encode()) + share(2, one["probabilisticSampling"]))
                          for one in given["perOperationStrategies"])
        out += message(4, double(1, given["defaultSamplingProbability"]) +
                       double(2, given["defaultLowerBoundTracesPerSecond"]) + listed)
    return out


class Gone(Exception):
    """The connection is to be closed."""


class Connection:
    def __init__(self, sock):
        self.sock, self.buffer = sock, b""

    def read(self, count):
        while len(self.buffer) < count:
            more = self.sock.recv(65536)
            if not more:
                raise Gone
            self.buffer += more
        out, self.buffer = self.buffer[:count], self.buffer[count:]
        return out

    def peek(self, count):
        out = self.read(count)
        self.buffer = out + self.buffer
        return out

    def serve(self):
        try:
            if self.peek(3) == b"PRI":
                self.serve_http2()
            else:
                self.serve_http1()
        except (Gone, OSError):
            pass
        self.sock.close()

    def misbehaves(self, word):
        if word == "mute":
            time.sleep(60)
        if word in ("away", "mute"):
            raise Gone

    def serve_http1(self):
        while True:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += self.read(1)
            target = urllib.parse.urlsplit(head.split()[1].decode())
            note("http", target.path, urllib.parse.parse_qs(target.query)["service"][0])
            answer = wanted()
            self.misbehaves(answer)
            status = b"503 Service Unavailable" if answer == "refuse" else b"200 OK"
            self.sock.sendall(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(answer), answer.encode()))

    def frame(self, kind, flags, stream, payload=b""):
        self.sock.sendall(struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload)

    def fields(self, stream, flags, *pairs):
        block = b"".join(b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value for name, value in pairs)
        self.frame(HEADERS, flags | END_HEADERS, stream, block)

    def serve_http2(self):
        bodies = {}
        assert self.read(len(PREFACE)) == PREFACE
        self.frame(SETTINGS, 0, 0)
        while True:
            head = self.read(9)
            payload = self.read(int.from_bytes(head[:3], "big"))
            kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
            if kind in (SETTINGS, PING) and not flags & ACK:
                self.frame(kind, ACK, 0, b"" if kind == SETTINGS else payload)
            if kind == DATA:
                bodies[stream] = bodies.get(stream, b"") + payload
            if kind in (DATA, HEADERS) and flags & END_STREAM:
                self.answer(stream, bodies.pop(stream, b""))

    def answer(self, stream, body):
        # Prefix, field 1, its length: names in these tests are short.
        note("grpc", METHOD, body[7:].decode())
        answer = wanted()
        self.misbehaves(answer)
        start = (b":status", b"200"), (b"content-type", b"application/grpc")
        if answer == "refuse":
            self.fields(stream, END_STREAM, *start, (b"grpc-status", b"14"))
            return
        reply = b"\xff" * 7 if answer == "garbage" else packed(json.loads(answer))
        self.fields(stream, 0, *start)
        self.frame(DATA, 0, stream, b"\0" + struct.pack(">I", len(reply)) + reply)
        self.fields(stream, END_STREAM, (b"grpc-status", b"0"))


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
threading.Timer(120, os._exit, (0,)).start()
while True:
    threading.Thread(target=Connection(listener.accept()[0]).serve, daemon=True).start()
