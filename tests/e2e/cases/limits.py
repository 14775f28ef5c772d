"""Limits of spans, from the environment to the receiver."""
from case import Case
from harness import Failure
from probes import bare_probe
from spans import http_client, process
from telemetry import CLIENT, ROOT, span


def limited(name, what, env, check=None, expect=None):
    anything = [span("curl", service="client"), span("GET", CLIENT, service="client")]
    return Case(f"limits-{name}", what, servers=[bare_probe("probe")], needs=("curl",), env=env, check=check,
                run=["curl", "-s", "http://127.0.0.1:{probe}/one"], expect=anything if expect is None else expect)


def have(count=None, longest=None):
    """Each span has so many attributes, and texts that are no longer; one of them is as long as may be."""
    def check(result):
        for one in result.spans:
            texts = [len(item) for value in one.attrs.values()
                     for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]
            if count is not None and (len(one.attrs) != count or one.dropped < 2):
                raise Failure(f"{count} attributes expected, and a count of the others: {one}, {one.dropped} dropped")
            if longest is not None and max(texts) != longest:
                raise Failure(f"texts of up to {longest} characters expected: {one}")
    return check


CASES = [
    limited("none", "without variables", {}, expect=[process(parent=ROOT), http_client("probe", "/one")]),
    limited("span", "the variables for spans beat the general ones",
            env={"OTEL_ATTRIBUTE_COUNT_LIMIT": "1", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "9",
                 "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "2", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "3"},
            check=have(2, 3)),
    limited("general", "the general limits where those for spans are unset", check=have(2, 3),
            env={"OTEL_ATTRIBUTE_COUNT_LIMIT": "2", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "3"}),
    limited("zero", "no attributes at all", check=have(0), env={"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "0"}),
    limited("zero-length", "texts that are empty", check=have(longest=0),
            env={"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "0"}),
]
