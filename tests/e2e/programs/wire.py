"""Ways to read and to write bytes on a socket, one per call that a program may use, and just enough
HTTP/1 to know where a message ends. Shared by wire_server.py and wire_client.py."""
import ctypes
import os
import select
import socket
import struct

LIBC = ctypes.CDLL(None, use_errno=True)


class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]


class Message(ctypes.Structure):  # struct mmsghdr
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint), ("iov", ctypes.POINTER(Iovec)),
                ("iovlen", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
                ("flags", ctypes.c_int), ("pad", ctypes.c_int), ("len", ctypes.c_uint)]


def messages(buffers):
    pieces = [Iovec(ctypes.addressof(buffer), len(buffer)) for buffer in buffers]
    made = (Message * len(buffers))()
    made.keep = buffers
    for one, piece in zip(made, pieces):
        one.iov, one.iovlen = ctypes.pointer(piece), 1
    return made


# ---- reading: each returns at most size bytes, b"" at the end -------------------------------------

def read_recvmmsg(sock, size):
    buffers = [ctypes.create_string_buffer(max(size // 2, 1)) for _ in range(2)]
    vector = messages(buffers)
    got = LIBC.recvmmsg(sock.fileno(), vector, 2, 0x10000, None)  # MSG_WAITFORONE
    if got < 0:
        raise OSError(ctypes.get_errno(), "recvmmsg")
    return b"".join(buffer.raw[:one.len] for buffer, one in list(zip(buffers, vector))[:got])


def read_readv(sock, size):
    parts = [bytearray(7), bytearray(max(size - 7, 1))]
    got = os.readv(sock.fileno(), parts)
    return b"".join(parts)[:got]


def read_peek(sock, size):
    peeked = sock.recv(size, socket.MSG_PEEK)
    sock.recv(size, socket.MSG_PEEK)
    return sock.recv(len(peeked)) if peeked else b""


def read_polled(sock, size):
    sock.setblocking(False)
    while True:
        try:
            return sock.recv(size)
        except BlockingIOError:
            poll = select.poll()
            poll.register(sock, select.POLLIN)
            poll.poll(5000)


def read_into(sock, size):
    buffer = bytearray(size)
    return bytes(buffer[:sock.recv_into(buffer)])


def body_by_splice(sock, count):
    """Reads count bytes of a body into a pipe; how many came."""
    out, into = os.pipe()
    left = count
    while left and (moved := os.splice(sock.fileno(), into, left)):
        os.read(out, moved)
        left -= moved
    os.close(out)
    os.close(into)
    return count - left


def body_unread(sock, count):
    """Has the kernel throw count bytes away (MSG_TRUNC); how many there were."""
    left = count
    while left and (gone := len(sock.recv(left, socket.MSG_TRUNC))):
        left -= gone
    return count - left


# A server that reads heads byte by byte, so that the body can be read in another way.
BODIES = {"splice": body_by_splice, "trunc": body_unread}

READERS = {
    **{name: lambda sock, size: sock.recv(1) for name in BODIES},
    "recv": lambda sock, size: sock.recv(size),
    "read": lambda sock, size: os.read(sock.fileno(), size),
    "recvfrom": lambda sock, size: sock.recvfrom(size)[0],
    "recvmsg": lambda sock, size: sock.recvmsg(size, 64)[0],
    "recv_into": read_into, "recvmmsg": read_recvmmsg, "readv": read_readv, "peek": read_peek, "polled": read_polled,
    "bytes": lambda sock, size: sock.recv(1),
    "some": lambda sock, size: sock.recv(100),
}


# ---- writing: each sends all of data ------------------------------------------------------------------

def pieces(data):
    return [data[:1], data[1:3], data[3:20], data[20:]]


def write_all(call, data):
    while data:
        data = data[call(data):]


def write_sendmmsg(sock, data):
    vector = messages([ctypes.create_string_buffer(part, len(part)) for part in (data[:30], data[30:]) if part])
    sent = LIBC.sendmmsg(sock.fileno(), vector, len(vector), socket.MSG_NOSIGNAL)
    if sent < 0:
        raise OSError(ctypes.get_errno(), "sendmmsg")
    done = sum(one.len for one in vector[:sent])
    if done < len(data):
        sock.sendall(data[done:])


def write_file(sock, data):
    """The head by send, the body by sendfile."""
    head, _, body = data.partition(b"\r\n\r\n")
    sock.sendall(head + b"\r\n\r\n")
    fd = os.memfd_create("body")
    os.write(fd, body)
    at = 0
    while at < len(body):
        at += os.sendfile(sock.fileno(), fd, at, len(body) - at)
    os.close(fd)


def write_splice(sock, data):
    """The head by send, the body by splice out of a pipe."""
    head, _, body = data.partition(b"\r\n\r\n")
    sock.sendall(head + b"\r\n\r\n")
    out, into = os.pipe()
    while body:
        done = os.write(into, body[:4096])
        body = body[done:]
        while done:
            done -= os.splice(out, sock.fileno(), done)
    os.close(out)
    os.close(into)


def write_bytes(sock, data):
    for at in range(len(data)):
        sock.sendall(data[at:at + 1])


def write_halves(sock, data):
    sock.sendall(data[:25])
    sock.sendall(data[25:])


def write_head_first(sock, data):
    head, _, body = data.partition(b"\r\n\r\n")
    sock.sendall(head + b"\r\n\r\n")
    if body:
        sock.sendall(body)


WRITERS = {
    "sendall": lambda sock, data: sock.sendall(data),
    "write": lambda sock, data: write_all(lambda rest: os.write(sock.fileno(), rest), data),
    "writev": lambda sock, data: write_all(lambda rest: os.writev(sock.fileno(), pieces(rest)), data),
    "sendmsg": lambda sock, data: write_all(lambda rest: sock.sendmsg(pieces(rest)), data),
    "sendmmsg": write_sendmmsg, "sendfile": write_file, "splice": write_splice, "bytes": write_bytes,
    "halves": write_halves, "head-first": write_head_first,
}


# ---- messages -----------------------------------------------------------------------------------------

class Input:
    """Bytes of a socket, read in one way."""

    def __init__(self, sock, how, size=65536):
        self.sock, self.how, self.size, self.rest = sock, READERS[how], size, b""

    def more(self):
        data = self.how(self.sock, self.size)
        self.rest += data
        return bool(data)

    def until(self, mark):
        """The bytes up to and with mark, or what there was when the peer stopped."""
        while mark not in self.rest and self.more():
            pass
        at = self.rest.find(mark)
        return self.take(at + len(mark) if at >= 0 else len(self.rest))

    def take(self, count):
        while len(self.rest) < count and self.more():
            pass
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def all(self):
        while self.more():
            pass
        return self.take(len(self.rest))

    def chunks(self):
        body = b""
        while (line := self.until(b"\r\n")) and (size := int(line.split(b";")[0], 16)):
            body += self.take(size)
            self.until(b"\r\n")
        while self.until(b"\r\n") not in (b"\r\n", b""):
            pass
        return body

    def head(self):
        """The start line and the fields, names in lower case; (b"", {}) at the end."""
        lines = self.until(b"\r\n\r\n").split(b"\r\n")
        fields = dict(line.split(b": ", 1) for line in lines[1:] if b": " in line)
        return lines[0], {name.lower(): value for name, value in fields.items()}


def connect(target):
    """A port of 127.0.0.1, or the path of a local socket."""
    if "/" in target:
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(target)
        return sock
    return socket.create_connection(("127.0.0.1", int(target)))


def listen(target):
    sock = socket.socket(socket.AF_UNIX if "/" in target else socket.AF_INET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(target if "/" in target else ("127.0.0.1", int(target)))
    sock.listen(64)
    return sock


def reset(sock):
    """Closes with RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
