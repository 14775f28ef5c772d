"""Probe 4: the environment of children."""
import re

from probe import Probe

# The names that the library documents: what it hands on, and the context it adds.
DOCUMENTED = re.compile(r"^  (LD_PRELOAD|OTEL_\w+|TRACEPARENT|TRACESTATE|BAGGAGE)=.*\n", re.M)

CASES = [
    Probe("environment", 4, "every entry of children's environments but the documented names, for every way to start one; "
                            "LD_PRELOAD stays away where it was taken away",
          normal=lambda text: DOCUMENTED.sub("", text), env={"OTEL_AUTO_EXIT_TIMEOUT": "20"}, seconds=60,
          faults=("environment",)),
]
