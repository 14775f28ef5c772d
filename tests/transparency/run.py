#!/usr/bin/env python3
"""Probes: a program cannot tell whether the library is there, whatever exports.

  run.py [--build DIR] [--jobs N] [--write-readme] [NAME...]      ends with `N passed, N failed`
  run.py --prove [NAME...]                                        each probe with a fault that it must notice

Each probe runs bare and preloaded under every setting of its own; any difference of exit status, signal, output
or named files fails it and is shown. What it left stays in DIR/transparency-run/NAME.
"""
import argparse
import concurrent.futures
import dataclasses
import difflib
import os
import pathlib
import re
import subprocess
import sys
import time
import traceback

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tests/e2e"), str(TOP / "tests/transparency")]

import harness  # noqa: E402
import telemetry  # noqa: E402
from case import load_cases  # noqa: E402
from harness import Failure, Shim, Workspace  # noqa: E402
from probe import Outcome  # noqa: E402

SPOKEN_SECONDS, DIFF_LINES, COLLECTOR_SECONDS = 10.0, 60, 600
README = TOP / "tests/README.md"
MARKERS = re.compile(r"(<!-- begin probes -->\n).*?(<!-- end probes -->)", re.S)


class Room:
    """What all probes share: where things are, and the collector that listens."""

    def __init__(self, build):
        self.shim = Shim(build)
        self.build, self.victims = build, TOP / build / "transparency/victims"
        self.folder = (TOP / build / "transparency-run").resolve()
        self.collector = Workspace(self.folder / "collector", self.shim)
        self.collector.start_collector(build, ("--seconds", str(COLLECTOR_SECONDS)))

    def workspace(self, probe, setting):
        work = Workspace(self.folder / probe.name / setting, self.shim)
        work.values.update(victims=str(self.victims), collector=self.collector.values["collector"],
                           room=str(TOP / "tests/transparency"), setting=setting)
        work.choose_ports([port for server in probe.servers for port in server.ports] + ["closed"])
        work.write(probe.files)
        return work

    def spans(self, probe):
        return [span for span in telemetry.load(self.collector.collector_file) if span.service == probe.name]


def command_of(probe, work):
    command = [probe.name] if probe.run is None else probe.run
    first, *rest = [str(part) for part in work.filled(command)]
    return [first if "/" in first or not (pathlib.Path(work.values["victims"]) / first).exists()
            else f"{work.values['victims']}/{first}", *rest]


def prepare(probe, work, shim):
    work.set_up(probe.setup, probe.seconds)
    for server in probe.servers:
        work.start_server(server, shim)


def run(probe, work, shim, extra):
    """One run to its end; an Outcome."""
    prepare(probe, work, shim)
    command = command_of(probe, work)
    began = time.monotonic()
    process = work.start("run", command, work.environment(probe.name, {**extra, **probe.env}, shim))
    try:
        status = process.wait(probe.seconds)
    except subprocess.TimeoutExpired:
        raise Failure(f"did not end within {probe.seconds:g} s\n{work.text('run.out')[-2000:]}") from None
    took = time.monotonic() - began
    texts = {"exit status": str(status), "stdout": work.text("run.out"), "stderr": work.text("run.err")}
    for name in probe.outputs:
        texts[name] = work.text(name) if (work.folder / name).exists() else "(no such file)"
    for name, text in texts.items():
        text = work.normal(text)
        text = probe.changes(text) if shim and probe.changes else text
        texts[name] = probe.normal(text) if probe.normal else text
    return Outcome(texts, took, work)


def difference(bare, now, setting):
    """What is not the same, as diffs; None if nothing is."""
    parts = []
    for name, was in bare.texts.items():
        if was != now.texts[name]:
            lines = list(difflib.unified_diff(was.splitlines(), now.texts[name].splitlines(), "bare", setting,
                                              lineterm="", n=2))
            more = [f"... {len(lines) - DIFF_LINES} lines more"] if len(lines) > DIFF_LINES else []
            parts += [f"{setting}: {name} differs", *lines[:DIFF_LINES], *more]
    return "\n".join(parts) or None


def one_run(probe, room, setting, extra, shim):
    work = room.workspace(probe, setting)
    try:
        return run(probe, work, shim, extra)
    except Failure as failure:
        raise Failure(f"{setting}: {failure}") from None
    finally:
        work.stop_all()


def speaks(probe, room, settings):
    """A library that does nothing changes nothing: was it at work?"""
    if "console" in settings and not (room.folder / probe.name / "console/console.json").exists():
        raise Failure("console: nothing was exported")
    if "otlp" in settings and not harness.wait_for(lambda: room.spans(probe), SPOKEN_SECONDS, 0.05):
        raise Failure("otlp: no span reached the collector")


def judge(probe, room):
    """Runs everything; the number of lines that were compared, and what the probe's check has to tell."""
    bare = one_run(probe, room, "bare", {}, False)
    if bare.texts["exit status"] != str(probe.status):
        raise Failure(f"bare: exit status {bare.texts['exit status']}, {probe.status} expected\n"
                      f"{bare.texts['stdout'][-2000:]}{bare.texts['stderr'][-2000:]}")
    outcomes, differences = {}, []
    for setting, extra in probe.settings:
        outcomes[setting] = one_run(probe, room, setting, extra, True)
        differences += filter(None, [difference(bare, outcomes[setting], setting)])
    if differences:
        raise Failure("\n".join(differences))
    measured = probe.check(bare, outcomes) if probe.check else None
    if probe.speaks:
        speaks(probe, room, outcomes)
    return len(probe.settings) * sum(len(text.splitlines()) for text in bare.texts.values()), measured


def prove(probe, room):
    """Each fault of the probe's, preloaded besides, must be noticed."""
    names = [name for name, _ in probe.settings]
    for fault in probe.faults:
        built = room.folder / f"fault_{fault}.so"
        subprocess.run([os.environ.get("CC", "cc"), "-D_GNU_SOURCE", "-O1", "-shared", "-fPIC", f"-DFAULT_{fault}", "-o",
                        str(built), str(TOP / "tests/transparency/fault.c")], check=True)
        name, extra = probe.settings[-1 if "otlp" not in names else names.index("otlp")]
        broken = dataclasses.replace(probe, speaks=False, seconds=10, settings=(
            (name, {**extra, "LD_PRELOAD": f"{built}:{{preload}}"}),))
        try:
            judge(broken, room)
        except Failure:
            continue
        raise Failure(f"the fault `{fault}` was not noticed")
    return len(probe.faults), None


def run_probe(probe, room, what=judge):
    """(trouble or None, seconds, lines compared, what was measured)"""
    began = time.monotonic()
    try:
        count, measured = what(probe, room)
        return None, time.monotonic() - began, count, measured
    except Failure as failure:
        return str(failure), time.monotonic() - began, 0, None
    except Exception:  # a broken probe must not take the others with it
        return traceback.format_exc(), time.monotonic() - began, 0, None


def left_out(probe, room):
    """Why this probe cannot run here; None if it can."""
    if room.shim.runtime and not probe.sanitized:
        return "not under the sanitizer's runtime"
    if probe.root and os.geteuid() != 0:
        return "needs root"
    missing = sorted(name for name in probe.needs if not harness.find_program(name))
    return f"not installed: {' '.join(missing)}" if missing else None


def write_readme(rows):
    lines = ["| | Probe | Shows that these are the same | Runs | Lines compared |", "| ---: | --- | --- | ---: | ---: |"]
    lines += [f"| {probe.number} | {probe.name} | {probe.what} | {1 + len(probe.settings)} | {count} |"
              for probe, count in rows]
    lines.append(f"| | **{len(rows)} probes** | | {sum(1 + len(probe.settings) for probe, _ in rows)} | "
                 f"{sum(count for _, count in rows)} |\n")
    before = README.read_text(encoding="utf-8")
    README.write_text(MARKERS.sub(lambda found: found[1] + "\n".join(lines) + found[2], before), encoding="utf-8")


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--build", default="build")
    parse.add_argument("--jobs", type=int, default=2)
    parse.add_argument("--write-readme", action="store_true")
    parse.add_argument("--prove", action="store_true")
    parse.add_argument("names", nargs="*")
    args = parse.parse_intermixed_args()
    os.chdir(TOP)
    probes = sorted((probe for probe in load_cases(TOP / "tests/transparency/cases")
                     if (not args.names or probe.name in args.names) and (probe.faults or not args.prove)), key=lambda probe: (probe.number, probe.name))
    room, tally, rows = Room(args.build), harness.Tally("probe"), []
    try:
        with concurrent.futures.ThreadPoolExecutor(max(1, args.jobs)) as pool:
            futures = [(probe, None if left_out(probe, room) else pool.submit(run_probe, probe, room, prove if args.prove else judge))
                       for probe in probes]
            for probe, future in futures:
                if not future:
                    print(f"skip probe   {probe.name}: {left_out(probe, room)}")
                    continue
                trouble, took, count, measured = future.result()
                tally.add(not trouble, f"{probe.name} ({count} {'faults' if args.prove else 'lines'}, {took:.1f} s)",
                          f"{probe.what}\n{trouble}" if trouble else measured or "")
                rows.append((probe, count))
    finally:
        room.collector.stop_all()
    if args.write_readme and not tally.failed and not args.names and not args.prove:
        write_readme(rows)
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
