#!/usr/bin/env python3
"""Byte exactness: what programs send and receive under the library, byte by byte, with a layer of chaos
below it and without.

  run.py [--build DIR] [NAME...]      ends with `N passed, N failed`

EXACT_SEED and EXACT_REQUESTS change the seed of the first run (each further one takes the next) and the
number of requests of every run. A run is repeated alone by its name and its seed.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from harness import OURS, TOP, Shim, Tally  # noqa: E402

SECONDS = 150
SUMMARY = re.compile(r"^exact: (\d+) requests, (\d+) corrupted, (\d+) doubled, (\d+) missing$", re.M)
PARENT = {"TRACEPARENT": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
          "TRACESTATE": "vendor=value,other=x", "BAGGAGE": "key=value,k2=v2;p=q"}
NOTHING = {"OTEL_PROPAGATORS": "none"}
CONSOLE = {"OTEL_TRACES_EXPORTER": "console", "OTEL_AUTO_CONSOLE": "/dev/null"}

# Name, way, requests, chaos, options, environment.
RUNS = (
    ("out", "out", 10000, True, (), {}),
    ("out-calm", "out", 2000, False, (), {}),
    ("out-lists", "out", 2000, True, (), PARENT),
    ("out-disabled", "out", 1000, True, (), {**PARENT, "OTEL_SDK_DISABLED": "true"}),
    ("out-none", "out", 1000, True, ("--nothing",), NOTHING),
    ("in", "in", 10000, True, (), {}),
    ("in-calm", "in", 2000, False, (), {}),
    ("in-none", "in", 1000, True, ("--nothing",), NOTHING),
    ("in-untagged", "in", 1000, True, ("--nothing",), {"OTEL_AUTO_INGRESS_TAG": "false"}),
    ("proxy", "proxy", 10000, True, (), {}),
    ("proxy-calm", "proxy", 2000, False, (), CONSOLE),
    ("proxy-untagged", "proxy", 1000, True, (), {"OTEL_AUTO_INGRESS_TAG": "false"}),
    ("proxy-none", "proxy", 1000, True, ("--nothing",), NOTHING),
    ("proxy-threads", "proxy", 4000, True, ("--threads",), CONSOLE),
)


def environment(extra):
    env = {key: value for key, value in os.environ.items() if not OURS.match(key) and not key.startswith("EXACT_")}
    return {**env, "LC_ALL": "C", "OTEL_TRACES_EXPORTER": "none", "OTEL_SERVICE_NAME": "exact", **extra}


def run(build, shim, seed, requests, row):
    """(fine, what was printed)"""
    _, way, own_requests, chaos, options, extra = row
    sanitizers = shim.environment(build) if shim.runtime else {}
    preload = [shim.preload, *([str(build / "support/libchaos.so")] if chaos else [])]
    command = [str(build / "exact/exact"), "--way", way, "--seed", str(seed), "--requests",
               str(requests or own_requests), "--preload", ":".join(preload), *options]
    sanitizers.pop("LD_PRELOAD", None)
    try:
        done = subprocess.run(command, cwd=TOP, env=environment({**sanitizers, **extra}), timeout=SECONDS,
                              check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired as slow:
        return False, (slow.stdout or b"").decode(errors="replace") + "killed: took too long\n"
    return done.returncode == 0, done.stdout.decode(errors="replace")


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--build", default="build")
    parse.add_argument("names", nargs="*")
    args = parse.parse_intermixed_args()
    build, shim = (TOP / args.build).resolve(), Shim(args.build)
    first_seed, requests = int(os.environ.get("EXACT_SEED") or 1), int(os.environ.get("EXACT_REQUESTS") or 0)
    tally = Tally("exact")
    sums = [0, 0, 0, 0]
    rows = [row for row in RUNS if not args.names or row[0] in args.names]
    for index, row in enumerate(rows):
        began = time.monotonic()
        fine, text = run(build, shim, first_seed + index, requests, row)
        found = SUMMARY.search(text)
        sums = [total + int(part) for total, part in zip(sums, found.groups() if found else (0, 0, 0, 0))]
        counts = found[0].split(": ", 1)[1] if found else "no result"
        tally.add(fine, f"{row[0]}, seed {first_seed + index}: {counts} ({time.monotonic() - began:.1f} s)",
                  "" if fine else "\n".join(text.splitlines()[-60:]))
    print("exact: {} requests, {} corrupted, {} doubled, {} missing".format(*sums))
    return tally.end() or not tally.passed


if __name__ == "__main__":
    sys.exit(main())
