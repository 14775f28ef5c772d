"""Probe 1: errno."""
from probe import NONE, OTLP, Probe

WHAT = "value, errno before and after, of every hooked function in success and failure"

# Many children end with something to say to nobody; of 20,000 spans and as many ports a few are enough.
QUICK = {"OTEL_AUTO_EXIT_TIMEOUT": "20", "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.02",
         "OTEL_AUTO_METRICS_CARDINALITY_LIMIT": "20"}

CASES = [
    Probe("errno", 1, WHAT, env={"OTEL_PROPAGATORS": "none", **QUICK}, seconds=60, faults=("errno",)),
    Probe("errno-stdio", 1, WHAT + ", with lines of stdout and stderr as log records", run=["errno"], settings=(OTLP,),
          env={"OTEL_PROPAGATORS": "none", "OTEL_INSTRUMENTATION_STDIO_ENABLED": "true", **QUICK}, seconds=60),
    Probe("errno-context", 1, WHAT + ", with trace context in requests", run=["errno"], env={"SHOWS_CONTEXT": "1", **QUICK},
          settings=(NONE, OTLP), seconds=60),
]
