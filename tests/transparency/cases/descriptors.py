"""Probe 2: descriptors."""
from probe import Probe

# An export every few milliseconds, so that one is always under way.
BUSY = {"OTEL_BSP_SCHEDULE_DELAY": "5", "OTEL_METRIC_EXPORT_INTERVAL": "10"}

CASES = [
    Probe("fds", 2, "`/proc/self/fd` at main, after traffic, in children and behind an exec; the first `open`; files of a "
                    "program that closes or covers every number while telemetry is sent", env=BUSY,
          outputs=("covered", "reused"), faults=("descriptor", "write")),
]
