"""Probe 3: threads, namespaces, filters. Probe 5: signals."""
from harness import Server
from probe import NONE, Probe

# An export every few milliseconds, so that whatever exports is there and at work.
BUSY = {"OTEL_BSP_SCHEDULE_DELAY": "5", "OTEL_METRIC_EXPORT_INTERVAL": "10", "OTEL_AUTO_EXIT_TIMEOUT": "50"}

WHY = {"mute": "accepts and never answers", "hole": "is behind a black hole"}


def no_help(how):
    """A collector on which the helper waits when the program wants it away."""
    return Probe(f"threads-{how}", 3, f"the same, where the collector {WHY[how]}",
                 run=["threads"], env=BUSY, root=True, speaks=False, seconds=60,
                 settings=((how, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:{bad}"}),),
                 servers=[Server("bad", ["{python}", "{room}/bad_collector.py", "{bad}", how], ports=("bad",), shim=False)])


CASES = [
    no_help("mute"),
    no_help("hole"),
    Probe("threads", 3, "tasks before any traffic; `unshare`, `setns`, `setuid` after it; a filter for all threads that ends "
                        "the process at any call it does not make itself", env=BUSY, root=True,
          faults=("thread", "syscall")),
    Probe("threads-silent", 3, "tasks at any time where nothing is exported", run=["threads", "all"], env=BUSY,
          settings=(NONE,), root=True, speaks=False),
    Probe("fork_counts", 3, "tasks after a fork, where the program counts them (CPython since 3.12)", env=BUSY),
    Probe("signals", 5, "masks, dispositions, pending signals, alternate stack, siginfo, EINTR, SIGPIPE, SIGCHLD, "
                        "`wait(-1)`, and ends by signals", env=BUSY, status=-3, faults=("signal",)),
]
