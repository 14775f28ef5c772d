"""Probe 10: bytes. More of it: tests/exact, and the cases `integrity` of tests/e2e."""
from probe import OTLP, Probe

CASES = [
    Probe("bytes", 10, "random bodies both ways by write, MSG_MORE, writev, sendfile and splice, read with MSG_PEEK and MSG_TRUNC, "
                       "through little buffers and edge-triggered epoll; requests carry trace context",
          faults=("bytes",)),
    Probe("bytes-alone", 10, "the same, without trace context", run=["bytes"], settings=(OTLP,), env={"OTEL_PROPAGATORS": "none"}),
]
