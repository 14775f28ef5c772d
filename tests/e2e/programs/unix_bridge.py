"""Hands on between a UNIX socket and 127.0.0.1: unix_bridge.py PATH PORT READY. Listens on READY when it is there."""
import os
import socket
import sys
import threading


def hand_on(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def main():
    path, port, ready = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if os.path.exists(path):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    mark = socket.create_server(("127.0.0.1", ready))
    while mark:
        near, _ = listener.accept()
        far = socket.create_connection(("127.0.0.1", port))
        for pair in ((near, far), (far, near)):
            threading.Thread(target=hand_on, args=pair, daemon=True).start()


main()
