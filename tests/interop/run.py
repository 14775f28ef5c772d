#!/usr/bin/env python3
"""make interop: programs under the shim against the backends that people run, and one table of what came of it.

run.py [--build DIR] [PATTERN...]: only rows whose name contains one of the patterns.
"""
import argparse
import importlib
import os
import pathlib
import re
import sys
import time
import traceback

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "e2e"), str(HERE)]

import harness  # noqa: E402
import rows  # noqa: E402
from harness import TOP, Failure, Shim, Workspace  # noqa: E402

MODULES = ("prometheus", "python", "zipkin", "collector", "jaeger", "faults")
HEAD = ("backend", "version", "protocol", "signals", "sent", "seen", "verdict")


def run_row(row, build, shim):
    """(sent, seen, verdict, words)"""
    folder = (TOP / build / "interop" / row.name).resolve()
    work = Workspace(folder, shim)
    try:
        sent, seen = row.run(work)
        verdict = "ok" if sent == seen else "FAIL"
        return sent, seen, verdict, "" if sent == seen else f"{sent} went out, {seen} were found\n"
    except rows.Skip as skip:
        return "", "", "skipped", str(skip)
    except Failure as failure:
        return "", "", "FAIL", str(failure)
    except Exception:  # one row does not take the others with it
        return "", "", "FAIL", traceback.format_exc()
    finally:
        work.stop_all()


def table(results):
    widths = [max(len(str(line[i])) for line in [HEAD, *results]) for i in range(len(HEAD))]
    for line in [HEAD, *results]:
        print("  ".join(str(cell).ljust(width) for cell, width in zip(line, widths)).rstrip())


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--build", default="build")
    parse.add_argument("patterns", nargs="*")
    args = parse.parse_intermixed_args()
    os.chdir(TOP)
    sys.stdout.reconfigure(line_buffering=True)
    shim, results = Shim(args.build), []
    for row in [row for module in MODULES for row in importlib.import_module(module).ROWS]:
        row.name = row.name or re.sub(r"[^a-z0-9]+", "-", f"{row.backend} {row.protocol} {row.signals}".lower()).strip("-")
        if args.patterns and not any(pattern in row.name for pattern in args.patterns):
            continue
        began = time.monotonic()
        sent, seen, verdict, words = run_row(row, args.build, shim)
        print(f"{verdict.ljust(7)} interop {row.name} ({time.monotonic() - began:.1f} s)")
        print("".join(f"        | {line}\n" for line in words.splitlines()), end="")
        results.append((row.backend, row.version, row.protocol, row.signals, sent, seen, verdict))
    print()
    table(results)
    verdicts = [line[-1] for line in results]
    print(f"\n{verdicts.count('ok')} passed, {verdicts.count('FAIL')} failed, {verdicts.count('skipped')} skipped")
    return 1 if "FAIL" in verdicts or "ok" not in verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
