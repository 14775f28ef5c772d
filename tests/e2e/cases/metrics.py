"""Metrics: N requests are exactly N in every count, whatever the trace of them does."""
import dataclasses

from case import Case
from exposition import OPENMETRICS, exposes, fetch, total
from harness import Failure, Server
from points import metrics_are, point
from servers import nginx_files, nginx_proxy, node, python_http
from telemetry import ABSENT, values

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
    more.setdefault("check", metrics_are(*wants))
    return Case(f"metrics-{name}", what, servers=servers, run=run, exact=False, **more)


def printed(expected):
    """A check: the console's last collection says so many client requests."""
    def check(result):
        text = result.work.text("console.json")
        last = list(values(text))[-1]
        found = [point["count"] for scope in last["resource_metrics"][0]["scope_metrics"] for metric in scope["metrics"]
                 if metric["name"] == DURATION.format("client") for point in metric["data"]["data_points"]]
        if sum(found) != expected:
            raise Failure(f"the console says {found}")
    return check


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


def scraped(server, **env):
    """A server whose metrics are offered on the port {scrape}."""
    more = {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "prometheus",
            "OTEL_EXPORTER_PROMETHEUS_PORT": "{scrape}", **env}
    return dataclasses.replace(server, env={**server.env, **more}, ports=(*server.ports, "scrape"))


def system_python(name):
    """Debian's: an executable with a fixed address."""
    server = python_http(name)
    return dataclasses.replace(server, command=["/usr/bin/python3", *server.command[1:]])


def workers(server, count):
    server.files = {name: text.replace("worker_processes 2", f"worker_processes {count}")
                    for name, text in server.files.items()}
    return server


def offers(name, what, server, wants, accept="", count=5, **more):
    more.setdefault("needs", ("curl",))
    more.setdefault("check", exposes("scrape", *wants, accept=accept))
    return Case(f"prometheus-{name}", what, servers=[server], run=asks("web", count), exact=False, same=False,
                env={"OTEL_TRACES_EXPORTER": "none"}, **more)


COUNT = "http_server_request_duration_seconds_count"
EXPORTED = "otel_sdk_exporter_span_exported_total"


def negotiated(result):
    """H.10, 155 and 164."""
    for accept, expected in (
            ("", "text/plain; version=0.0.4; charset=utf-8"), ("image/png", "text/plain; version=0.0.4; charset=utf-8"),
            ("text/plain;version=1.0.0;escaping=dots", "text/plain; version=1.0.0; charset=utf-8; escaping=dots"),
            ("text/plain;q=0.3, application/openmetrics-text;version=1.0.0;q=0.7",
             "application/openmetrics-text; version=1.0.0; charset=utf-8")):
        kind, _ = fetch(result.work.values["scrape"], accept)
        if kind != expected:
            raise Failure(f"{accept!r} gave {kind!r}")


def without_scope(result):
    """H.10, 158."""
    _, text = fetch(result.work.values["scrape"], "")
    if "otel_scope" in text or COUNT + "{" not in text:
        raise Failure(text)


def untranslated(result):
    """H.10, 157: names as they are for whoever reads UTF-8, with underscores for everybody else; no resource."""
    for accept, line in (("text/plain;version=1.0.0;escaping=allow-utf-8",
                          '{"http.server.request.duration_count",otel_scope_name="libotel-auto.http",'),
                         ("", "http_server_request_duration_count{otel_scope_name=")):
        _, text = fetch(result.work.values["scrape"], accept)
        if line not in text or "target_info" in text:
            raise Failure(text)


def never_back(result):
    """While a worker is killed and a new one takes its place, the count stays."""
    import os
    import signal
    import subprocess
    master = next(process.pid for name, process in result.work.running if name == "web")
    port = result.work.values["scrape"]
    exposes("scrape", (COUNT, {}, 40))(result)
    for child in subprocess.run(["pgrep", "-P", str(master)], stdout=subprocess.PIPE, check=False).stdout.split():
        os.kill(int(child), signal.SIGKILL)
    exposes("scrape", (COUNT, {}, 40), ("http_server_active_requests", {}, 0))(result)
    urllib_get(result.work.values["web"])
    exposes("scrape", (COUNT, {}, 41))(result)
    if total(fetch(port)[1], "target_info") != 1:
        raise Failure("not one target_info")


def urllib_get(port):
    import urllib.request
    urllib.request.urlopen(f"http://127.0.0.1:{port}/hello.txt", timeout=10).read()


def says_once(result):
    text = result.work.text("otel-auto.log")
    if text.count("cannot offer metrics") != 1 or "the port is taken" not in text:
        raise Failure(text)


GET = r"GET /hello.txt HTTP/1.1\r\nHost: web\r\n"
PIPELINED = (GET + r"\r\n") * 49 + GET + r"Connection: close\r\n\r\n"

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
    offers("python", "a scrape, and one before the first request", scraped(python_http("web")), [
        (COUNT, {"http_request_method": "GET", "http_response_status_code": "200",
                 "otel_scope_name": "libotel-auto.http"}, 5), ("target_info", {"service_name": "web"}, 1)]),
    offers("non-pie", "a program that is not position independent and takes malloc's address has no malloc of its own",
           scraped(system_python("web")), [(COUNT, {}, 5)]),
    counts("gauge", "what was set last, not a sum", [], [
        "{python}", "-c", "import socket\nfor i in range(3): socket.getaddrinfo('localhost', 80, socket.AF_INET)"], [
            point("otel_auto.dns.lookup.addresses", "client", {"dns.question.name": "localhost"}, value=1, series=1,
                  more=is_kind("gauge")),
            point("dns.lookup.duration", "client", {"dns.question.name": "localhost"}, count=3)], needs=()),
    offers("own-malloc", "a program with an allocator of its own is scraped more than once", scraped(
        Server("web", ["{dir}/own", "{web}"], ports=("web",))), [], needs=("curl", "cc"), sanitized=False,
           setup=[["cc", "-O1", "-fno-builtin", "-rdynamic", "-o", "{dir}/own", "{programs}/own_malloc.c"]],
           check=lambda result: [exposes("scrape", (COUNT, {}, 5))(result) for _ in range(3)] and None),
    offers("openmetrics", "the other syntax, with exemplars", scraped(python_http("web")), [(COUNT, {}, 5)], OPENMETRICS),
    offers("formats", "H.10 155, 164: content negotiation", scraped(python_http("web")), [], check=negotiated),
    offers("scope-off", "H.10 158: no labels of the scope", scraped(
        python_http("web"), OTEL_AUTO_PROMETHEUS_SCOPE_INFO_ENABLED="false"), [], check=without_scope),
    offers("untranslated", "H.10 157: names with their dots", scraped(
        python_http("web"), OTEL_AUTO_PROMETHEUS_TARGET_INFO_ENABLED="false",
        OTEL_AUTO_PROMETHEUS_TRANSLATION_STRATEGY="NoTranslation"), [], check=untranslated),
    offers("cumulative", "H.10 165: whatever the preference says", scraped(
        python_http("web"), OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE="delta"), [(COUNT, {}, 5)]),
    offers("exponential", "H.10 166: as fixed buckets", scraped(
        python_http("web"), OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION="base2_exponential_bucket_histogram"),
           [(COUNT, {}, 5)]),
    offers("workers", "eight workers, one endpoint, and it never goes back", scraped(workers(nginx_files("web"), 8)), [],
           count=40, check=never_back),
    offers("both", "scraped and pushed: the same counts", scraped(
        python_http("web"), OTEL_METRICS_EXPORTER="prometheus,otlp", OTEL_METRIC_EXPORT_INTERVAL="100"), [],
           check=lambda result: (exposes("scrape", (COUNT, {}, 5))(result), metrics_are(served("web", 5))(result))),
    offers("self", "what the pipeline tells of itself", scraped(
        python_http("web"), OTEL_AUTO_SELF_METRICS="true", OTEL_TRACES_EXPORTER="otlp", OTEL_BSP_SCHEDULE_DELAY="100",
        OTEL_METRICS_EXPORTER="prometheus,otlp"), [
            (EXPORTED, {"otel_component_type": "otlp_http_span_exporter"}, 5), (EXPORTED, {"error_type": "rejected"}, 0),
            ("otel_sdk_processor_span_queue_capacity", {"otel_component_name": "batching_span_processor/0"}, 2048)]),
    offers("taken", "H.10 167: the port is taken: one line, and the server serves", dataclasses.replace(
        python_http("web"), env={**OFTEN, "OTEL_METRICS_EXPORTER": "prometheus",
                                 "OTEL_EXPORTER_PROMETHEUS_PORT": "{collector}"}), [], check=says_once),
    counts("self", "what the pipeline tells of itself, when it is asked to", [python_http("web")], asks("web", 5), [
        point("otel.sdk.exporter.span.exported", "client", {"otel.component.type": "otlp_http_span_exporter",
                                                            "error.type": ABSENT}, value=5),
        point("otel.sdk.exporter.span.exported", "client", {"error.type": "rejected"}, value=0),
        point("otel.sdk.processor.span.processed", "client", {"otel.component.name": "batching_span_processor/0",
                                                              "error.type": ABSENT}, value=5),
        point("otel.sdk.processor.span.processed", "client", {"error.type": "queue_full"}, value=0),
        point("otel.sdk.processor.span.queue.capacity", "client", value=2048),
        point("otel.sdk.processor.span.queue.size", "client", value=0)],
           env={"OTEL_AUTO_SELF_METRICS": "true", "OTEL_INSTRUMENTATION_PROCESS_ENABLED": "false"}),
    counts("console", "the console's count is exact too", [python_http("web")], asks("web", 9), [], check=printed(9), env={
        "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "console", "OTEL_AUTO_CONSOLE": "{dir}/console.json"}),
    counts("pipelining", "requests that are sent before the first answer", [often(nginx_files("web"))],
           ["{python}", "{programs}/raw.py", "{web}", PIPELINED], [served("web", 50)], needs=(), same=False),
]
