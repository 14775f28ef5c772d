"""Probe 9: stacks that go away or are small."""
from probe import Probe

ENV = {"OTEL_BSP_SCHEDULE_DELAY": "5", "OTEL_PROPAGATORS": "none", "OTEL_AUTO_EXIT_TIMEOUT": "20"}

CASES = [
    Probe("stacks", 9, "cancellation and `siglongjmp` out of every call that waits, and none elsewhere", env=ENV,
          faults=("cancellation",)),
    Probe("small_stacks", 9, "coroutines on 16 KiB that change threads, threads with the smallest stack, 5,000 arguments",
          env=ENV, faults=("stack",)),
]
