"""The accuracy rig: many requests at once through a server that asks another one for each of them.

The id in the path says which request is whose. The load generator and the upstream run without the
shim and know no traceparent, so that what is right was made right by the server's shim alone."""
from case import Case
from harness import Failure, wait_for
from probes import TRACEPARENT, bare_probe, requests_at, together
from telemetry import CLIENT, SERVER, load

LOAD = ["{python}", "{programs}/load.py", "{front}"]
SETTLE_SECONDS = 15.0


def of_kind(spans, kind):
    return {(span.trace_id, span.span_id): span for span in spans if span.kind == kind and span.service == "front"}


def settled(result, count):
    """The front's spans, once there are enough of them; (servers, clients)."""
    def look():
        spans = load(result.work.collector_file)
        found = of_kind(spans, SERVER), of_kind(spans, CLIENT)
        return found if all(len(part) >= count for part in found) else None

    return wait_for(look, SETTLE_SECONDS, 0.1) or (of_kind(result.spans, SERVER), of_kind(result.spans, CLIENT))


def verdict(request, servers, clients):
    """right, wrong or none: does what the upstream received lead to the request of the same path?"""
    headers = request.all("traceparent")
    found = TRACEPARENT.fullmatch(headers[0]) if len(headers) == 1 else None
    client = clients.get((found[1], found[2])) if found else None
    if not client:
        return "lost"
    if not client.parent_id:
        return "none"
    server = servers.get((client.trace_id, client.parent_id))
    return "right" if server and server.attrs["url.path"] == request.target else "wrong"


def judge(count, all_right):
    def check(result):
        # A thread that is stopped in a bad moment costs its connection the rest of its spans, never a wrong one.
        least = count if all_right else count * 98 // 100
        servers, clients = settled(result, least)
        verdicts = [verdict(request, servers, clients) for request in requests_at(result, "probe")]
        tally = {word: verdicts.count(word) for word in ("right", "none", "wrong", "lost")}
        if len(verdicts) != count or len(servers) < least or len(clients) < least:
            raise Failure(f"{len(verdicts)} requests, {len(servers)} server and {len(clients)} client spans: {tally}")
        if tally["wrong"] or tally["lost"] > count - least or (all_right and tally["right"] != count):
            raise Failure(f"parents: {tally}")
    return check


def answered(count):
    def check(result):
        if result.stdout != f"{count} right answers\n":
            raise Failure(f"{result.stdout!r}: {count} right answers expected")
    return check


def rig(name, what, front, count=1000, connections=32, all_right=True, headers=()):
    return Case(name, what, servers=[bare_probe("probe", "--slow"), front], same=False, exact=False, seconds=40,
                env={"LD_PRELOAD": None}, run=[*LOAD, str(count), str(connections), *headers],
                check=together(answered(count), judge(count, all_right)))
