"""Exporters of the user's own: the example writes CSV, and what is wrong with one harms nobody."""
import csv
import re

import harness
from case import Case
from harness import Failure
from points import SECONDS
from probes import bare_probe, requests_at
from servers import nginx_files
from spans import http_client, http_server, process
from telemetry import ROOT, load
from through import PARENT, TRACE

CSV = "{build}/examples/csv_exporter.so"
CURL = ["curl", "-s", "http://127.0.0.1:{probe}/one"]
SPANS = [process(id="curl", attrs={"process.executable.name": "curl"}), http_client("probe", "/one", parent="curl")]


def rows(result, name="spans.csv"):
    path = result.work.folder / name
    if not path.exists():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def as_collected(result):
    """A row for each span that the collector has, with the same in it."""
    spans = {span.span_id: span for span in load(result.work.collector_file)}
    harness.wait_for(lambda: len(rows(result)) >= len(spans), SECONDS, 0.05)
    found = rows(result)
    if len(found) != len(spans) or not spans:
        raise Failure(f"{len(found)} rows for {len(spans)} spans")
    for row in found:
        span = spans[row["span_id"]]
        wrong = [key for key, value in (("trace_id", span.trace_id), ("parent_span_id", span.parent_id), ("name", span.name),
                                        ("kind", span.kind), ("status", span.status), ("service", span.service),
                                        ("start_unix_ns", str(span.start)), ("duration_ns", str(span.end - span.start)),
                                        ("attributes", ";".join(f"{key}={value}" for key, value in span.attrs.items())))
                 if row[key] != value]
        if wrong:
            raise Failure(f"{wrong} of {row} is not that of {span}")


def counted(result):
    harness.wait_for(lambda: len(rows(result, "spans.csv.metrics")) > 1, SECONDS, 0.05)
    durations = [row for row in rows(result, "spans.csv.metrics") if row["metric"] == "http.client.request.duration"]
    if [(row["count"], row["unit"], row["service"]) for row in durations] != [("1", "s", "client")] or \
            not 0 < float(durations[0]["value"]) < 20:
        raise Failure(f"{durations}")


def twice(result):
    if not rows(result) or len(rows(result)) != 2 * len({row["span_id"] for row in rows(result)}):
        raise Failure("two of them in one list do not both write")


def says(*texts, never=()):
    def look(result):
        said = result.work.text("otel-auto.log")
        for text in texts:
            if said.count(text) != 1:
                raise Failure(f"{text!r} is there {said.count(text)} times: {said}")
        for text in never:
            if text in said:
                raise Failure(f"{text!r} is there")
    return look


def curls(name, what, traces, expect=SPANS, env=None, **more):
    return Case(f"plugin-{name}", what, servers=[bare_probe("probe")], needs=("curl", "cc"), run=CURL, expect=[*expect],
                env={"OTEL_TRACES_EXPORTER": traces, "OTEL_AUTO_PLUGIN_CONFIG": "{dir}/spans.csv", **(env or {})}, **more)


def odd(number, name, what, text, **more):
    build = ["cc", "-shared", "-fPIC", f"-DODD={number}", "-I{top}/sdk/include", "-o", "{dir}/odd.so",
             "{programs}/plugin_odd.c"]
    return curls(name, what, "plugin:{dir}/odd.so,otlp", setup=[build], check=says(text, **more))


README = re.compile(r"```c\n(.*?)```", re.S)


def example():
    """The plug-in of the README, as it stands there."""
    text = README.search((harness.TOP / "README.md").read_text(encoding="utf-8"))[1]
    return curls("readme", "the README's example compiles, and prints names", "plugin:{dir}/names.so,otlp", same=False,
                 files={"names.c": text},
                 setup=[["cc", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-I{top}/sdk/include", "-o", "{dir}/names.so",
                         "{dir}/names.c"]], check=printed)


def printed(result):
    if sorted(result.stderr.split()) != ["GET", "curl"]:
        raise Failure(f"not the names: {result.stderr!r}")


def recorded_always(sampled):
    """Which requests went out sampled, and that the plug-in has a row for each, sampled or not; the others have not."""
    def check(result):
        sent = {request.context()[1]: (request.target[1:], request.context()[2][1]) for request in requests_at(result, "probe")}
        harness.wait_for(lambda: len(rows(result)) >= len(sent), SECONDS, 0.05)
        told = {row["span_id"]: row["sampled"] for row in rows(result)}
        if told != {span: str(int(flags, 16) & 1) for span, (_, flags) in sent.items()}:
            raise Failure(f"{told} was told of {sent}")
        if {way for way, flags in sent.values() if int(flags, 16) & 1} != set(sampled):
            raise Failure(f"{sent}: {sampled} are to be sampled")
        if re.search("span.? dropped", result.work.text("otel-auto.log")):
            raise Failure("what others were not given counts as lost")
    return check


def always(name, what, sampled, sampler="parentbased_always_on", check=recorded_always, **more):
    ways = {"on": "-01", "off": "-00"}
    commands = (f"TRACEPARENT=00-{TRACE}-{PARENT}{flags} curl -s http://127.0.0.1:{{probe}}/{way}" for way, flags in ways.items())
    return Case(f"plugin-always-{name}", what, servers=[bare_probe("probe")], needs=("curl",),
                run=["sh", "-c", "; ".join(commands) + "; :"], expect=[http_client("probe", "/" + way) for way in sampled],
                env={"OTEL_TRACES_EXPORTER": f"otlp,plugin:{CSV}", "OTEL_AUTO_PLUGIN_CONFIG": "{dir}/spans.csv",
                     "OTEL_INSTRUMENTATION_PROCESS_ENABLED": "false", "OTEL_AUTO_ALWAYS_RECORD": "true",
                     "OTEL_TRACES_SAMPLER": sampler, **more.pop("env", {})}, check=check(sampled), **more)


def alone(result):
    if result.work.text("otel-auto.log").count("OTEL_AUTO_ALWAYS_RECORD") != 3:
        raise Failure("not a line of the shell, and one of each curl")
    if {request.context()[2] for request in requests_at(result, "probe")} != {"00", "01"}:
        raise Failure("flags were changed")


CASES = [
    curls("fifo", "a pipe is no plug-in, and nothing to wait for", "plugin:{dir}/odd.so,otlp", setup=[["mkfifo", "{dir}/odd.so"]],
          check=says("odd.so: it is no file"), seconds=8),
    example(),
    curls("curl", "the same spans as over OTLP", f"otlp,plugin:{CSV}", check=as_collected),
    Case("plugin-nginx", "a server with workers", servers=[nginx_files("web")], needs=("curl",),
         env={"LD_PRELOAD": None}, same=False, run=["curl", "-s", "http://127.0.0.1:{web}/hello.txt"],
         expect=[http_server("web", "/hello.txt", parent=ROOT)], check=as_collected),
    curls("metrics", "data points", "otlp", env={"OTEL_METRICS_EXPORTER": f"plugin:{CSV}"}, check=counted),
    curls("twice", "two in one list", f"plugin:{CSV}, otlp, Plugin:{CSV}", check=twice),
    curls("missing", "a file that is not there: one line, and the others go on", "plugin:{dir}/none.so,otlp",
          check=says("none.so: cannot open", never=["number"])),
    curls("no-object", "a file that is no shared object", "plugin:{programs}/plugin_odd.c,otlp", check=says("invalid ELF header")),
    odd(1, "no-symbol", "one that defines nothing", "it does not define otel_auto_exporter"),
    odd(2, "init-fails", "one that refuses", "its init failed"),
    odd(3, "export-fails", "one that fails", "exporting through the plug-in odd failed (5); 2 spans dropped"),
    odd(4, "too-old", "one that is too small to be of use", "its struct_size is too small"),
    odd(5, "no-spans", "one that exports no spans", "it does not export spans"),
    odd(7, "thread", "what it keeps for its thread is not taken away while exit handlers run", "a line of the plug-in's"),
    odd(6, "smaller", "one of an older version: what is beyond its size is not looked at", "a line of the plug-in's"),
    always("record", "a plug-in gets what is sampled and what is not, the collector what is sampled", ["on"]),
    always("off", "nothing is sampled: the plug-in gets all, the collector nothing", [], sampler="always_off"),
    always("simple", "the same where each span goes by itself", ["on"], env={"OTEL_AUTO_TRACES_PROCESSOR": "simple"}),
    always("alone", "without a plug-in it is said to do nothing, once a process", ["on"], check=lambda _: alone,
           env={"OTEL_TRACES_EXPORTER": "otlp"}),
]
next(case for case in CASES if case.name == "plugin-nginx").servers[0].env.update(
    {"OTEL_TRACES_EXPORTER": f"otlp,plugin:{CSV}", "OTEL_AUTO_PLUGIN_CONFIG": "{dir}/spans.csv"})
