"""Probe 2: descriptors."""
import re

from probe import Probe

# An export every few milliseconds, so that one is always under way.
BUSY = {"OTEL_BSP_SCHEDULE_DELAY": "5", "OTEL_METRIC_EXPORT_INTERVAL": "10"}

# Without a table of its own the sender's sockets stand among the program's, high up and closed on exec, after a moment
# in which they have the number that comes next. A program that puts a file over just that number in just that moment
# may find it closed again, once in a hundred runs; what it must never find is a byte of ours in its files.
def numbers_aside(text):
    text = re.sub(r"^  \d+ {dir}/covered flags 0\n", "", text, flags=re.M)
    return re.sub(r"^(the first open .*:|numbers) .*", r"\1", text, flags=re.M)


def senders_aside(text):
    return re.sub(r"^  \d+ ((socket:|{dir}/console.json) flags 1| flags -1)\n", "", text, flags=re.M)


CASES = [
    Probe("fds", 2, "`/proc/self/fd` at main, after traffic, in children and behind an exec; the first `open`; files of a "
                    "program that closes or covers every number while telemetry is sent", env=BUSY,
          outputs=("covered", "reused"), faults=("descriptor", "write")),
    Probe("fds-by-hand", 2, "the same without close_range (Linux before 5.9)",
          run=["forbid", "kernel", "436", "--", "{victims}/fds"], env=BUSY, outputs=("covered", "reused")),
    Probe("fds-shared", 2, "the same without close_range in a container with an old profile, where the sender has no table "
                           "of its own: all but its own sockets",
          run=["forbid", "436", "--", "{victims}/fds"], env={**BUSY, "OTEL_METRICS_EXPORTER": "none"}, outputs=("covered", "reused"),
          normal=numbers_aside, changes=senders_aside, faults=("write",)),
]
