"""OpenTelemetry for Python: its messages decode what we send; its exporters say what ours must say of the same data."""
import difflib
import json
import re
import subprocess

import rows
import telemetry
from harness import Failure
from rows import Row

PROGRAMS = rows.harness.TOP / "tests/interop/programs"


def oracle(*arguments, **env):
    done = subprocess.run([rows.backend("opentelemetry-python"), str(PROGRAMS / "oracle.py"), *map(str, arguments)],
                          capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", **env})
    if done.returncode:
        raise Failure(done.stderr[-2000:])
    return [json.loads(line) for line in done.stdout.splitlines()]


# Spans with events and links.
TOLD = {"OTEL_AUTO_HTTP_EVENTS": "true", "OTEL_AUTO_PUBLIC_ENDPOINT": "true"}


def decodes(signal, **more):
    def run(work):
        rows.start(work, "decode", [rows.backend("opentelemetry-python"), PROGRAMS / "decode.py", "{decode}", "{dir}/got.jsonl",
                                    "{dir}/metrics-got.jsonl", "{dir}/logs-got.jsonl"], ("decode",))
        signals = {"traces": ("otlp", "none"), "metrics": ("none", "otlp"), "logs": ("otlp/file", "none", "otlp")}[signal]
        rows.put_load(work, rows.exporting(work, *signals, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:{decode}", **TOLD,
                                           **more))
        if signal == "traces":
            return rows.same_spans(work, lambda: telemetry.spans_in(rows.lines(work.folder / "got.jsonl")))
        if signal == "logs":
            return rows.same_logs(work, lambda: rows.logs.load(work.folder / "logs-got.jsonl"))
        return rows.same_points(work, lambda: rows.lines(work.folder / "metrics-got.jsonl"))
    return run


def sizes(work):
    """Ours are not longer than theirs."""
    decodes("traces")(work)
    ours = sum(map(int, work.text("got.jsonl.bytes").split()))
    theirs = sum(oracle("sizes", work.folder / "recorded.jsonl"))
    if ours > theirs:
        raise Failure(f"{ours} bytes, theirs are {theirs}")
    print(f"        | {rows.SPANS} spans: {ours} bytes, theirs are {theirs}")
    return rows.SPANS, rows.SPANS


def texts(text):
    """The JSON values of a text as they stand there."""
    decoder, at, found = json.JSONDecoder(), 0, []
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        _, end = decoder.raw_decode(text, at)
        found.append(text[at:end])
        at = end
    return found


TIME = re.compile(r'(?<=_time": "|stamp": ")([0-9T:-]+\.)(\d{6})(?=Z")')


def without_last_microsecond(ours, theirs):
    """Theirs goes through a double, which cannot hold today's microseconds exactly: one of them may be missing."""
    times = TIME.findall(theirs)

    def nearer(match):
        prefix, digits = times.pop(0) if times else match.groups()
        return prefix + digits if match[1] == prefix and abs(int(match[2]) - int(digits)) <= 1 else match[0]
    return TIME.sub(nearer, ours)


def console(work):
    """Letter by letter."""
    rows.put_load(work, rows.exporting(work, "console", OTEL_AUTO_CONSOLE="{dir}/console.json", **TOLD))
    ours = {json.loads(text)["context"]["span_id"][2:]: text for text in texts(work.text("console.json"))}
    theirs = dict(oracle("console", work.folder / "recorded.jsonl"))
    for key, text in theirs.items():
        mine = without_last_microsecond(ours.get(key, ""), text)
        if mine != text:
            raise Failure("\n".join(difflib.unified_diff(text.splitlines(), mine.splitlines(), "theirs", "ours")))
    return len(theirs), len(ours)


def log_console(work):
    """Letter by letter, each record; both in the order of their times."""
    rows.put_load(work, rows.exporting(work, "otlp/file", "none", "console", OTEL_AUTO_CONSOLE="{dir}/console.json"))
    ours = sorted(texts(work.text("console.json")), key=lambda text: (json.loads(text)["timestamp"], json.loads(text)["body"]))
    theirs = sorted((text for _, text in oracle("log-console", work.folder / "logs-recorded.jsonl")),
                    key=lambda text: (json.loads(text)["timestamp"], json.loads(text)["body"]))
    for mine, text in zip(ours, theirs):
        mine = without_last_microsecond(mine, text)
        if mine != text:
            raise Failure("\n".join(difflib.unified_diff(text.splitlines(), mine.splitlines(), "theirs", "ours")))
    return len(theirs), len(ours)


# Ours alone: whom a span talked to. Theirs alone: "debug", which asks the server to keep the span whatever it samples.
APART = {"remoteEndpoint", "debug"}
ROUNDED = {"timestamp", "duration"}  # theirs is; ours are whole microseconds that have passed


def zipkin(work):
    rows.start(work, "receiver", ["python3", "{top}/tests/e2e/programs/receiver.py", "{receiver}", "{dir}/posts.jsonl", "202"],
               ("receiver",))
    rows.put_load(work, rows.exporting(work, "zipkin",
                                       OTEL_EXPORTER_ZIPKIN_ENDPOINT="http://127.0.0.1:{receiver}/api/v2/spans"))
    import base64
    ours = {span["id"]: span for post in rows.lines(work.folder / "posts.jsonl")
            for span in json.loads(base64.b64decode(post["body"]))}
    theirs = dict(oracle("zipkin", work.folder / "recorded.jsonl"))
    for key, span in theirs.items():
        del span["tags"]["service.name"]  # the endpoint has that name, and nobody needs it twice
        for name in sorted({*span, *ours.get(key, {})} - APART):
            mine, other = ours.get(key, {}).get(name), span.get(name)
            if mine != other and not (name in ROUNDED and abs(mine - other) <= 1):
                raise Failure(f"{name}: ours {ours.get(key, {}).get(name)}, theirs {span.get(name)}")
    return len(theirs), len(ours)


def instrument(kind, metric):
    """The class of Python's API that such a metric would be of; what begins with process. is observed."""
    observed = metric.startswith("process.")
    if kind == "histogram":
        return "Histogram"
    return ("Observable" if observed else "") + ("Counter" if kind == "counter" else "UpDownCounter")


def temporality(word):
    def run(work):
        rows.put_load(work, rows.exporting(work, "none", "otlp/file", OTEL_METRICS_EXPORTER="otlp/file",
                                           OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=word))
        theirs, = oracle("temporality", OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=word)
        sent = seen = 0
        for request in rows.lines(work.folder / "metrics-recorded.jsonl"):
            for metric in [metric for block in request["resourceMetrics"] for scope in block["scopeMetrics"]
                           for metric in scope["metrics"]]:
                kind = next((kind for kind in ("sum", "histogram") if kind in metric), None)
                if not kind:
                    continue
                data = metric[kind]
                which = instrument("counter" if data.get("isMonotonic") else kind, metric["name"])
                sent += 1
                seen += data["aggregationTemporality"] == theirs[which]
                if data["aggregationTemporality"] != theirs[which]:
                    raise Failure(f"{metric['name']} ({which}) has temporality {data['aggregationTemporality']}, theirs is "
                                  f"{theirs[which]}")
        return sent, seen
    return run


VERSION = rows.version("opentelemetry-python")
GZIP = {"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"}
ROWS = [
    *[Row("opentelemetry-proto", f"http/protobuf{' gzip' if more else ''}", signal, decodes(signal, **more), VERSION)
      for more in ({}, GZIP) for signal in ("traces", "metrics", "logs")],
    Row("opentelemetry-python", "bytes of spans", "traces", sizes, VERSION),
    Row("opentelemetry-python", "console", "traces", console, VERSION),
    Row("opentelemetry-python", "console", "logs", log_console, VERSION),
    Row("opentelemetry-python", "zipkin mapping", "traces", zipkin, VERSION),
    *[Row("opentelemetry-python", f"temporality {word}", "metrics", temporality(word), VERSION)
      for word in ("cumulative", "delta", "lowmemory")],
]
