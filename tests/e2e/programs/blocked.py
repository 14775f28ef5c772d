"""Blocks every signal for good, then asks: blocked.py URL."""
import signal
import sys
import urllib.request

signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
with urllib.request.urlopen(sys.argv[1], timeout=5) as answer:
    sys.stdout.write(answer.read().decode())
