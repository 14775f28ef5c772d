"""Runs a command and passes its exit status on, or 99 if it took too long: took.py MILLISECONDS COMMAND..."""
import subprocess
import sys
import time

began = time.monotonic()
status = subprocess.run(sys.argv[2:], check=False).returncode
sys.exit(99 if (time.monotonic() - began) * 1000 > int(sys.argv[1]) else status)
