"""Compares what comes with what must come, byte by byte.

  integrity_client.py make FOLDER              some files of random sizes
  integrity_client.py bodies PORT SEED COUNT   through a proxy to integrity_server.py and back
  integrity_client.py files PORT SEED COUNT FOLDER
  integrity_client.py upgrade PORT SEED COUNT  another protocol through a proxy, both ways at once
Prints one line that is the same in every run, and what went wrong, if anything."""
import concurrent.futures
import hashlib
import os
import pathlib
import random
import socket
import sys
import threading

from blob import blob, pieces_of, size_of

BODY_MAX, FILES, THREADS = 2 << 20, 6, 4
OBSERVED = "libotel-auto.so" in os.environ.get("LD_PRELOAD", "")


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = self.socket.makefile("rb")

    def head(self):
        status = int(self.input.readline().split()[1])
        fields = {}
        while line := self.input.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            fields[name.lower()] = value.strip()
        return status, fields

    def body(self, fields):
        if fields.get("transfer-encoding") != "chunked":
            return self.input.read(int(fields.get("content-length") or 0))
        parts = []
        while size := int(self.input.readline(), 16):
            parts.append(self.input.read(size))
            self.input.readline()
        self.input.readline()
        return b"".join(parts)

    def close(self):
        self.input.close()
        self.socket.close()


def chunked(rng, data):
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in pieces_of(rng, data)) + b"0\r\n\r\n"


def exchange(connection, rng, number):
    """One request and its answer. Text: what is wrong."""
    data = blob(number, size_of(rng, BODY_MAX)) if rng.random() < 0.8 else b""
    size, seed = size_of(rng, BODY_MAX), rng.randrange(1 << 30)
    coded, expects = rng.random() < 0.4, rng.random() < 0.3
    method = rng.choice(("POST", "PUT")) if data else "GET"
    head = [f"{method} /body?seed={seed}&size={size}&chunked={rng.randrange(2)} HTTP/1.1", "Host: integrity"]
    head += [f"X-Pad-{pad}: {'x' * size_of(rng, 900)}" for pad in range(rng.randrange(4))]
    head += ["Transfer-Encoding: chunked" if coded else f"Content-Length: {len(data)}"] if data else []
    head += ["Expect: 100-continue"] if data and expects else []
    wire = "\r\n".join([*head, "", ""]).encode()
    if data and expects:
        connection.socket.sendall(wire)
        wire = b""
        status = connection.head()[0]
        if status != 100:
            return f"request {number}: {status} instead of 100"
    for part in pieces_of(rng, wire + (chunked(rng, data) if coded and data else data)):
        connection.socket.sendall(part)
    status, fields = connection.head()
    came = connection.body(fields)
    wrong = [] if status == 200 else [f"status {status}"]
    if (fields.get("x-sum"), fields.get("x-size")) != (hashlib.sha256(data).hexdigest(), str(len(data))):
        wrong.append(f"{len(data)} bytes went up, {fields.get('x-size')} arrived, sums differ")
    if hashlib.sha256(came).digest() != hashlib.sha256(blob(seed, size)).digest():
        wrong.append(f"{size} bytes were to come down, {len(came)} came, sums differ")
    if fields.get("x-contexts") != str(int(OBSERVED)):
        wrong.append(f"{fields.get('x-contexts')} headers of trace context")
    return f"request {number}: {', '.join(wrong)}" if wrong else None


def part_of(rng, size):
    first = rng.randrange(size)
    return first, min(size - 1, first + size_of(rng, size))


def one_file(connection, rng, number, folder):
    path = folder / f"file{rng.randrange(FILES)}.bin"
    whole = path.read_bytes()
    first, last = part_of(rng, len(whole))
    kind = rng.choice(("whole", "part", "end", "head"))
    ranged = {"part": f"Range: bytes={first}-{last}\r\n", "end": f"Range: bytes=-{last + 1}\r\n"}.get(kind, "")
    meant = {"whole": whole, "part": whole[first:last + 1], "end": whole[-last - 1:], "head": b""}[kind]
    request = f"{'HEAD' if kind == 'head' else 'GET'} /{path.name} HTTP/1.1\r\nHost: integrity\r\n{ranged}\r\n"
    connection.socket.sendall(request.encode())
    status, fields = connection.head()
    came = b"" if kind == "head" else connection.body(fields)
    if status not in (200, 206) or hashlib.sha256(came).digest() != hashlib.sha256(meant).digest():
        return f"request {number}: {kind} of {path.name}, status {status}, {len(came)} of {len(meant)} bytes"
    return None


def pipelined(connection, rng, number, folder):
    """Several requests in one piece; the answers come in order."""
    names = [f"file{rng.randrange(FILES)}.bin" for _ in range(rng.randrange(2, 12))]
    requests = (f"GET /{name} HTTP/1.1\r\nHost: integrity\r\n\r\n".encode() for name in names)
    connection.socket.sendall(b"".join(requests))
    for name in names:
        status, fields = connection.head()
        if status != 200 or connection.body(fields) != (folder / name).read_bytes():
            return f"request {number}: {name} in a row of {len(names)}, status {status}"
    return None


def tunnel(connection, rng, number):
    """Other bytes than HTTP, in both directions at once."""
    data = blob(number, size_of(rng, BODY_MAX) + 1)
    connection.socket.sendall(b"GET /chat HTTP/1.1\r\nHost: integrity\r\nConnection: Upgrade\r\n"
                              b"Upgrade: echo\r\n\r\n")
    if connection.head()[0] != 101:
        return f"tunnel {number}: no upgrade"

    def send():
        for part in pieces_of(random.Random(number), data):
            connection.socket.sendall(part)

    sender = threading.Thread(target=send)
    sender.start()
    came = connection.input.read(len(data))
    sender.join()
    return None if came == data else f"tunnel {number}: {len(came)} of {len(data)} bytes, or other ones"


def work(what, port, seed, count, folder):
    rng, wrong, connection = random.Random(seed), [], None
    for number in range(seed, seed + count):
        connection = connection or Connection(port)
        if what == "bodies":
            trouble = exchange(connection, rng, number)
        elif what == "upgrade":
            trouble = tunnel(connection, rng, number)
        else:
            trouble = (pipelined if rng.random() < 0.2 else one_file)(connection, rng, number, folder)
        wrong += [trouble] if trouble else []
        if trouble or what == "upgrade" or rng.random() < 0.1:
            connection.close()
            connection = None
    return wrong


def main():
    what = sys.argv[1]
    if what == "make":
        folder, rng = pathlib.Path(sys.argv[2]), random.Random(7)
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(FILES):
            size = size_of(rng, 1 << 20) + (1 << 19) * (number % 3) + 1
            (folder / f"file{number}.bin").write_bytes(blob(number, size))
        return 0
    port, seed, count = (int(text) for text in sys.argv[2:5])
    folder = pathlib.Path(sys.argv[5]) if what == "files" else None
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        done = list(pool.map(lambda index: work(what, port, seed + index * 1000, count, folder), range(THREADS)))
    wrong = [trouble for part in done for trouble in part]
    print(*wrong[:20], sep="\n", end="\n" if wrong else "")
    print(f"{what}: {THREADS * count} times, {len(wrong)} wrong")
    return 1 if wrong else 0


sys.exit(main())
