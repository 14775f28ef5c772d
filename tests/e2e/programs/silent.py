"""Accepts connections and never answers."""
import socket
import sys

with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    kept = []
    while True:
        kept.append(listener.accept())
