"""Probe 8 of the transparency list: forks in every way, while threads work. Each request is one span, of the process that made it."""
import collections
import dataclasses
import os

import harness
from case import Case
from harness import Failure
from points import SECONDS
from servers import nginx_files
from telemetry import load

COUNT = int(os.environ.get("FORKS", "300"))  # FORKS=10000 make check: the storm of an afternoon
BUILD = [["cc", "-O1", "-pthread", "-o", "{dir}/forks", "{programs}/forks.c"]]


def web():
    """Bare: only the clients are looked at."""
    return dataclasses.replace(nginx_files("web"), shim=False)


def clients(work):
    found = collections.Counter()
    for span in load(work.collector_file):
        if span.kind == "client" and "http.request.method" in span.attrs:
            found[span.attrs["url.full"].rsplit("/", 1)[1]] += 1
    return found


def exact(children, at_most=None):
    """So many spans of children; those of the threads as the program has counted them. What comes twice fails by itself."""
    def check(result):
        work = result.work
        threads = int(work.text("threads") or 0)
        harness.wait_for(lambda: clients(work)["t"] >= threads and clients(work)["c"] >= children, SECONDS, 0.1)
        found = clients(work)
        if found["t"] != threads or not children <= found["c"] <= (at_most or children):
            raise Failure(f"{threads} requests of threads and {at_most or children} of children, but the spans are {dict(found)}")
        spans = load(work.collector_file)
        if len({(span.trace_id, span.span_id) for span in spans}) != len(spans):
            raise Failure("a span came twice")
        owners = collections.Counter(span.resource["process.pid"] for span in spans if span.attrs.get("url.full", "")[-1:] == "t")
        if len(owners) > 1:
            raise Failure(f"spans of the parent's threads were sent by {len(owners)} processes")
    return check


def programs(count):
    def check(result):
        harness.wait_for(lambda: len(load(result.work.collector_file)) >= count, SECONDS, 0.1)
        spans = load(result.work.collector_file)
        names = collections.Counter(span.name for span in spans)
        if names["true"] != count:
            raise Failure(f"{count} programs were started, spans: {dict(names)}")
    return check


def forks(name, what, number, check, **env):
    return Case(f"forks-{name}", what, servers=[web()], needs=("cc",), setup=BUILD, run=["{dir}/forks", name, "{web}", str(number)],
                env={"OTEL_BSP_MAX_QUEUE_SIZE": "65536", **env}, exact=False, check=check, seconds=60.0 + COUNT / 20)


CASES = [
    forks("storm", "forks while eight threads ask", COUNT, exact(COUNT)),
    forks("killed", "children that are killed when they have asked", 200, exact(0, 200)),
    forks("handler", "forks out of a signal handler while eight threads ask", 300, exact(0)),
    forks("spawn", "vfork and posix_spawn with file actions, from 16 threads", 20, programs(320)),
    forks("background", "daemon() and a double fork", 1, exact(1)),
    forks("exec", "exec right behind a request", 1, exact(1)),
]
