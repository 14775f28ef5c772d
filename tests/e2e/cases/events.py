"""OTEL_AUTO_HTTP_EVENTS: the moments of a slow request, at both ends."""
import json

from case import Case
from harness import Failure
from servers import python_program
from spans import http_client, http_server, process
from telemetry import CLIENT, ROOT, SERVER, spans_in, values
from through import with_env

EVENTS = {"OTEL_AUTO_HTTP_EVENTS": "true"}
LIMITS = {"OTEL_AUTO_PUBLIC_ENDPOINT": "true", "OTEL_SPAN_EVENT_COUNT_LIMIT": "1", "OTEL_SPAN_LINK_COUNT_LIMIT": "0"}
PAUSE = 100e6  # of the server's 200 ms: whoever is late to look at the clock is late by less
SLOW = python_program("web", "slow_server.py")
SLOW_TOLD = with_env(SLOW, **EVENTS)
URL = "http://127.0.0.1:{web}"
GET = ["http.send.start", "http.send.done", "http.receive.start"]
POST = ["http.send.start", "http.receive.start", "GOT 100 - Continue", "http.send.done"]
HINTS = ["http.send.start", "http.send.done", "http.receive.start", "GOT 1xx"]
READ_AND_ANSWERED = ["http.receive.done", "http.send.start"]


def told(span, names):
    got = [event.name for event in span.events]
    if got != names:
        raise Failure(f"{span}: {got}, {names} expected")
    times = [span.start, *(event.time for event in span.events), span.end]
    if times != sorted(times):
        raise Failure(f"{span}: out of order: {times}")
    return {event.name: event.time for event in span.events}


def pauses(span, *moments):
    """At least a pause lies between two moments, each."""
    for before, after in zip(moments, moments[1:]):
        if after - before < PAUSE:
            raise Failure(f"{span}: {(after - before) / 1e6} ms where a pause of 200 ms was")


def moments(client_names):
    def check(result):
        client = next(span for span in result.spans if span.kind == CLIENT)
        server = next(span for span in result.spans if span.kind == SERVER)
        at = told(client, client_names)
        pauses(client, at["http.send.start"], at["http.receive.start"], client.end)
        if "GOT 1xx" in at and client.events[-1].attrs != {"http.response.status_code": 103}:
            raise Failure(f"{client.events[-1]}")
        at = told(server, READ_AND_ANSWERED)
        pauses(server, at["http.receive.done"], at["http.send.start"], server.end)
    return check


def silent(result):
    if any(span.events or span.links for span in result.spans):
        raise Failure("events that nobody asked for")


def asks(name, what, run, check, path="/slow", method="GET", env=None, **more):
    return Case(f"events-{name}", what, servers=[SLOW if env == {} else SLOW_TOLD], needs=("curl",), run=["curl", "-s", *run], check=check,
                env=EVENTS if env is None else env, traces=1, expect=[
                    process(id="curl", parent=ROOT), http_client("web", path, method=method, id="get", parent="curl"),
                    http_server("web", path, method=method, parent="get")], **more)


def in_the_file(result):
    """OTLP/JSON and the console tell the same."""
    spans = [span for line in result.work.text("told.jsonl").splitlines() for span in spans_in(json.loads(line))]
    told(next(span for span in spans if span.kind == CLIENT), GET)
    printed = [item for item in values(result.work.text("console.json")) if item["kind"] == "SpanKind.CLIENT"]
    if [event["name"] for event in printed[0]["events"]] != GET or printed[0]["links"] != []:
        raise Failure(f"{printed}")


def limited(result):
    """One event of those that there were, and none of its attributes; no link."""
    client = next(span for span in result.spans if span.kind == CLIENT)
    server = next(span for span in result.spans if span.kind == SERVER)
    if [(event.name, event.attrs) for event in client.events] != [(GET[0], {})] or client.dropped_events != 3:
        raise Failure(f"{client.events}, {client.dropped_events} dropped")
    if server.links or server.dropped_links != 1 or server.dropped_events != 1:
        raise Failure(f"{server.links}, {server.dropped_links} dropped")


def no_attributes(result):
    client = next(span for span in result.spans if span.kind == CLIENT)
    if client.events[-1].name != "GOT 1xx" or client.events[-1].attrs or client.events[-1].dropped != 1:
        raise Failure(f"{client.events}")


CASES = [
    asks("get", "a request without a body: written at once, answered late", [URL + "/slow"], moments(GET)),
    asks("post", "a body that waits for 100 Continue",
         ["-d", "x" * 2000, "-H", "Expect: 100-continue", URL + "/slow"], moments(POST), method="POST"),
    asks("hints", "another interim answer has its status", [URL + "/hints"], moments(HINTS), path="/hints"),
    asks("off", "without the variable there are none", [URL + "/slow"], silent, env={}),
    Case("events-limits", "the limits of events and links", servers=[with_env(SLOW_TOLD, **LIMITS)], needs=("curl",),
         run=["curl", "-s", URL + "/hints"], env={**EVENTS, **LIMITS}, traces=2, check=limited, expect=[
             process(id="curl", parent=ROOT), http_client("web", "/hints", parent="curl"),
             http_server("web", "/hints", parent=ROOT)]),
    asks("limit-attributes", "the limit of an event's attributes", [URL + "/hints"], no_attributes, path="/hints",
         env={**EVENTS, "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT": "0"}),
    asks("written", "OTLP in JSON and the console", [URL + "/slow"], in_the_file, same=False,
         env={**EVENTS, "OTEL_TRACES_EXPORTER": "otlp,otlp/file,console", "OTEL_AUTO_CONSOLE": "{dir}/console.json",
              "OTEL_AUTO_OTLP_FILE_TRACES_PATH": "{dir}/told.jsonl"}),
]
