"""Probe 3: threads, namespaces, filters. Probe 5: signals."""
from probe import NONE, Probe

# An export every few milliseconds, so that whatever exports is there and at work.
BUSY = {"OTEL_BSP_SCHEDULE_DELAY": "5", "OTEL_METRIC_EXPORT_INTERVAL": "10", "OTEL_AUTO_EXIT_TIMEOUT": "50"}

CASES = [
    Probe("threads", 3, "tasks before any traffic; `unshare`, `setns`, `setuid` after it; a filter for all threads that ends "
                        "the process at any call it does not make itself", env=BUSY, root=True),
    Probe("threads-silent", 3, "tasks at any time where nothing is exported", run=["threads", "all"], env=BUSY,
          settings=(NONE,), root=True, speaks=False),
    Probe("signals", 5, "masks, dispositions, pending signals, alternate stack, siginfo, EINTR, SIGPIPE, SIGCHLD, "
                        "`wait(-1)`, and ends by signals", env=BUSY, status=-3),
]
