"""Threads that are still at work when the interpreter ends: the next time they ask for its lock they leave by pthread_exit."""
import socket
import threading

ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)


def answer():
    while True:
        theirs.recv(10)
        theirs.send(b"x")


for _ in range(4):
    threading.Thread(target=answer, daemon=True).start()
for _ in range(20):
    ours.send(b"1")
    ours.recv(10)
for _ in range(4):
    ours.send(b"1")
