"""Asks, tries to become a program that is not there, asks again, and becomes curl: exec_after.py URL."""
import os
import sys
import urllib.request


def ask(path):
    with urllib.request.urlopen(sys.argv[1] + path, timeout=5) as answer:
        sys.stdout.write(answer.read().decode())
    sys.stdout.flush()


ask("/first")
try:
    os.execv("/no/such/program", ["no"])
except FileNotFoundError as error:
    print(error.errno, flush=True)
ask("/second")
os.execvp("curl", ["curl", "-s", sys.argv[1] + "/third"])
