"""Backends that are away, slow, or of the wrong kind: what was recorded is what was delivered and what was counted as lost.

The account is the library's own, by its metrics of itself (OTEL_AUTO_SELF_METRICS); what was delivered is read at the
backend. A span that a backend took without being able to say so is sent again: it is found twice there, and counted once.
"""
import subprocess
import time

import collector
import rows
import telemetry
from account import account
from harness import Failure, Server
from rows import Row

FAST = {"OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "4", "OTEL_BSP_EXPORT_TIMEOUT": "4000",
        "OTEL_AUTO_EXIT_TIMEOUT": "3000", "OTEL_METRIC_EXPORT_INTERVAL": "300", "OTEL_AUTO_SELF_METRICS": "true"}


def load(work, env, requests=40, during=None):
    """Requests to a server under the shim, its requester bare; then the server is ended."""
    work.choose_ports(["web"])
    work.start_server(Server("web", ["{python}", "{programs}/polite.py", "{web}"], ports=("web",),
                             env={**FAST, **env}), True)
    for number in range(requests):
        if during:
            during(number)
        subprocess.run(["curl", "-sS", work.fill("http://127.0.0.1:{web}/hello.txt")], check=True, capture_output=True)
    time.sleep(1.0)
    work.stop("web")


def judge(work, look):
    """Recorded = delivered + lost, and the backend has exactly what was delivered. (recorded, delivered + lost)"""
    want = set(rows.keyed(rows.recorded(work)))
    delivered, lost = account(work.folder / "metrics-recorded.jsonl")
    rows.harness.wait_for(lambda: len(set(rows.keyed(look()))) >= delivered, 5.0, 0.1)
    have = set(rows.keyed(look()))
    if not have <= want:
        raise Failure(f"{len(have - want)} spans came that were never recorded")
    if not delivered <= len(have) <= delivered + sum(lost.values()):
        raise Failure(f"{delivered} were delivered, {len(have)} are there; lost: {lost}")
    print(f"        | recorded {len(want)} = delivered {delivered} + lost {lost or 'nothing'}; the backend has {len(have)}")
    return len(want), delivered + sum(lost.values())


def got(work):
    return [span for path in sorted(work.folder.glob("got*.jsonl")) for span in telemetry.spans_in(rows.lines(path))]


def endpoint(work, word):
    port = "grpc" if word == "grpc" else "http"
    return rows.exporting(work, "otlp", "none", OTEL_EXPORTER_OTLP_PROTOCOL=word, OTEL_METRICS_EXPORTER="otlp/file",
                          OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{{{port}}}")


def restarts(word):
    """The Collector is ended in the middle of the load, and comes back on the same ports."""
    def run(work):
        collector.start(work)

        def during(number):
            if number == 10:
                work.stop("otelcol")
                (work.folder / "got.jsonl").rename(work.folder / "got-before.jsonl")  # it begins a new one
            if number == 30:
                time.sleep(1.0)
                collector.start(work)
        load(work, endpoint(work, word), during=during)
        work.stop("otelcol")  # what it holds is written
        return judge(work, lambda: got(work))
    return run


def misbehaves(word, mode, times="3"):
    """A collector of the tests' own: the others cannot be made to."""
    def run(work):
        work.start_collector(work.shim.path.parent, ("--mode", mode, "--times", times))
        work.values["grpc"] = work.values["http"] = work.values["collector"]
        load(work, endpoint(work, word))
        return judge(work, lambda: telemetry.load(work.collector_file))
    return run


def wrong_certificate(word, which):
    def run(work):
        collector.certificates(work, "-1" if which == "expired" else "2")
        collector.start(work, collector.TLS)
        env = endpoint(work, word)
        env["OTEL_EXPORTER_OTLP_ENDPOINT"] = env["OTEL_EXPORTER_OTLP_ENDPOINT"].replace("http:", "https:")
        env["OTEL_EXPORTER_OTLP_CERTIFICATE"] = str(work.folder / ("ca.pem" if which == "expired" else "other.pem"))
        load(work, env, requests=5)
        work.stop("otelcol")
        if got(work):
            raise Failure("something was delivered")
        return judge(work, lambda: got(work))
    return run


def http1_only(work):
    rows.start(work, "receiver", ["python3", "{top}/tests/e2e/programs/receiver.py", "{grpc}", "{dir}/posts.jsonl", "200"],
               ("grpc",))
    load(work, endpoint(work, "grpc"), requests=5)
    return judge(work, lambda: [])


FAKE = "a collector of the tests"
ROWS = [
    *[Row("Collector", f"{word}, restarted", "traces", restarts(word), rows.version("collector"))
      for word in ("http/protobuf", "grpc")],
    *[Row("Collector", f"{word}, {which} certificate", "traces", wrong_certificate(word, which), rows.version("collector"))
      for word in ("http/protobuf", "grpc") for which in ("wrong", "expired")],
    *[Row(FAKE, f"{word}, {mode}", "traces", misbehaves(word, mode, *times))
      for word in ("http/protobuf", "grpc") for mode, *times in (("429:1",), ("503:1",), ("503", "100"), ("400",), ("slow:300", "100"),
                                                                  ("close",), ("partial",), ("garbage",))],
    Row("a server of HTTP/1 only", "grpc", "traces", http1_only),
]
