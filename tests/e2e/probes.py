"""The server that writes down what reached it (programs/probe.py), and what cases ask of its notes."""
import json
import re

from harness import Failure
from servers import python_program
from telemetry import SERVER

TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


def probe(name, *options, **more):
    return python_program(name, "probe.py", "{dir}/" + name + ".jsonl", *options, **more)


def bare_probe(name, *options):
    """Without the shim: what it notes is what was on the wire."""
    return probe(name, *options, shim=False)


class Request:
    def __init__(self, note):
        self.method, self.target, self.version = note["method"], note["target"], note["version"]
        self.headers, self.bytes, self.digest = note["headers"], note["bytes"], note["digest"]

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def one(self, name):
        values = self.all(name)
        if len(values) != 1:
            raise Failure(f"{self.target} came with {len(values)} {name}: {self.headers}")
        return values[0]

    def context(self):
        """(trace id, parent id, flags) of the one traceparent."""
        found = TRACEPARENT.fullmatch(self.one("traceparent"))
        if not found:
            raise Failure(f"{self.target} came with traceparent {self.one('traceparent')!r}")
        return found.groups()


def requests_at(result, name):
    return [Request(json.loads(line)) for line in result.work.text(name + ".jsonl").splitlines()]


def each_names_its_span(name, count):
    """A check: `count` requests reached the probe, each with the ids of a client span of its own."""
    def check(result):
        seen = requests_at(result, name)
        if len(seen) != count:
            raise Failure(f"{len(seen)} requests reached {name}, {count} expected")
        known = {(span.trace_id, span.span_id) for span in result.spans if span.kind != SERVER}
        named = [request.context()[:2] for request in seen]
        if len(set(named)) != count or not set(named) <= known:
            raise Failure(f"traceparents {named} are not those of {count} client spans")
    return check


def together(*checks):
    def check(result):
        for one in checks:
            one(result)
    return check
