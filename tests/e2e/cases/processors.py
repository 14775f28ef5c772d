"""What of spans leaves when, by the variables of the processors."""
from case import Case
from harness import Failure
from probes import bare_probe, together
from receivers import POSTS, posts
from servers import python_http
from spans import http_client, http_server, process
from telemetry import ROOT, values

BARE = {"LD_PRELOAD": None}
HOUR = "3600000"
PATHS = ("/a", "/b", "/c", "/d", "/e")


SIX = [process(id="curl", parent=ROOT), *(http_client("probe", path, parent="curl") for path in PATHS)]


def curl_of_five(name, what, check, **more):
    """Six spans of one process: five requests and its own."""
    return Case(f"processor-{name}", what, servers=[bare_probe("probe")], needs=("curl",), check=check,
                run=["curl", "-s", *("http://127.0.0.1:{probe}" + path for path in PATHS)],
                expect=more.pop("expect", SIX),
                collector=POSTS, **more)


def while_it_serves(name, what, **env):
    """A server's span comes although the server goes on, and the next scheduled export is an hour away."""
    server = python_http("web")
    server.env.update(env)
    return Case(f"processor-{name}", what, servers=[server], needs=("curl",), env=BARE,
                run=["curl", "-s", "http://127.0.0.1:{web}/hello.txt"], expect=[http_server("web", "/hello.txt")])


def posted(most, every=True):
    """Every span arrived, unless a queue that is too small may lose some, and no export had more than `most`."""
    def check(result):
        items = [post["items"] for post in posts(result, "/v1/traces")]
        if (every and sum(items) != len(SIX)) or max(items, default=0) > most:
            raise Failure(f"exports of {items} spans, at most {most} expected")
    return check


def console_has(count):
    def check(result):
        found = len(list(values(result.work.text("console.json"))))
        if found != count:
            raise Failure(f"{found} spans on the console, {count} expected")
    return check


CASES = [
    curl_of_five("batch", "one batch holds them all", posted(6)),
    curl_of_five("batch-size", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE: never more than two spans an export", posted(2),
                 env={"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "2"}),
    curl_of_five("queue-size", "OTEL_BSP_MAX_QUEUE_SIZE bounds a batch too", posted(2, every=False),
                 env={"OTEL_BSP_MAX_QUEUE_SIZE": "2"}, exact=False, expect=[]),
    curl_of_five("simple", "OTEL_AUTO_TRACES_PROCESSOR=simple: an export for each span", posted(1),
                 env={"OTEL_AUTO_TRACES_PROCESSOR": "simple"}),
    curl_of_five("two-exporters", "console and OTLP, each with all spans", together(posted(6), console_has(6)),
                 env={"OTEL_TRACES_EXPORTER": "console, otlp", "OTEL_AUTO_CONSOLE": "{dir}/console.json"}),
    while_it_serves("delay", "OTEL_BSP_SCHEDULE_DELAY: a tenth of a second", OTEL_BSP_SCHEDULE_DELAY="100"),
    while_it_serves("delay-zero", "OTEL_BSP_SCHEDULE_DELAY=0: at once", OTEL_BSP_SCHEDULE_DELAY="0"),
    while_it_serves("full", "a full batch does not wait", OTEL_BSP_SCHEDULE_DELAY=HOUR,
                    OTEL_BSP_MAX_EXPORT_BATCH_SIZE="1"),
    while_it_serves("half-full", "nor does a queue that is half full", OTEL_BSP_SCHEDULE_DELAY=HOUR,
                    OTEL_BSP_MAX_QUEUE_SIZE="2"),
    while_it_serves("at-once", "nor does the simple processor", OTEL_BSP_SCHEDULE_DELAY=HOUR,
                    OTEL_AUTO_TRACES_PROCESSOR="simple"),
]
