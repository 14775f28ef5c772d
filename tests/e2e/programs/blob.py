"""Bodies that are hard to carry: random bytes, and text that looks like requests and headers."""
import random

PIECES = (b"GET /inner HTTP/1.1\r\nHost: inner\r\n\r\n", b"\r\n\r\n", b"\n\n", b"0\r\n\r\n", b"\r\ntraceparent: ",
          b"traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n", b"\r\nbaggage: a=b\r\n\r\n",
          b"POST /inner HTTP/1.1\r\nContent-Length: 5\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def blob(seed, size):
    """The same size bytes for the same seed, wherever they are made."""
    rng, parts, have = random.Random(seed), [], 0
    while have < size:
        part = rng.choice(PIECES) if rng.random() < 0.5 else rng.randbytes(rng.randrange(1, 4000))
        parts.append(part)
        have += len(part)
    return b"".join(parts)[:size]


def size_of(rng, most):
    """Mostly small, sometimes as large as may be."""
    return rng.randrange(0, min(most, 1 << rng.randrange(1, most.bit_length() + 1)) + 1)


def pieces_of(rng, data):
    """Cuts data anywhere."""
    while data:
        size = min(len(data), size_of(rng, 100000) + 1)
        yield data[:size]
        data = data[size:]
