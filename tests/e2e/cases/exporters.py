"""Exporters besides OTLP in protobuf: what they send or write is read back."""
import base64
import json
import re

from case import Case
from harness import must
from receivers import notes, receiver
from servers import python_http
from telemetry import spans_in, value_of

CURL = ["curl", "-s", "http://127.0.0.1:{web}/hello.txt"]
QUIET = {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"}


def quiet_web(**env):
    server = python_http("web")
    server.env = {**server.env, **QUIET, **env}
    return server


def received(result, count=1):
    """(path, type, body) of what was posted."""
    return [(note["path"], note["type"], base64.b64decode(note["body"])) for note in notes(result, count)]


FILES = """file_format: "1.1"
resource:
  attributes: [{name: service.name, value: client}]
  detection/development: {detectors: [process: ], attributes: {excluded: [process.command]}}
tracer_provider:
  processors: [batch: {exporter: {otlp_file/development: {output_stream: "file://{dir}/t.jsonl"}}}]
meter_provider:
  readers: [periodic: {exporter: {otlp_file/development: {output_stream: "file://{dir}/m.jsonl"}}}]
"""


def sends(name, what, env, check, status="200", answer=(), **more):
    env = {"OTEL_TRACES_EXPORTER": None, "OTEL_METRICS_EXPORTER": "none", "OTEL_BSP_SCHEDULE_DELAY": "5000", **env}
    return Case(f"exporter-{name}", what, servers=[quiet_web(), receiver(status, *answer)], needs=("curl",), run=CURL,
                env=env, exact=False, check=check, **more)


# ---- OTLP in JSON --------------------------------------------------------------------------------

def two_spans(spans):
    must(len(spans) == 2, f"{len(spans)} spans")
    curl, = [span for span in spans if span.kind == "internal"]
    client, = [span for span in spans if span.kind == "client"]
    must(client.parent_id == curl.span_id and client.trace_id == curl.trace_id and not curl.parent_id, "parents")
    must(client.attrs["http.response.status_code"] == 200 and client.service == "client", f"{client}")
    must(client.resource["process.pid"] == curl.resource["process.pid"], "resource")
    must(client.scope == "libotel-auto.http" and client.start < client.end, "scope and times")


def otlp_json(result):
    (path, kind, body), = received(result)
    must((path, kind) == ("/v1/traces", "application/json"), f"{path} {kind}")
    two_spans(spans_in(json.loads(body)))
    span = json.loads(body)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    must(isinstance(span["startTimeUnixNano"], str) and isinstance(span["kind"], int) and span["flags"] == 0x103,
         f"{span}")


def metric_of(data, name):
    return next(metric for scope in data["resourceMetrics"][0]["scopeMetrics"] for metric in scope["metrics"]
                if metric["name"] == name)


def has_metrics(data):
    point, = metric_of(data, "http.client.request.duration")["histogram"]["dataPoints"]
    must(point["count"] == "1" and sum(map(int, point["bucketCounts"])) == 1 and point["min"] == point["max"] > 0, f"{point}")
    must(len(point["bucketCounts"]) == len(point["explicitBounds"]) + 1, "boundaries")
    io = metric_of(data, "otel_auto.connection.io")["sum"]
    must(io["isMonotonic"] is True and io["aggregationTemporality"] == 2 and
         all(int(item["asInt"]) > 0 for item in io["dataPoints"]), f"{io}")
    must("gauge" in metric_of(data, "process.uptime"), "gauge")
    attrs = {item["key"]: value_of(item["value"]) for item in point["attributes"]}
    must(attrs["http.response.status_code"] == 200, f"{attrs}")


def otlp_json_metrics(result):
    (path, _, body), = received(result)
    must(path == "/v1/metrics", path)
    has_metrics(json.loads(body))


def partial(result):
    received(result)
    must("rejected 1 spans: too old" in result.work.text("otel-auto.log"), result.work.text("otel-auto.log"))


# ---- files ---------------------------------------------------------------------------------------

def lines_of(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def written(result):
    traces, metrics = lines_of(result.work.text("t.jsonl")), lines_of(result.work.text("m.jsonl"))
    two_spans([span for line in traces for span in spans_in(line)])
    must(len(metrics) == 1 and all(set(line) == {"resourceSpans"} for line in traces), f"{len(metrics)} lines of metrics")
    has_metrics(metrics[0])


def takes_nothing(result):
    said = re.sub("[0-9]+", "n", result.work.text("otel-auto.log"))
    for what in "spans dropped", "data points not delivered":
        must(said.count(f"exporting to /dev/full failed: it cannot be written to; n {what}") == 1, said)


def printed(result):
    two_spans([span for line in lines_of(result.stdout) for span in spans_in(line)])
    must(result.stdout.startswith("hello\n"), "the program's own words come first")


# ---- Zipkin --------------------------------------------------------------------------------------

def zipkin_spans(spans):
    must(len(spans) == 2, f"{len(spans)} spans")
    client, = [span for span in spans if span.get("kind") == "CLIENT"]
    curl, = [span for span in spans if "kind" not in span]
    must(client["parentId"] == curl["id"] and client["traceId"] == curl["traceId"] and "parentId" not in curl, "parents")
    must(len(client["traceId"]) == 32 and client["name"] == "GET", f"{client}")
    must(client["localEndpoint"] == {"serviceName": "client"}, f"{client['localEndpoint']}")
    must(client["remoteEndpoint"] == {"serviceName": "127.0.0.1"}, f"{client['remoteEndpoint']}")
    must("remoteEndpoint" not in curl, "nobody is asked")
    must(client["duration"] >= 1 and client["timestamp"] > 1e15, "microseconds")
    tags = client["tags"]
    must(tags["http.response.status_code"] == "200" and tags["otel.scope.name"] == tags["otel.library.name"] ==
         "libotel-auto.http" and "error" not in tags and "service.name" not in tags and tags["host.arch"], f"{tags}")


def zipkin_json(result):
    (path, kind, body), = received(result)
    must((path, kind) == ("/api/v2/spans", "application/json"), f"{path} {kind}")
    zipkin_spans(json.loads(body))


def fields(data):
    """Protobuf: (number, value) of each field; texts and messages as bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        tag = varint()
        if tag & 7 == 0:
            value = varint()
        elif tag & 7 == 1:
            value, at = int.from_bytes(data[at:at + 8], "little"), at + 8
        else:
            size = varint()
            value, at = data[at:at + size], at + size
        yield tag >> 3, value


def zipkin_of(data):
    span = {"tags": {}}
    for number, value in fields(data):
        if number == 11:
            tag = dict(fields(value))
            span["tags"][tag[1].decode()] = tag.get(2, b"").decode()
        elif number in (8, 9):
            endpoint = dict(fields(value))
            span[{8: "localEndpoint", 9: "remoteEndpoint"}[number]] = {"serviceName": endpoint[1].decode()}
        elif number == 4:
            span["kind"] = {1: "CLIENT", 2: "SERVER"}[value]
        elif number == 5:
            span["name"] = value.decode()
        elif number in (6, 7):
            span[{6: "timestamp", 7: "duration"}[number]] = value
        else:
            span[{1: "traceId", 2: "parentId", 3: "id"}[number]] = value.hex()
    return span


def zipkin_protobuf(result):
    (_, kind, body), = received(result)
    must(kind == "application/x-protobuf", kind)
    zipkin_spans([zipkin_of(value) for number, value in fields(body) if number == 1])


def zipkin_error(result):
    (_, _, body), = received(result)
    client, = [span for span in json.loads(body) if span.get("kind") == "CLIENT"]
    tags = client["tags"]
    must(tags["error"] == "" and tags["otel.status_code"] == "ERROR" and tags["error.type"] == "404", f"{tags}")


def one_at_a_time(result):
    """H.3, 63: twenty exports of one span, that were asked for faster than the receiver answers."""
    posts = [note for note in notes(result, 20) if note["path"] == "/v1/traces"]
    must(len(posts) == 20, f"{len(posts)} exports")
    must({note["under_way"] for note in posts} == {1}, f"{[note['under_way'] for note in posts]}")


def zipkin_events(result):
    (_, _, body), = received(result)
    client, = [span for span in json.loads(body) if span.get("kind") == "CLIENT"]
    notes = client["annotations"]
    must([note["value"] for note in notes] == ["http.send.start", "http.send.done", "http.receive.start"], f"{notes}")
    times = [client["timestamp"], *(note["timestamp"] for note in notes), client["timestamp"] + client["duration"]]
    must(times == sorted(times), f"{times}")


JSON = {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:{receiver}"}
ZIPKIN = {"OTEL_TRACES_EXPORTER": "zipkin", "OTEL_EXPORTER_ZIPKIN_ENDPOINT": "http://127.0.0.1:{receiver}/api/v2/spans"}

CASES = [
    sends("otlp-json", "OTLP over HTTP in JSON", JSON, otlp_json),
    sends("otlp-json-gzip", "the same, compressed", {**JSON, "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"}, otlp_json),
    sends("otlp-json-metrics", "metrics in JSON", {**JSON, "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "otlp"},
          otlp_json_metrics),
    sends("otlp-json-partial", "a partial success in JSON", JSON, partial,
          answer=('{"partialSuccess": {"rejectedSpans": "1", "errorMessage": "too old"}}',)),
    sends("otlp-file", "lines in two files", {
        "OTEL_TRACES_EXPORTER": "otlp/file", "OTEL_METRICS_EXPORTER": "otlp/file",
        "OTEL_AUTO_OTLP_FILE_TRACES_PATH": "{dir}/t.jsonl", "OTEL_AUTO_OTLP_FILE_METRICS_PATH": "m.jsonl"}, written),
    sends("otlp-file-full", "files that take nothing: one line for each signal", {
        "OTEL_TRACES_EXPORTER": "otlp/file", "OTEL_METRICS_EXPORTER": "console", "OTEL_AUTO_CONSOLE": "/dev/full",
        "OTEL_AUTO_OTLP_FILE_TRACES_PATH": "/dev/full"}, takes_nothing),
    sends("otlp-file-config", "the same by a configuration file", {"OTEL_CONFIG_FILE": "{dir}/otel.yaml"}, written,
          files={"otel.yaml": FILES}),
    sends("otlp-stdout", "lines on standard output", {"OTEL_TRACES_EXPORTER": "otlp/stdout"}, printed, same=False),
    Case("exporter-one-at-a-time", "however much there is to send, an exporter has one request under way", needs=("curl",),
         servers=[quiet_web(**JSON, OTEL_TRACES_EXPORTER="otlp", OTEL_BSP_MAX_EXPORT_BATCH_SIZE="1"),
                  receiver("200", "{}", "0.05")], env={"LD_PRELOAD": None}, exact=False, same=False, check=one_at_a_time,
         run=["curl", "-s", "--parallel", "--parallel-immediate", "http://127.0.0.1:{web}/hello.txt?[1-20]"]),
    sends("zipkin-json", "Zipkin, the default encoding", ZIPKIN, zipkin_json, status="202"),
    sends("zipkin-protobuf", "Zipkin in protobuf", {**ZIPKIN, "OTEL_EXPORTER_ZIPKIN_PROTOCOL": "http/protobuf"},
          zipkin_protobuf, status="202"),
    Case("exporter-zipkin-error", "a failure is a tag", servers=[quiet_web(), receiver("202")], needs=("curl",),
         run=["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:{web}/none"], exact=False, check=zipkin_error,
         env={**ZIPKIN, "OTEL_METRICS_EXPORTER": "none", "OTEL_BSP_SCHEDULE_DELAY": "5000"}),
    sends("zipkin-events", "events are annotations", {**ZIPKIN, "OTEL_AUTO_HTTP_EVENTS": "true"}, zipkin_events,
          status="202"),
]
