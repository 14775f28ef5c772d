"""Log records by every exporter: what it sends or writes is read back, and is what the program said."""
import base64
import csv
import json

from case import Case
from harness import must
from logs import log, logs_in
from receivers import POSTS, notes, posts, receiver
from spans import process
from telemetry import ROOT, values

SAYS = ["{python}", "-c", "import syslog; syslog.openlog('me', 0, syslog.LOG_DAEMON)\n"
        "syslog.syslog(syslog.LOG_ALERT, 'first, \"quoted\" \\u00e9'); syslog.syslog(syslog.LOG_DEBUG, 'second')"]
FACILITY = {"syslog.facility": 3}
TWO = [log('first, "quoted" \u00e9', 19, severity_text="alert", scope="libotel-auto.syslog", service="client", within="python",
           attrs=FACILITY),
       log("second", 5, severity_text="debug", scope="libotel-auto.syslog", service="client", within="python", attrs=FACILITY)]
CSV = "{build}/examples/csv_exporter.so"


def says(name, what, env=None, **more):
    """By default the records go to the fake collector, over HTTP in protobuf."""
    return Case(f"logs-{name}", what, run=SAYS, env={"OTEL_METRICS_EXPORTER": "none", **(env or {})},
                **{"logs": TWO, "expect": [process(id="python", parent=ROOT)], **more})


def elsewhere(name, what, env, check, **more):
    """The collector gets the span, something else the records."""
    return says(name, what, env, check=check, **{"logs": [], **more})


def two_logs(found, result):
    must([(one.body, one.severity, one.severity_text, one.attrs) for one in found] ==
         [('first, "quoted" \u00e9', 19, "alert", FACILITY), ("second", 5, "debug", FACILITY)], "\n".join(map(str, found)))
    span, = result.spans
    must(all((one.trace_id, one.span_id, one.flags) == (span.trace_id, span.span_id, 3) for one in found), "context")
    must(all(0 < one.time <= one.observed and span.start <= one.time <= span.end for one in found), "times")
    must(all(one.resource == span.resource and one.scope == "libotel-auto.syslog" for one in found), "resource and scope")


def in_json(path):
    def check(result):
        note, = notes(result)
        must((note["path"], note["type"]) == (path, "application/json"), f"{note['path']} {note['type']}")
        two_logs(logs_in(json.loads(base64.b64decode(note["body"]))), result)
    return check


def to_receiver(name, what, path, env, answer="{}", check=None):
    return elsewhere(name, what, {"OTEL_EXPORTER_OTLP_LOGS_PROTOCOL": "http/json", **env}, check or in_json(path), servers=[receiver("200", answer)])


def written(result):
    lines = result.work.text("l.jsonl").splitlines()
    must(len(lines) == 1 and set(json.loads(lines[0])) == {"resourceLogs"}, f"{len(lines)} lines")
    two_logs(logs_in(json.loads(lines[0])), result)


def printed(result):
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    two_logs([record for line in lines for record in logs_in(line)], result)


def as_python_does(result):
    span, = result.spans
    first, second = values(result.stdout)
    must(list(first) == ["body", "severity_number", "severity_text", "attributes", "dropped_attributes", "timestamp",
                         "observed_timestamp", "trace_id", "span_id", "trace_flags", "resource", "event_name"], f"{list(first)}")
    must((first["body"], second["severity_text"]) == ('first, "quoted" \u00e9', "debug") and first["attributes"] == FACILITY and
         first["trace_id"] == f"0x{span.trace_id}" and first["span_id"] == f"0x{span.span_id}", f"{first}")


def for_people(result):
    lines = result.work.text("console.txt").splitlines()
    must(len(lines) == 2 and 'ERROR3  first, "quoted" \u00e9  trace ' in lines[0] and "DEBUG   second  trace" in lines[1],
         "\n".join(lines))


def as_rows(result):
    with open(result.work.folder / "t.csv.logs", newline="", encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    span, = result.spans
    must((first["body"], second["body"]) == ('first, "quoted" \u00e9', "second") and first["service"] == "client" and
         (first["severity"], first["attributes"]) == ("19", "syslog.facility=3") and
         (first["trace_id"], second["span_id"]) == (span.trace_id, span.span_id), f"{first} {second}")


def log_says(text):
    def check(result):
        said = result.work.text("otel-auto.log")
        must(said.count(text) == 1, said)
    return check


def packed(result):
    post, = posts(result, "logs")
    must(post["headers"].get("content-encoding") == "gzip" and post["items"] == 2, f"{post}")


def of_service(result):
    paths = [post["path"] for post in posts(result, "logs")]
    must(paths == ["/opentelemetry.proto.collector.logs.v1.LogsService/Export"], f"{paths}")


def one_each(result):
    sent = [(post["path"], post["items"]) for post in posts(result, "logs")]
    must(sent == 2 * [("/v1/logs", 1)], f"{sent}")


ODD = ["cc", "-shared", "-fPIC", "-DODD=3", "-I{top}/sdk/include", "-o", "{dir}/odd.so", "{programs}/plugin_odd.c"]
CONFIG = """file_format: "1.1"
resource: {attributes: [{name: service.name, value: client}]}
tracer_provider: {processors: [{batch: {exporter: {otlp_http: {endpoint: "http://127.0.0.1:{collector}/v1/traces"}}}}]}
logger_provider:
  processors: [{batch: {exporter: {otlp_grpc: {endpoint: "http://127.0.0.1:{collector}"}}}}]
  limits: {attribute_count_limit: 0}
"""

CASES = [
    says("otlp", "H.7 139, 140: two records, in the span that the program is"),
    says("gzip", "the same, packed", {"OTEL_EXPORTER_OTLP_LOGS_COMPRESSION": "gzip"}, check=packed,
         collector=POSTS),
    says("grpc", "the same as a call", {"OTEL_EXPORTER_OTLP_LOGS_PROTOCOL": "grpc"}, check=of_service,
         collector=POSTS),
    says("simple", "H.7 138: a request for each", {"OTEL_AUTO_LOGS_PROCESSOR": "simple"}, check=one_each,
         collector=POSTS),
    says("rejected", "a receiver that takes a part", {"OTEL_TRACES_EXPORTER": "otlp/file",
                                                     "OTEL_AUTO_OTLP_FILE_TRACES_PATH": "t.jsonl"},
         collector=("--mode", "partial"), expect=[], logs=[log("second"), log(None, 19)],
         check=log_says("rejected 1 log records: too large")),
    says("refused", "a receiver that takes nothing", {"OTEL_TRACES_EXPORTER": "none"}, collector=("--mode", "400"), expect=[],
         logs=[], check=log_says("failed: HTTP status 400: no spans wanted; 2 log records dropped")),
    says("config-file", "a file with a logger_provider decides", {"OTEL_CONFIG_FILE": "{dir}/otel.yaml", "OTEL_LOGS_EXPORTER": "none"},
         files={"otel.yaml": CONFIG}, logs=[log(want.body, want.severity, within="python", exact_attrs=True) for want in TWO],
         check=lambda result: must([record.dropped for record in result.logs] == [1, 1], "what is over the limit is counted")),
    says("none", "OTEL_LOGS_EXPORTER=none: no record, and the span as ever", {"OTEL_LOGS_EXPORTER": "none"}, logs=[]),
    to_receiver("json", "in JSON, the general endpoint", "/v1/logs", {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": None,
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:{receiver}",
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:{collector}/v1/traces"}),
    to_receiver("json-own-endpoint", "in JSON, an endpoint of their own", "/records",
                {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://127.0.0.1:{receiver}/records"}),
    to_receiver("json-rejected", "a part is refused, in JSON", "/", {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://127.0.0.1:{receiver}"},
                '{"partialSuccess": {"rejectedLogRecords": "1", "errorMessage": "too old"}}',
                log_says("rejected 1 log records: too old")),
    elsewhere("file", "a line in a file", {"OTEL_LOGS_EXPORTER": "otlp/file", "OTEL_AUTO_OTLP_FILE_LOGS_PATH": "l.jsonl"}, written),
    elsewhere("file-unnamed", "no file is named: one line about it", {"OTEL_LOGS_EXPORTER": "otlp/file"},
              log_says("otlp/file needs OTEL_AUTO_OTLP_FILE_LOGS_PATH")),
    elsewhere("file-nowhere", "a file that cannot be opened: one line about it", {
        "OTEL_LOGS_EXPORTER": "otlp/file", "OTEL_AUTO_OTLP_FILE_LOGS_PATH": "{dir}/no/l.jsonl"},
              log_says("/no/l.jsonl failed: No such file or directory; 2 log records dropped")),
    elsewhere("stdout", "a line on standard output", {"OTEL_LOGS_EXPORTER": "otlp/stdout"}, printed, same=False),
    elsewhere("console", "what Python's exporter prints", {"OTEL_LOGS_EXPORTER": "console"}, as_python_does, same=False),
    elsewhere("console-lines", "a line each, for people", {"OTEL_LOGS_EXPORTER": "console", "OTEL_AUTO_CONSOLE": "console.txt",
              "OTEL_AUTO_CONSOLE_FORMAT": "tree"}, for_people),
    says("two-exporters", "a file and the collector", {"OTEL_LOGS_EXPORTER": "otlp/file,otlp",
                                                      "OTEL_AUTO_OTLP_FILE_LOGS_PATH": "l.jsonl"}, check=written),
    elsewhere("plugin", "rows of a plug-in", {"OTEL_LOGS_EXPORTER": f"plugin:{CSV}", "OTEL_AUTO_PLUGIN_CONFIG": "{dir}/t.csv"},
              as_rows, needs=("cc",)),
    elsewhere("plugin-cannot", "a plug-in that is not made for logs: one line about it", {"OTEL_LOGS_EXPORTER": "plugin:{dir}/odd.so"},
              log_says("it does not export log records"), needs=("cc",), setup=[ODD]),
]
