"""Metrics: N requests are exactly N in every count, whatever the trace of them does."""
import dataclasses

from case import Case
from points import metrics_are, point
from servers import nginx_files, nginx_proxy, node, python_http
from telemetry import ABSENT

OFTEN = {"OTEL_METRIC_EXPORT_INTERVAL": "100", "OTEL_TRACES_EXPORTER": "none"}
DURATION = "http.{}.request.duration"


def often(server, **env):
    return dataclasses.replace(server, env={**server.env, **OFTEN, **env})


def asks(port, count, path="/hello.txt"):
    return ["curl", "-s", *[f"http://127.0.0.1:{{{port}}}{path}"] * count]


def served(service, count, **attrs):
    return point(DURATION.format("server"), service,
                 {"http.request.method": "GET", "url.scheme": "http", "http.response.status_code": 200,
                  "server.address": ABSENT, **attrs}, count=count)


def asked(port, count, service="client"):
    return point(DURATION.format("client"), service,
                 {"http.request.method": "GET", "server.address": "127.0.0.1", "server.port": "{%s}" % port,
                  "http.response.status_code": 200}, count=count)


def counts(name, what, servers, run, wants, **more):
    more.setdefault("env", {"OTEL_TRACES_EXPORTER": "none"})
    more.setdefault("needs", ("curl",))
    return Case(f"metrics-{name}", what, servers=servers, run=run, exact=False, check=metrics_are(*wants), **more)


def sizes(items):
    """hello.txt has six bytes."""
    last = items[0][-1]
    return None if (last["min"], last["max"]) == (6, 6) else f"bodies from {last['min']} to {last['max']} bytes"


def has_exemplar(items):
    found = [e for points in items for item in points for e in item["exemplars"] if e["traceId"].strip("0")]
    return None if found else "no exemplar with a trace"


def has_no_exemplar(items):
    return "an exemplar came" if any(item["exemplars"] for points in items for item in points) else None


def is_temporality(number):
    def look(items):
        seen = {item["temporality"] for points in items for item in points}
        return None if seen == {number} else f"temporality is {seen}, not {number}"
    return look


def is_kind(kind):
    def look(items):
        return None if {items[0][-1]["kind"]} == {kind} else f"it is a {items[0][-1]['kind']}"
    return look


CLIENT_ALL = [asked("web", 5), point("http.client.active_requests", "client", value=0),
              point("http.client.response.body.size", "client", count=5, more=sizes),
              point("http.client.request.body.size", "client", count=5),
              point("otel_auto.connection.count", "client", value=5),
              point("otel_auto.connection.open", "client", value=0),
              point("otel_auto.connection.connect.duration", "client", {"network.transport": "tcp"}, count=5),
              point("process.cpu.time", "client", series=2)]

CASES = [
    counts("client", "all instruments of a client, delivered by a process of some milliseconds",
           [python_http("web")], asks("web", 5), CLIENT_ALL),
    counts("python", "a threaded server", [often(python_http("web"))], asks("web", 7), [
        served("web", 7, **{"http.route": "/hello.txt"}), point("http.server.active_requests", "web", value=0),
        point("http.server.response.body.size", "web", count=7, more=sizes)]),
    counts("nginx", "two workers, each a process of its own", [often(nginx_files("web"))], asks("web", 40), [
        served("web", 40), asked("web", 40)]),
    counts("proxy", "both sides of a proxy", [python_http("back"), often(nginx_proxy("front", "back"))],
           asks("front", 9), [served("front", 9), asked("back", 9, "front"), asked("front", 9)]),
    counts("node", "an event loop", [often(node("web", "server.js"))], asks("web", 6, "/"), [served("web", 6)],
           needs=("curl", "node")),
    counts("unsampled", "no trace is sampled, every request counts", [python_http("web")], asks("web", 5), CLIENT_ALL,
           env={"OTEL_TRACES_SAMPLER": "always_off"}),
    counts("own-context", "requests with a traceparent of the application's own count too", [python_http("web")],
           ["curl", "-s", "-H", "traceparent: 00-11111111111111111111111111111111-2222222222222222-01",
            *["http://127.0.0.1:{web}/hello.txt"] * 3], [asked("web", 3)]),
    counts("errors", "a refused connection and a status of 404", [python_http("web")],
           ["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:{web}/none"], [
               point(DURATION.format("client"), "client", {"http.response.status_code": 404, "error.type": "404"}, count=1)]),
    counts("exemplars", "a sampled request leaves an exemplar", [python_http("web")], asks("web", 1), [
        point(DURATION.format("client"), "client", count=1, more=has_exemplar)], env={}),
    counts("exemplars-off", "none are kept when nobody wants them", [python_http("web")], asks("web", 1), [
        point(DURATION.format("client"), "client", count=1, more=has_no_exemplar)],
        env={"OTEL_METRICS_EXEMPLAR_FILTER": "always_off"}),
    counts("exponential", "base-2 exponential histograms", [often(
        python_http("web"), OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION="base2_exponential_bucket_histogram")],
           asks("web", 12), [point(DURATION.format("server"), "web", count=12, more=is_kind("exponential"))]),
    counts("delta", "delta: the intervals add up", [often(
        python_http("web"), OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE="delta")], asks("web", 30), [
            point(DURATION.format("server"), "web", count=30, more=is_temporality(1)),
            point("http.server.active_requests", "web", value=0, more=is_temporality(2))]),
    counts("seed-name", "the variable that the exporters page names", [often(
        python_http("web"), OTEL_EXPORTER_METRICS_TEMPORALITY_PREFERENCE="DELTA")], asks("web", 3), [
            point(DURATION.format("server"), "web", count=3, more=is_temporality(1)),
            point("process.cpu.time", "web", more=is_temporality(1))]),
    counts("lowmemory", "delta for what is recorded, cumulative for what is observed", [often(
        python_http("web"), OTEL_EXPORTER_METRICS_TEMPORALITY_PREFERENCE="LowMemory")], asks("web", 3), [
            point(DURATION.format("server"), "web", count=3, more=is_temporality(1)),
            point("process.cpu.time", "web", more=is_temporality(2))]),
    counts("delta-away", "the collector refuses for a while: nothing of the deltas is lost", [often(
        python_http("web"), OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE="delta", OTEL_EXPORTER_OTLP_METRICS_TIMEOUT="50")],
           ["sh", "-c", "for i in 1 2 3 4 5 6; do curl -s http://127.0.0.1:{web}/hello.txt; sleep 0.1; done"],
           [point(DURATION.format("server"), "web", count=6)], collector=("--mode", "400", "--times", "5"),
           env={"OTEL_METRICS_EXPORTER": "none", "OTEL_TRACES_EXPORTER": "none"}),
    counts("limit", "more sets than are kept: the rest counts as overflow", [python_http("web")],
           ["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:{web}/hello.txt", "-o", "/dev/null",
            "http://127.0.0.1:{web}/none"], [
               point(DURATION.format("client"), "client", {"otel.metric.overflow": True}, count=1)],
           env={"OTEL_AUTO_METRICS_CARDINALITY_LIMIT": "1", "OTEL_TRACES_EXPORTER": "none"}),
    counts("fork", "a child never reports what its parent counted", [python_http("web")],
           ["{python}", "-c", "import os, urllib.request as u\nurl = 'http://127.0.0.1:{web}/hello.txt'\n"
            "for i in range(4): u.urlopen(url).read()\nif os.fork() == 0:\n    u.urlopen(url).read()\n    os._exit(0)\n"
            "os.wait()\nu.urlopen(url).read()"], [asked("web", 6)], needs=()),
    counts("exec", "counted before exec, delivered all the same", [python_http("web")],
           ["{python}", "-c", "import os, urllib.request as u\nu.urlopen('http://127.0.0.1:{web}/hello.txt').read()\n"
            "os.execlp('curl', 'curl', '-s', 'http://127.0.0.1:{web}/hello.txt')"], [asked("web", 2)]),
]
