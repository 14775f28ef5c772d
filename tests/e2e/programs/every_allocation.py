"""every_allocation.py NTH.so SHIM PROGRAM...: the program once with every allocation of the SDK object, then again and again with
the k-th one refused, for every k. Its status and output stay as they are bare; the first difference is printed."""
import os
import subprocess
import sys

nth, shim, program = sys.argv[1], sys.argv[2], sys.argv[3:]
count = os.path.abspath("nth.count")


def run(fails):
    env = {**os.environ, "LD_PRELOAD": f"{nth}:{shim}", "NTH_FAILS": str(fails), "NTH_COUNT": count}
    if fails < 0:
        env.pop("LD_PRELOAD")
    done = subprocess.run(program, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=15, check=False)
    return done.returncode, "\n".join(line for line in done.stdout.decode().splitlines() if not line.startswith("Date:"))


def allocations():
    with open(count, encoding="ascii") as file:
        return int(file.read().split()[-1])


bare, plain = run(-1), run(0)
total = allocations()
if plain != bare or total < 10:
    sys.exit(f"without a failure: {plain}, bare: {bare}; {total} allocations")
for k in range(1, total + 4):
    now = run(k)
    if now != bare:
        sys.exit(f"with allocation {k} of {total} refused: {now}, bare: {bare}")
print("every one of them" if total < 100000 else "too many")
