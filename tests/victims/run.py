#!/usr/bin/env python3
"""Victims: each small program does one awkward thing and prints what it saw. It must do and see the
same bare, with the library switched off, and with the library at work, whatever exports.

  run.py [--build DIR] BIN...      ends with `N passed, N failed`

A victim exits 0 when it is content by itself; what it prints must not differ from run to run. Lines of
the comment at the top of its source: `ENV: NAME=value ...` is its environment in every mode;
`SANITIZED: no`: what it does cannot be done under a sanitizer's runtime; `address`, `thread`: but under this one's.
"""
import argparse
import difflib
import pathlib
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import harness  # noqa: E402
from harness import TOP, Failure, Shim, Workspace  # noqa: E402

SECONDS = 30
MODES = (
    ("bare", False, {}),
    ("off", True, {"OTEL_AUTO_DISABLED": "true"}),
    ("on", True, {}),
    ("none", True, {"OTEL_TRACES_EXPORTER": "none"}),
    ("deaf", True, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:{closed}", "OTEL_AUTO_EXIT_TIMEOUT": "200"}),
    ("tls", True, {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://127.0.0.1:{closed}", "OTEL_AUTO_EXIT_TIMEOUT": "200"}),
    ("console", True, {"OTEL_TRACES_EXPORTER": "console", "OTEL_AUTO_CONSOLE": "{dir}/console.json"}),
)


def head_of(name):
    return (TOP / f"tests/victims/{name}.c").read_text(encoding="utf-8").partition("*/")[0]


def own_environment(name):
    """What the head of the victim's source asks for."""
    return dict(pair.split("=", 1) for line in re.findall(r"ENV: (.*)", head_of(name)) for pair in line.split())


def can_run(shim, name):
    word = re.search(r"SANITIZED: (\w+)", head_of(name))
    return not (shim.runtime and word) or word[1] == ("thread" if shim.threads else "address")


def shown(work, name):
    """What it printed. The thread sanitizer changes errno where it looks at a race, those of tsan.supp as well."""
    text = work.text(name)
    return re.sub(r"errno \w+", "errno", text) if work.shim.threads else text


def run(work, binary, mode, shim, extra):
    name = f"{pathlib.Path(binary).name}-{mode}"
    extra = {**own_environment(pathlib.Path(binary).name), **extra}
    process = work.start(name, [str(TOP / binary)], work.environment("victim", extra, shim))
    try:
        status = process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        raise Failure(f"{mode}: did not end within {SECONDS} s") from None
    finally:
        work.stop(name)
    harness.raise_reports(work.folder)
    return status, shown(work, name + ".out"), work.text(name + ".err")


def judge(work, binary):
    bare = None
    for mode, shim, extra in MODES:
        result = run(work, binary, mode, shim, extra)
        if bare is None:
            bare = result
            if result[0] != 0:
                raise Failure(f"bare: exit status {result[0]}\n{result[1]}{result[2]}")
        for label, was, now in zip(("exit status", "stdout", "stderr"), bare, result):
            if was != now:
                raise Failure(f"{mode}: {label} differs\n" + "\n".join(difflib.unified_diff(
                    str(was).splitlines(), str(now).splitlines(), "bare", mode, lineterm="", n=2)))


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--build", default="build")
    parse.add_argument("binaries", nargs="*")
    args = parse.parse_intermixed_args()
    work = Workspace((TOP / args.build / "victims-run").resolve(), Shim(args.build))
    tally = harness.Tally("victim")
    work.choose_ports(["closed"])
    try:
        if args.binaries:
            work.start_collector(args.build)
        for binary in args.binaries:
            began, trouble = time.monotonic(), ""
            if not can_run(work.shim, pathlib.Path(binary).name):
                continue
            try:
                judge(work, binary)
            except Failure as failure:
                trouble = str(failure)
            tally.add(not trouble, f"{pathlib.Path(binary).name} ({time.monotonic() - began:.1f} s)", trouble)
    finally:
        work.stop_all()
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
