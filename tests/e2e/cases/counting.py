"""Nothing is lost without being counted: requests that were made are spans that were delivered, and spans that were given
up for a reason; lines of log are log records, likewise. The program ends in order; the account is what it wrote of itself at its end."""
import signal
import subprocess
import time

import harness
import logs
from account import account
from case import Case
from harness import Failure, Server
from points import SECONDS
from probes import bare_probe
from servers import python_http
from spans import http_client, process
from telemetry import ROOT, load

REQUESTS = 24
FAST = {"OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "4", "OTEL_BSP_EXPORT_TIMEOUT": "3000",
        "OTEL_AUTO_EXIT_TIMEOUT": "2500", "OTEL_AUTO_SELF_METRICS": "true", "OTEL_METRIC_EXPORT_INTERVAL": "300",
        "OTEL_TRACES_EXPORTER": "otlp/file,otlp", "OTEL_METRICS_EXPORTER": "otlp/file",
        "OTEL_AUTO_OTLP_FILE_TRACES_PATH": "{dir}/recorded.jsonl", "OTEL_AUTO_OTLP_FILE_METRICS_PATH": "{dir}/account.jsonl"}


def polite(**env):
    return Server("web", ["{python}", "{programs}/polite.py", "{web}"], ports=("web",), env={**FAST, **env})


def asks(work, count):
    subprocess.run(["curl", "-s", *[work.fill("http://127.0.0.1:{web}/")] * count], check=True, stdout=subprocess.DEVNULL)


def closes(during=None, reasons=None, end=signal.SIGTERM):
    """A check that makes the requests, ends the server, and adds up. reasons: the only ones that there may be."""
    def check(result):
        work = result.work
        for number in range(REQUESTS):
            if during:
                during(work, number)
            asks(work, 1)
        time.sleep(0.3)
        web = next(process for name, process in work.running if name == "web")
        web.send_signal(end)
        web.wait(SECONDS)
        work.stop("web")
        delivered, lost = account(work.folder / "account.jsonl")
        if delivered + sum(lost.values()) != REQUESTS:
            raise Failure(f"{REQUESTS} requests, but {delivered} delivered and {lost} lost")
        harness.wait_for(lambda: len(load(work.collector_file)) >= delivered, 3.0, 0.05)
        spans = load(work.collector_file)
        ids = {span.span_id for span in spans}
        # A partial success was written whole, and an answer that never came may have been a yes.
        if not delivered <= len(ids) <= REQUESTS or len(ids) - delivered > sum(lost.values()):
            raise Failure(f"{delivered} delivered, {lost} lost, {len(ids)} there")
        if reasons is not None and set(lost) - set(reasons):
            raise Failure(f"lost: {lost}")
    return check


def goes_away(work, number):
    """The collector is away for a third of the time, and comes back where it was."""
    if number == REQUESTS // 3:
        work.stop("collector")
    if number == 2 * REQUESTS // 3:
        time.sleep(0.5)
        harness.Workspace.start_collector(work, work.shim.path.parent, ("--port", str(work.values["collector"])))


def the_other_has_all(result):
    """While one destination takes everything and answers nothing, the other one gets every span; later by a time-out."""
    work = result.work
    for _ in range(3):
        asks(work, 4)
        time.sleep(0.1)
    harness.wait_for(lambda: len(load(work.folder / "recorded.jsonl")) >= 12, SECONDS, 0.05)
    spans = load(work.folder / "recorded.jsonl")
    if len({span.span_id for span in spans}) != 12 or load(work.collector_file):
        raise Failure(f"{len(spans)} of 12 are there, {len(load(work.collector_file))} at the one that hangs")


def counts(name, what, mode=None, check=None, times="2", env=None):
    return Case(f"counting-{name}", what, servers=[polite(**(env or {}))], needs=("curl",), exact=False, same=False,
                run=["true"], env={"LD_PRELOAD": None}, collector=("--mode", mode, "--times", times) if mode else (),
                check=check or closes(), seconds=40.0)


LINES = 24
SAYS = "import syslog, time\n" \
       f"for i in range({LINES}):\n" \
       "    syslog.syslog(f'line {i}'); time.sleep(0.02)\n"


def logs_close(reasons, lines=LINES):
    def check(result):
        delivered, lost = account(result.work.folder / "account.jsonl", "log")
        there = {record.body for record in logs.load(result.work.logs_file)}
        if delivered + sum(lost.values()) != lines:
            raise Failure(f"{lines} lines, but {delivered} delivered and {lost} lost")
        if not delivered <= len(there) <= lines or len(there) - delivered > sum(lost.values()):
            raise Failure(f"{delivered} delivered, {lost} lost, {len(there)} there")
        if set(lost) - set(reasons):
            raise Failure(f"lost: {lost}")
    return check


def lines(name, what, mode="ok", reasons=("export_failed",), times="1000", env=None):
    env = {**{name.replace("BSP", "BLRP"): value for name, value in FAST.items() if "TRACES" not in name}, **(env or {}),
           "OTEL_TRACES_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "otlp/file,otlp",
           "OTEL_AUTO_OTLP_FILE_LOGS_PATH": "{dir}/recorded.jsonl"}
    return Case(f"counting-logs-{name}", what, same=False, exact=False, run=["{python}", "-c", SAYS], env=env, logs=[],
                exact_logs=False, collector=("--mode", mode, "--times", times), check=logs_close(reasons), seconds=40.0)


FORKS = "import os, urllib.request as u\n" \
        "for i in range(24):\n" \
        "    if os.fork() == 0:\n" \
        "        u.urlopen('http://127.0.0.1:{probe}/' + str(i)).read()\n" \
        "        os._exit(0)\n" \
        "for i in range(24): os.wait()\n"


def killed(result):
    """By a signal that it does not handle: what is older than a delay is there, the last one may be."""
    work = result.work
    asks(work, 5)
    time.sleep(1.0)
    if len(load(work.collector_file)) != 5:
        raise Failure("the first five were to be there after the delay")
    asks(work, 1)
    work.stop("web")
    time.sleep(0.3)
    if len(load(work.collector_file)) not in (5, 6):
        raise Failure(f"{len(load(work.collector_file))} spans are there")


CASES = [
    counts("fine", "nothing happens", check=closes(reasons=())),
    counts("int", "ended by SIGINT", check=closes(reasons=(), end=signal.SIGINT)),
    counts("away", "the collector is away for a while", check=closes(during=goes_away, reasons=("export_failed",))),
    counts("503", "not now, three times", "503", times="3"),
    counts("503-for-ever", "not now, for ever", "503", times="1000", check=closes(reasons=("export_failed",))),
    counts("429", "told when to come again", "429:1", check=closes(reasons=("export_failed",))),
    counts("400", "refused for good", "400", check=closes(reasons=("export_failed",))),
    counts("slow", "a slow one", "slow:200", times="1000", check=closes(reasons=("export_failed",))),
    counts("hangs", "one that never answers, and one that does", "blackhole", times="1000", check=the_other_has_all,
           env={"OTEL_TRACES_EXPORTER": "otlp,otlp/file", "OTEL_BSP_EXPORT_TIMEOUT": "300"}),
    counts("close", "closes without an answer", "close", check=closes(reasons=("export_failed",))),
    counts("partial", "takes a part", "partial", check=closes(reasons=("rejected",))),
    counts("garbage", "answers nonsense", "garbage", check=closes(reasons=("export_failed",))),
    counts("queue", "a queue that is too small for a receiver that never answers", "blackhole", times="1000",
           env={"OTEL_BSP_MAX_QUEUE_SIZE": "8", "OTEL_BSP_EXPORT_TIMEOUT": "400"}),
    counts("grpc", "over gRPC, away for a while", env={"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
           check=closes(during=goes_away, reasons=("export_failed",))),
    lines("fine", "lines of log: nothing happens", reasons=()),
    lines("503", "lines of log: not now, three times", "503", times="3"),
    lines("400", "lines of log: refused for good", "400"),
    lines("close", "lines of log: closes without an answer", "close"),
    lines("partial", "lines of log: takes a part", "partial", reasons=("rejected",)),
    lines("queue", "lines of log: a queue that is too small for a receiver that never answers", "blackhole",
          reasons=("export_failed", "queue_full", "exit_deadline"),
          env={"OTEL_BLRP_MAX_QUEUE_SIZE": "8", "OTEL_BLRP_EXPORT_TIMEOUT": "400"}),
    lines("grpc", "lines of log: over gRPC, not now, twice", "503", times="2", env={"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}),
    Case("counting-forks", "children that ask, and leave by _exit", servers=[bare_probe("probe")], same=False,
         run=["{python}", "-c", FORKS], env={"OTEL_INSTRUMENTATION_PROCESS_ENABLED": "false"},
         expect=[http_client("probe", f"/{i}", parent=ROOT) for i in range(24)]),
    Case("counting-killed", "ended by a signal that nobody handles", servers=[python_http("web")], needs=("curl",), same=False,
         exact=False, run=["true"], env={"LD_PRELOAD": None}, check=killed),
]
CASES[-1].servers[0].env = {**CASES[-1].servers[0].env, "OTEL_BSP_SCHEDULE_DELAY": "300"}
