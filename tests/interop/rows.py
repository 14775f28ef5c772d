"""What a row of the table is, the load that all rows put on, and what was recorded of it.

Every program of the load exports twice: to the backend under test, and by `otlp/file` to a file here. The file is what was
recorded; what the backend says it has must be the same.
"""
import dataclasses
import functools
import json
import pathlib
import subprocess
import time
import urllib.request

import harness
import logs
import telemetry
from account import lines, points_in
from harness import Failure
from servers import nginx_proxy, python_http

SECONDS = 15.0
REQUESTS = 3
SPANS = 5 * REQUESTS  # curl, its request, nginx, its request, python


class Skip(Exception):
    """The row cannot be run here, and why."""


@dataclasses.dataclass
class Row:
    """run(work) starts the backend, puts the load on, and returns (sent, seen) or raises Failure or Skip."""
    backend: str
    protocol: str
    signals: str
    run: object
    version: str = ""
    name: str = ""


@functools.cache
def look_for(name):
    """(path of a backend, why there is none)"""
    done = subprocess.run([str(harness.TOP / "scripts/interop-backends"), "--path", name], stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.PIPE, check=False)
    if done.returncode:
        return None, done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"no {name}"
    return done.stdout.strip(), None


def backend(name):
    path, why = look_for(name)
    if why:
        raise Skip(why)
    return path


def version(name):
    for line in (harness.TOP / "tests/interop/versions").read_text(encoding="utf-8").splitlines():
        if line.split() and line.split()[0] == name:
            return line.split()[1]
    return ""


def start(work, name, command, ports, files=None, seconds=40.0):
    """A backend, bare. Returns once it listens on its ports."""
    missing = [port for port in ports if port not in work.values]
    work.choose_ports(missing)
    work.write(files or {})
    process = work.start(name, [str(part) for part in work.filled(command)], work.environment("", {}, False))
    for port in ports:
        if not harness.wait_for(lambda number=work.values[port]: harness.listening(number) or process.poll() is not None,
                                seconds, 0.05) or process.poll() is not None:
            raise Failure(f"{name} does not listen:\n{work.text(name + '.err')[-2000:]}{work.text(name + '.out')[-2000:]}")
    return process


def get(url, accept="application/json"):
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
        return answer.read()


def get_json(url):
    return json.loads(get(url))


def files(work):
    return {"OTEL_AUTO_OTLP_FILE_TRACES_PATH": str(work.folder / "recorded.jsonl"),
            "OTEL_AUTO_OTLP_FILE_METRICS_PATH": str(work.folder / "metrics-recorded.jsonl"),
            "OTEL_AUTO_OTLP_FILE_LOGS_PATH": str(work.folder / "logs-recorded.jsonl")}


def exporting(work, traces="otlp", metrics="none", logs_word="none", **env):
    def twice(word):
        return word if word == "none" else f"otlp/file,{word}"
    return {"OTEL_TRACES_EXPORTER": twice(traces), "OTEL_METRICS_EXPORTER": twice(metrics),
            "OTEL_LOGS_EXPORTER": twice(logs_word), "OTEL_INSTRUMENTATION_STDIO_ENABLED": "true",
            "OTEL_METRIC_EXPORT_INTERVAL": "500", **files(work), **work.filled(env)}


def put_load(work, env, requests=REQUESTS):
    """curl -> nginx -> python, all of them under the shim; the servers are ended, so that all is sent."""
    work.choose_ports(["backend", "proxy"])
    for server in (python_http("backend"), nginx_proxy("proxy", "backend")):
        server.env = {**server.env, **env}
        work.start_server(server, True)
    for _ in range(requests):
        curl = work.start("curl", ["curl", "-sS", work.fill("http://127.0.0.1:{proxy}/hello.txt?q=ä")],
                          work.environment("client", env, True))
        if curl.wait(20) != 0:
            raise Failure(f"curl ended with {curl.returncode}: {work.text('curl.err')}")
    time.sleep(1.2)  # two intervals of the readers, some delays of the processors
    for name in ("proxy", "backend"):
        work.stop(name)


def recorded(work):
    return telemetry.spans_in(lines(work.folder / "recorded.jsonl"))


def keyed(spans):
    return {(span.trace_id, span.span_id): span for span in spans}


def same_spans(work, look, count=SPANS):
    """Waits until look() has all that was recorded; then field by field. (sent, seen)"""
    want = keyed(recorded(work))
    if len(want) != count:
        raise Failure(f"{len(want)} spans were recorded, not {count}")
    harness.wait_for(lambda: len(keyed(look())) >= len(want), SECONDS, 0.2)
    spans = look()
    have = keyed(spans)
    if len(spans) != len(have):
        raise Failure(f"{len(spans) - len(have)} spans came twice")
    for key, span in want.items():
        if key not in have:
            raise Failure(f"missing: {span}")
        for field in dataclasses.fields(span):
            was, now = getattr(span, field.name), getattr(have[key], field.name)
            if was != now:
                raise Failure(f"{span.name}: {field.name} was {was!r} and is {now!r}")
    return len(want), len(have)


def same_logs(work, look):
    """Waits until look() has all log records that were recorded; then all of them, field by field. (sent, seen)"""
    def ordered(found):
        return sorted(map(dataclasses.asdict, found), key=lambda one: (one["time"], one["body"]))
    want = ordered(logs.load(work.folder / "logs-recorded.jsonl"))
    if sum(bool(one["span_id"]) and "GET /hello.txt" in one["body"] for one in want) != REQUESTS:
        raise Failure(f"the server's lines about {REQUESTS} requests were not recorded: {want}")
    harness.wait_for(lambda: len(look()) >= len(want), SECONDS, 0.2)
    have = ordered(look())
    for was, now in zip(want, have):
        if was != now:
            raise Failure(f"{was}\nis {now}")
    return len(want), len(have)


# ---- metrics -------------------------------------------------------------------------------------

# What is observed (process.*) differs between two moments.
STEADY = ("http.", "dns.", "otel_auto.")


def same_points(work, look):
    """The last point of every series, by both ways. (series recorded, series that are the same)"""
    def steady(points):
        return {key: value for key, value in points.items() if key[2].startswith(STEADY)}
    want = steady(points_in(lines(work.folder / "metrics-recorded.jsonl")))
    if not any(key[2] == "http.server.request.duration" for key in want):
        raise Failure("no request was counted")
    harness.wait_for(lambda: steady(points_in(look())) == want, SECONDS, 0.2)
    have = steady(points_in(look()))
    for key, value in want.items():
        if have.get(key) != value:
            raise Failure(f"{key} was {value} and is {have.get(key)}")
    return len(want), sum(have.get(key) == value for key, value in want.items())
