#!/usr/bin/env python3
"""Other projects' own test suites, bare and preloaded, compared test by test, skips included.

  run.py [options] [SUITE...]      all suites when none is named

Each suite is run bare (results are kept and used again while suite and machine are the same), which shows what flakes;
then preloaded, with everything exported to a sink on loopback. Suites that look at the bytes of HTTP or at a child's
environment are run once more with OTEL_PROPAGATORS=none, where nothing may differ at all. What differs is run again,
bare and preloaded; what then still differs makes the exit status 1.
"""
import argparse
import importlib
import json
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE / "cases")]

import compare  # noqa: E402
import table  # noqa: E402
from stand import Results, Stand, latest  # noqa: E402
from stock import Broken, Stock, Unavailable, cache  # noqa: E402
from suite import kinds  # noqa: E402

# Cheap and telling ones first.
FILES = ("cpython", "redis", "libuv", "perl", "php", "stress", "ruby", "node", "postgres", "curl")
PRESETS = {"ci": ("cpython-core", "redis", "libuv")}


def suites():
    return {suite.name: suite for file in FILES for suite in importlib.import_module(file).SUITES}


def say(suite, text):
    print(f"{time.strftime('%H:%M:%S')} {suite.name}: {text}", flush=True)


def counted(statuses):
    return "{} passed, {} skipped, {} failed".format(*kinds(statuses))


class Runner:
    """One suite from its package to its row of the table."""

    def __init__(self, suite, stock, stand, bare):
        self.suite, self.stock, self.stand, self.wanted = suite, stock, stand, bare
        self.tree = self.results = None

    def once(self, mode):
        path = self.results.path(mode)
        say(self.suite, f"{path.name} ...")
        result = self.stand.run(self.suite, mode, self.tree, path.with_suffix(".log"))
        self.results.keep(path, result)
        ended = "killed for time" if result["exit"] is None else f"exit {result['exit']}"
        say(self.suite, f"{path.name}: {counted(result['statuses'])}, {ended}, {result['seconds']} s"
            + (f", {result['spans']} spans" if mode != "bare" else ""))
        return result

    def get(self):
        self.stock.install(self.suite)
        self.tree = self.stock.tree(self.suite)
        self.results = Results(self.suite, self.stock.key(self.suite))

    def compared(self, mode, first):
        """(differences that last, those seen once)"""
        found = compare.differences(self.suite, mode, self.results.bare(), first["statuses"])
        if not found:
            return [], []
        self.tell(found, "differs; once more")
        self.once("bare")
        again = self.once(mode)
        bare = self.results.bare()
        return compare.lasting(compare.differences(self.suite, mode, bare, first["statuses"]),
                               compare.differences(self.suite, mode, bare, again["statuses"]))

    def tell(self, rows, how):
        for row in rows[:40]:
            say(self.suite, f"{how}: {row.test}: {row.bare} -> {row.preloaded} ({row.mode})")
        if len(rows) > 40:
            say(self.suite, f"... and {len(rows) - 40} more")

    def run(self):
        self.get()
        while len(self.results.bare()) < self.wanted:
            self.once("bare")
        on = self.once("on")
        lasting, seen_once = self.compared("on", on)
        spans, modes = on["spans"], ["on"]
        if self.suite.sees_context:
            plain = self.once("plain")
            modes.append("plain")
            for total, more in zip((lasting, seen_once), self.compared("plain", plain)):
                total.extend(more)
        self.tell(seen_once, "differed once, not again")
        self.tell(lasting, "DIFFERS")
        return self.summary(on, spans, modes, lasting, seen_once)

    def summary(self, on, spans, modes, lasting, seen_once):
        bare = self.results.bare()
        same, flaky = compare.stable(bare)
        row = {
            "suite": self.suite.name, "about": self.suite.about, "bare_runs": len(bare), "modes": modes,
            "kinds": kinds(same), "flaky": sorted(flaky), "spans": spans, "seconds": on["seconds"],
            "differ": [vars(one) for one in lasting], "once": [vars(one) for one in seen_once],
            "context": compare.changed_by_context(self.suite, bare, on["statuses"]),
            "results": str(self.results.folder),
        }
        if not self.stand.more: # the table is of the defaults
            (latest() / f"{self.suite.name}.json").write_text(json.dumps(row, indent=1))
        return row


def chosen(options, known):
    names = options.suites or list(PRESETS[options.preset] if options.preset else known)
    for name in names:
        if name not in known:
            sys.exit(f"run.py: no suite {name}; there are: {' '.join(known)}")
    return [known[name] for name in names]


def run_all(options, wanted):
    """(rows, what could not be had, what is broken)"""
    rows, unavailable, broken, stock = [], [], [], Stock()
    with Stand(options.build, dict(options.more)) as stand:
        for suite in wanted:
            try:
                rows.append(Runner(suite, stock, stand, options.bare).run())
            except Unavailable as why:
                unavailable.append(suite.name)
                say(suite, f"NOT RUN, cannot be had on this machine: {why}")
            except Broken as why:
                broken.append(suite.name)
                say(suite, f"BROKEN: {why}")
    return rows, unavailable, broken


def assignment(text):
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"NAME=VALUE is wanted, not {text}")
    return name, value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="*", metavar="SUITE")
    parser.add_argument("--build", default="build", help="the folder with the library (default: build)")
    parser.add_argument("--bare", type=int, default=3, help="bare runs to learn from (default: 3)")
    parser.add_argument("--preset", choices=PRESETS, help="a named list of suites")
    parser.add_argument("--with", dest="more", action="append", default=[], type=assignment, metavar="NAME=VALUE",
                        help="a variable for the preloaded runs (may be repeated); the table keeps what it has")
    parser.add_argument("--list", action="store_true", help="name the suites and leave")
    parser.add_argument("--write-readme", action="store_true",
                        help="write the last results of all suites into tests/README.md (runs those that are named)")
    options = parser.parse_args()
    known = suites()
    if options.list:
        print("\n".join(f"{suite.name:<14} {suite.about}" for suite in known.values()))
        return 0
    if options.write_readme and not options.suites and not options.preset:
        return table.write(known)
    os.nice(5)
    began = time.monotonic()
    rows, unavailable, broken = run_all(options, chosen(options, known))
    print(f"\n{table.text(rows)}" if rows else "")
    print(f"results and logs: {cache() / 'results'}")
    for name in unavailable:
        print(f"not run, could not be downloaded or installed here: {name}")
    differ = sum(len(row["differ"]) for row in rows)
    print(f"{len(rows)} suites in {time.monotonic() - began:.0f} s, {differ} tests differ, {len(broken)} suites broken")
    if options.write_readme:
        table.write(known)
    return int(bool(differ or broken))


if __name__ == "__main__":
    sys.exit(main())
