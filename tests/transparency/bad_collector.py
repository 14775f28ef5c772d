"""A collector that is no help: bad_collector.py PORT HOW.

  slow   answers after two seconds          mute  accepts and never answers
  hole   never accepts: what comes after the first connections gets no answer at all
  rude   accepts and closes                 busy  answers 503 with Retry-After
"""
import socket
import sys
import threading
import time

SECONDS_MAX = 120
ANSWERS = {"slow": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
           "busy": b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"}


def serve(connection, how):
    with connection:
        if how != "rude":
            while connection.recv(65536):
                time.sleep(2 if how == "slow" else 0)
                if how in ANSWERS:
                    connection.sendall(ANSWERS[how])


def main():
    port, how = int(sys.argv[1]), sys.argv[2]
    threading.Timer(SECONDS_MAX, sys.exit).start()
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(0 if how == "hole" else 64)
        waiting = []
        while how == "hole":
            # The queue is full of our own: the kernel drops what comes.
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
            waiting.append(one)
            time.sleep(0.2 if len(waiting) > 3 else 0)
            if len(waiting) > 8:
                time.sleep(SECONDS_MAX)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=lambda one=connection: serve(one, how), daemon=True).start()


main()
