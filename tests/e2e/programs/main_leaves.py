"""A process whose first thread leaves; another one goes on, and the process ends with it: main_leaves.py PORT."""
import ctypes
import http.client
import ssl
import sys
import threading
import time

ssl.create_default_context()


def ask():
    time.sleep(0.2)
    link = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
    link.request("GET", "/one")
    link.getresponse().read()


threading.Thread(target=ask).start()
ctypes.CDLL(None).pthread_exit(None)
