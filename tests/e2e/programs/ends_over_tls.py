"""Ends while an export over TLS waits for the peer's greeting: ends_over_tls.py PORT. It comes when OpenSSL's exit handler
has run and a slow one has not: nobody may be there to answer it."""
import ctypes
import sys
import time

C = ctypes.CDLL(None)
C.__cxa_atexit(C.usleep, ctypes.c_void_p(500000), None)  # handlers run in reverse order

import http.client  # noqa: E402
import ssl  # noqa: E402

ssl.create_default_context()
link = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
link.request("GET", "/one")
link.getresponse().read()
time.sleep(0.15)
