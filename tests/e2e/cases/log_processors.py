"""What of log records leaves when, and how much of each, by the variables of their processors and limits."""
import re

from case import Case
from harness import Failure
from logs import log
from receivers import POSTS, posts
from servers import python_http
from spans import http_server, process
from telemetry import ROOT

HOUR = "3600000"
COUNT = 6
SAYS = ["{python}", "-c", f"import syslog; [syslog.syslog(f'line {{i}}') for i in range({COUNT})]"]
SIX = [log(f"line {i}", within="python") for i in range(COUNT)]
LINE = log(re.compile(r'.*"GET /hello.txt HTTP/1.1" 200 -'), 0, within="web", attrs={"log.iostream": "stderr"})
STDIO = {"OTEL_INSTRUMENTATION_STDIO_ENABLED": "true"}


def says(name, what, env, check=None, **more):
    return Case(f"logs-{name}", what, run=SAYS, env={"OTEL_METRICS_EXPORTER": "none", **env}, check=check,
                **{"collector": POSTS, "logs": SIX, "expect": [process(id="python", parent=ROOT)], **more})


def posted(most):
    def check(result):
        items = [post["items"] for post in posts(result, "/v1/logs")]
        if not items or max(items) > most:
            raise Failure(f"exports of {items} log records, at most {most} expected")
    return check


def some_were_dropped(result):
    """The queue holds two: what came is in order, and what is missing was said."""
    said = re.findall(r"(\d+) log records dropped: queue_full", result.work.text("otel-auto.log"))
    lost = sum(map(int, said))
    bodies = [one.body for one in result.logs]
    if len(bodies) + lost != COUNT or bodies != sorted(bodies) or not lost:
        raise Failure(f"{bodies} came, {lost} were told as dropped")


def while_it_serves(name, what, **env):
    """A server's line comes although the server goes on, and the next scheduled export of spans is an hour away."""
    server = python_http("web")
    server.env.update({"OTEL_METRICS_EXPORTER": "none", **STDIO, **env})
    return Case(f"logs-{name}", what, servers=[server], needs=("curl",), env={"LD_PRELOAD": None}, logs=[LINE],
                run=["curl", "-s", "http://127.0.0.1:{web}/hello.txt"], expect=[http_server("web", "/hello.txt", id="web")],
                exact_logs=False)


def limited(name, what, attrs, dropped, **env):
    def check(result):
        found = [(one.attrs, one.dropped) for one in result.logs]
        if found != [(attrs, dropped)]:
            raise Failure(f"{found}, not {attrs} and {dropped} dropped")
    return Case(f"logs-limit-{name}", what, run=["{python}", "-c", "print('a body that no limit cuts')"], check=check,
                env={"OTEL_METRICS_EXPORTER": "none", **STDIO, **env}, expect=[process(parent=ROOT)],
                logs=[log("a body that no limit cuts")])


CASES = [
    says("batch", "one batch holds them all", {}, posted(COUNT)),
    says("batch-size", "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: never more than two an export",
         {"OTEL_BLRP_MAX_EXPORT_BATCH_SIZE": "2", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "512"}, posted(2)),
    # While the receiver thinks, what is on its way still counts as queued.
    says("queue-size", "OTEL_BLRP_MAX_QUEUE_SIZE bounds the queue, and what it does not take is counted",
         {"OTEL_BLRP_MAX_QUEUE_SIZE": "2", "OTEL_BLRP_SCHEDULE_DELAY": HOUR}, some_were_dropped, logs=None,
         collector=("--mode", "slow:200")),
    while_it_serves("delay", "OTEL_BLRP_SCHEDULE_DELAY: a tenth of a second, whatever that of spans is",
                    OTEL_BLRP_SCHEDULE_DELAY="100"),
    while_it_serves("delay-default", "without it a second"),
    while_it_serves("full", "a full batch does not wait", OTEL_BLRP_SCHEDULE_DELAY=HOUR, OTEL_BLRP_MAX_EXPORT_BATCH_SIZE="1"),
    while_it_serves("at-once", "nor does the simple processor", OTEL_BLRP_SCHEDULE_DELAY=HOUR, OTEL_AUTO_LOGS_PROCESSOR="simple"),
    limited("none", "without variables", {"log.iostream": "stdout"}, 0),
    limited("count", "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", {}, 1, OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT="0",
            OTEL_ATTRIBUTE_COUNT_LIMIT="100"),
    limited("length", "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", {"log.iostream": "std"}, 0,
            OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT="3", OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT="1"),
    limited("general", "the general limits where those of log records are unset", {"log.iostream": "s"}, 0,
            OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT="1"),
]
