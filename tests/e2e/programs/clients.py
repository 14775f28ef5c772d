"""Fetches URLs by one of Python's ways and prints the bodies: clients.py WAY URL..."""
import http.client
import socket
import sys
import urllib.parse
import urllib.request


def by_urllib(urls):
    for url in urls:
        with urllib.request.urlopen(url, timeout=5) as answer:
            yield answer.read()


def by_keep_alive(urls):
    """All of them on one connection."""
    parts = [urllib.parse.urlsplit(url) for url in urls]
    connection = http.client.HTTPConnection(parts[0].netloc, timeout=5)
    for part in parts:
        connection.request("GET", part.path, headers={"Accept": "*/*"})
        yield connection.getresponse().read()
    connection.close()


def by_chunks(urls):
    """A POST whose length is not known before."""
    for url in urls:
        part = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(part.netloc, timeout=5)
        connection.request("POST", part.path, body=(b"x" * n for n in (1, 200, 70000)), encode_chunked=True,
                           headers={"Transfer-Encoding": "chunked"})
        yield connection.getresponse().read()
        connection.close()


def by_bytes(urls):
    """A head that leaves byte by byte."""
    for url in urls:
        part = urllib.parse.urlsplit(url)
        with socket.create_connection((part.hostname, part.port), timeout=5) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in f"GET {part.path} HTTP/1.1\r\nHost: {part.netloc}\r\nConnection: close\r\n\r\n".encode():
                connection.sendall(bytes([byte]))
            answer = b""
            while data := connection.recv(65536):
                answer += data
            yield answer.split(b"\r\n\r\n", 1)[1]


def main():
    ways = {"urllib": by_urllib, "keep-alive": by_keep_alive, "chunks": by_chunks, "bytes": by_bytes}
    for body in ways[sys.argv[1]](sys.argv[2:]):
        sys.stdout.write(body.decode())


main()
