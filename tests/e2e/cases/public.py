"""OTEL_AUTO_PUBLIC_ENDPOINT: servers whose clients are strangers. Their context is a link, and goes no further."""
from case import Case
from harness import Failure
from probes import probe, requests_at, together
from servers import python_program
from spans import http_client, http_server, process
from telemetry import ABSENT, CLIENT, ROOT, SERVER
from through import BARE, NGINX, PARENT, PYTHON, TRACE, ask, chain, through, with_env

PUBLIC = {"OTEL_AUTO_PUBLIC_ENDPOINT": "true"}
SAMPLED, UNSAMPLED = f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00"
STATE = ("traceparent: " + SAMPLED, "tracestate: a=1,b=2", "baggage: user=alice")
FRONTS = {"nginx": NGINX, "python": PYTHON,
          "copies": python_program("front", "caller.py", "{probe}", "--copies")}


def linked(flags, state=""):
    """The server's span, a root, has one link: to what came."""
    def check(result):
        (server,) = [span for span in result.spans if span.kind == SERVER]
        got = [(link.trace_id, link.span_id, link.flags, link.tracestate) for link in server.links]
        if got != [(TRACE, PARENT, flags, state)]:
            raise Failure(f"links {got}")
        if TRACE in {span.trace_id for span in result.spans} or server.tracestate or server.parent_id:
            raise Failure(f"the client's trace goes on: {server}")
    return check


def unlinked(result):
    if any(span.links for span in result.spans):
        raise Failure("a link to nothing")


def new_trace_goes_on(baggage=ABSENT):
    """What the probe gets is of the new trace, and has no trace state of the client's."""
    def check(result):
        (request,) = requests_at(result, "probe")
        client = next(span for span in result.spans if span.kind == CLIENT)
        if request.context()[:2] != (client.trace_id, client.span_id):
            raise Failure(f"{request.headers} do not name {client}")
        if any(value.strip() for value in request.all("tracestate")):
            raise Failure(f"the client's trace state goes on: {request.headers}")
        if request.all("baggage") != ([] if baggage is ABSENT else [baggage]):
            raise Failure(f"baggage {request.all('baggage')}")
    return check


def nothing_of_the_client(result):
    (request,) = requests_at(result, "probe")
    if TRACE in str(request.headers) or request.context()[2] != "02":
        raise Failure(f"{request.headers}")


def is_tag(result):
    (request,) = requests_at(result, "probe")
    (server,) = [span for span in result.spans if span.kind == SERVER]
    if request.context()[:2] != (server.trace_id, server.span_id) or request.one("tracestate").strip():
        raise Failure(f"{request.headers} do not name {server}")
    if request.one("baggage") != "user=alice":
        raise Failure(f"{request.headers}: the baggage was touched")


def continued_by_the_client(result):
    client = next(span for span in result.spans if span.kind == CLIENT)
    server = next(span for span in result.spans if span.kind == SERVER)
    if client.trace_id != TRACE or server.trace_id == TRACE:
        raise Failure(f"{client} and {server}")
    if [(link.trace_id, link.span_id) for link in server.links] != [(client.trace_id, client.span_id)]:
        raise Failure(f"{server.links} do not name {client}")


CASES = [
    *(through(f"public-{word}", f"{word}: a new trace with a link, and all that follows is of it",
              with_env(front, **PUBLIC), STATE, chain(ROOT), traces=1,
              # What a proxy copies it copies: the baggage in the bytes is the program's own business.
              check=together(linked(0x301, "a=1,b=2"),
                             new_trace_goes_on(ABSENT if word == "python" else "user=alice")))
      for word, front in FRONTS.items()),
    *(through(f"public-unsampled-{word}", f"{word}: that the client does not sample does not count",
              with_env(front, **PUBLIC), ("traceparent: " + UNSAMPLED,), chain(ROOT), traces=1,
              check=together(linked(0x300), new_trace_goes_on()))
      for word, front in FRONTS.items()),
    *(through(f"public-bare-{word}", f"{word}: without a context there is no link", with_env(front, **PUBLIC), (),
              chain(ROOT), traces=1, check=together(unlinked, new_trace_goes_on()))
      for word, front in FRONTS.items()),
    *(through(f"public-sampler-{word}", f"{word}: the sampler of roots decides, not the client",
              with_env(front, OTEL_TRACES_SAMPLER="parentbased_always_off", **PUBLIC), ("traceparent: " + SAMPLED,),
              [], nothing_of_the_client)
      for word, front in FRONTS.items() if word != "copies"),
    Case("public-read", "the program reads its own span, once, in the place of the client's", env=BARE,
         servers=[with_env(probe("probe"), **PUBLIC)], needs=("curl",), run=ask(*STATE, port="probe"),
         expect=[http_server("probe", "/one", parent=ROOT)],
         check=together(linked(0x301, "a=1,b=2"), is_tag)),
    Case("public-client", "clients are not concerned: what they are given they continue", same=False,
         servers=[with_env(probe("probe"), **PUBLIC)], needs=("curl",), run=ask(port="probe"),
         env={**PUBLIC, "TRACEPARENT": SAMPLED}, expect=[
             process(id="curl"), http_client("probe", "/one", parent="curl"),
             http_server("probe", "/one", parent=ROOT)],
         check=continued_by_the_client),
]
