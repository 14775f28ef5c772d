"""every_allocation.py NTH.so SHIM PROGRAM...: the program with every allocation granted, then again and again with the k-th one
refused, for every k, for the FIRST of them, or for RUNS of them from the first to the last. Its status and output stay as they are bare, and
each run comes to its k-th allocation; the first that does not is told. With SCRAPES=port the program waits for the end of its
input, which comes when that port has been asked for metrics, or does not answer."""
import os
import socket
import subprocess
import sys
import time

nth, shim, program = sys.argv[1], sys.argv[2], sys.argv[3:]
count = os.path.abspath("nth.count")
SECONDS, PATIENCE, TRIES = 15, 0.3, 10  # of one run; to wait for the port; until a run comes to its k-th


def scrape(process, port):
    """Asks until something answers, the time is up or the program has ended."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
                connection.settimeout(PATIENCE)
                connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                while connection.recv(65536):
                    pass
                return
        except OSError:
            time.sleep(0.01)


def run(fails):
    env = {**os.environ, "LD_PRELOAD": f"{nth}:{shim}", "NTH_FAILS": str(fails), "NTH_COUNT": count}
    if fails < 0:
        env.pop("LD_PRELOAD")
    with subprocess.Popen(program, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        if fails >= 0 and "SCRAPES" in os.environ:
            scrape(process, int(os.environ["SCRAPES"]))
        out = process.communicate(timeout=SECONDS)[0].decode()
    return process.returncode, "\n".join(line for line in out.splitlines() if not line.startswith("Date:"))


def counted():
    """(allocations, how many were refused) of the last run"""
    with open(count, encoding="ascii") as file:
        return tuple(map(int, file.read().splitlines()[-1].split()))


def reaches(k, bare):
    """How many there are differs a little from run to run: a few tries for the last ones."""
    for _ in range(TRIES):
        now = run(k)
        if now != bare:
            sys.exit(f"with allocation {k} refused: {now}, bare: {bare}")
        if counted()[1]:
            return True
    return False


bare, total = run(-1), None
for _ in range(5):
    plain = run(0)
    if plain != bare or counted()[0] < 5 or counted()[1]:
        sys.exit(f"without a failure: {plain}, bare: {bare}; {counted()} allocations")
    total = min(counted()[0], total or counted()[0])
total = min(total, int(os.environ.get("FIRST", total)))
runs = min(total, int(os.environ.get("RUNS", total)))
for i in range(runs):
    k = 1 + (i * (total - 1) // (runs - 1) if runs > 1 else 0)
    if not reaches(k, bare):
        sys.exit(f"allocation {k} of {total} was never come to in {TRIES} runs")
print("every one of them" if runs == total else "one of each part")
print(f"{runs} of {total}", file=sys.stderr)
