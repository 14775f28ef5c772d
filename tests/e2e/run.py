#!/usr/bin/env python3
"""End-to-end cases: real programs under the shim, a fake collector, expected telemetry.

  run.py [--build DIR] [--cases FOLDER] [--jobs N] [--keep] [NAME...]

Ends with `N passed, N failed`. A case that fails leaves its folder (DIR/e2e/NAME) with the output of
every process, the collector's file and the shim's log.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import harness  # noqa: E402
import logs  # noqa: E402
import telemetry  # noqa: E402
from case import Result, load_cases  # noqa: E402
from harness import TOP, Failure, Shim, Workspace  # noqa: E402

# Left out under the thread sanitizer, and why.
NOT_BY_TSAN = {
    "its runtime would stand before us": ("sdk-missing", "sdk-damaged"),
    "its shadow needs more room": ("limit-memory",),
    "its runtime does not start in there": ("prometheus-non-pie",),
    "its runtime calls handlers later, when the kernel's frame is gone":
        ("signal-node-int", "signal-node-term", "signal-within-exit", "signal-within-raise"),
    "it has a thread, so no thread of the program's is the last one": ("https-main-leaves", "grpcs-main-leaves"),
    "it writes files": ("limit-size", "limit-size-console"),
    "a question times out before the process has started under it": ("strategy-http-mute", "strategy-grpc-mute"),
}
SPANS_SECONDS = 10.0
QUIET_SECONDS = 0.4


def execute(case, work, shim):
    """Runs the case's command once; (status, stdout, stderr)."""
    command = [str(part) for part in work.filled(case.run)]
    process = work.start("run", command, work.environment(case.service, case.env, shim))
    seconds = case.seconds * int(work.values["slower"])
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise Failure(f"{' '.join(command)} did not end within {seconds:g} s"
                      f"{' under the shim' if shim else ''}") from None
    return status, work.text("run.out"), work.text("run.err")


def prepare(case, work, shim):
    work.choose_ports([port for server in case.servers for port in server.ports] + ["closed"])
    work.write(case.files)
    work.set_up(case.setup, case.seconds)
    for server in case.servers:
        work.start_server(server, shim)


def run_bare(case, folder, shim):
    work = Workspace(folder, shim)
    try:
        prepare(case, work, False)
        status, out, err = execute(case, work, False)
        return status, work.normal(out), work.normal(err)
    finally:
        work.stop_all()


def wait_spans(case, work):
    """The spans, once every expected one is there (or time is up) and no more come."""
    expected = [telemetry.filled(work, want, "name", "service") for want in case.expect]
    spans = []

    def complete():
        nonlocal spans
        spans = telemetry.load(work.collector_file)
        return telemetry.assign(expected, spans) is not None

    found = harness.wait_for(complete, SPANS_SECONDS, 0.05)
    while True:
        before = len(spans)
        time.sleep(QUIET_SECONDS)
        found = complete() or found
        if len(spans) == before:
            break
    return expected, spans, found


def judge_spans(case, work):
    expected, spans, found = wait_spans(case, work)
    picture = "\n".join(telemetry.tree(spans)) or "(no spans)"
    if not found:
        raise Failure("\n".join([*telemetry.explain(expected, spans), "what came:", picture]))
    if case.exact and len(spans) != len(expected):
        raise Failure(f"{len(spans)} spans came, {len(expected)} expected\n{picture}")
    traces = {span.trace_id for span in spans}
    if case.traces is not None and len(traces) != case.traces:
        raise Failure(f"{len(traces)} traces, {case.traces} expected\n{picture}")
    sound(spans, picture)
    return spans, dict(zip([want.id for want in expected], telemetry.assign(expected, spans)))


def judge_logs(case, work, chosen):
    """The log records, once every expected one is there (or time is up) and no more come. chosen: spans by their ids."""
    expected = [logs.filled(work, want) for want in case.logs or []]
    harness.wait_for(lambda: not logs.missing(expected, logs.load(work.logs_file), chosen), SPANS_SECONDS, 0.05)
    if case.logs is not None:
        time.sleep(QUIET_SECONDS)
    came = logs.load(work.logs_file)
    picture = "\n".join(map(str, came)) or "(no log records)"
    trouble = logs.missing(expected, came, chosen)
    if trouble:
        raise Failure("\n".join([*trouble, "what came:", picture]))
    if case.logs is not None and case.exact_logs and len(came) != len(expected):
        raise Failure(f"{len(came)} log records came, {len(expected)} expected\n{picture}")
    if logs.unsound(came):
        raise Failure(f"{logs.unsound(came)}\n{picture}")
    return came


def attribute_types():
    """What the table says of each attribute: key -> a test of its value."""
    tests = {"STR": lambda value: isinstance(value, str), "BOOL": lambda value: isinstance(value, bool),
             "INT": lambda value: isinstance(value, int) and not isinstance(value, bool),
             "DOUBLE": lambda value: isinstance(value, float), "ARR": lambda value: isinstance(value, list)}
    table = (TOP / "hooks/attrs.def").read_text(encoding="utf-8")
    return {key: tests[kind] for key, kind in re.findall(r'^ATTR\(\w+, "([^"]+)", (\w+)\)', table, re.M)}


def sound(spans, picture):
    """What holds for every span of every case."""
    ids = collections.Counter((span.trace_id, span.span_id) for span in spans)
    types, starts = attribute_types(), {(span.trace_id, span.span_id): span.start for span in spans}
    for span in spans:
        wrong = ("no trace id" if len(span.trace_id) != 32 else "no span id" if len(span.span_id) != 16 else
                 "ends before it starts" if span.end < span.start else "no name" if not span.name else
                 "no service.name" if not span.service else
                 "starts before its parent" if span.start < starts.get((span.trace_id, span.parent_id), 0) else
                 next((f"{key} has a wrong type" for key, value in span.attrs.items()
                       if key in types and not types[key](value)), None) or
                 ("came twice" if ids[span.trace_id, span.span_id] > 1 else None))
        if wrong:
            raise Failure(f"{span}: {wrong}\n{picture}")


def run_shim(case, folder, shim, build, bare):
    work = Workspace(folder, shim)
    try:
        work.start_collector(build, case.collector)
        prepare(case, work, True)
        status, out, err = execute(case, work, True)
        if status != case.status:
            raise Failure(f"exit status {status}, {case.status} expected\n{err[-2000:]}")
        if bare:
            for label, was, now in zip(("exit status", "stdout", "stderr"), bare,
                                       (status, work.normal(out), work.normal(err))):
                if was != now:
                    raise Failure(f"{label} differs from the bare run\nbare: {was!r}\nshim: {now!r}")
        spans, chosen = judge_spans(case, work)
        records = judge_logs(case, work, chosen)
        if case.check:
            case.check(Result(spans, records, status, out, err, work))
        for server in case.servers:
            ended = [process for name, process in work.running if name == server.name and process.poll() is not None]
            if ended:
                raise Failure(f"{server.name} died with status {ended[0].returncode}\n{work.text(server.name + '.err')}")
    finally:
        work.stop_all()


def run_case(case, build, shim):
    folder = (TOP / build / "e2e" / case.name).resolve()
    began = time.monotonic()
    try:
        needs = set(case.needs).union(*(server.needs for server in case.servers))
        missing = sorted(name for name in needs if not harness.find_program(name))
        if missing:
            raise Failure(f"not installed: {' '.join(missing)}")
        bare = run_bare(case, folder / "bare", shim) if case.same else None
        run_shim(case, folder / "shim", shim, build, bare)
        harness.raise_reports(folder / "shim")
        return None, time.monotonic() - began
    except Failure as failure:
        return str(failure), time.monotonic() - began
    except Exception:  # a broken case must not take the others with it
        return traceback.format_exc(), time.monotonic() - began


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--build", default="build")
    parse.add_argument("--cases", default=str(TOP / "tests/e2e/cases"))
    parse.add_argument("--jobs", type=int, default=2)
    parse.add_argument("names", nargs="*")
    args = parse.parse_intermixed_args()
    os.chdir(TOP)
    shim = Shim(args.build)
    cases = [case for case in load_cases(args.cases)
             if (not args.names or case.name in args.names) and (case.sanitized or not shim.runtime)]
    if shim.threads:
        left_out = set().union(*NOT_BY_TSAN.values())
        cases = [case for case in cases if case.name not in left_out]
    tally = harness.Tally("e2e")
    with concurrent.futures.ThreadPoolExecutor(max(1, args.jobs)) as pool:
        futures = {case.name: pool.submit(run_case, case, args.build, shim) for case in cases}
        for case in cases:
            trouble, took = futures[case.name].result()
            tally.add(not trouble, f"{case.name} ({took:.1f} s)", f"{case.what}\n{trouble}" if trouble else "")
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
