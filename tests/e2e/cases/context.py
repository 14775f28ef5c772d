"""What travels: traceparent, tracestate and baggage, in headers, through servers, into children."""
import re

from case import Case
from harness import Failure
from probes import bare_probe, probe, requests_at, together
from rig import judge
from servers import python_program
from spans import http_client, http_server, process
from telemetry import ABSENT, CLIENT, ROOT, SERVER
from through import BARE, NGINX, PARENT, PYTHON, TRACE, ask, chain, continued, through, told, with_env

SAMPLED, UNSAMPLED = f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00"
NOTHING = {"OTEL_SDK_DISABLED": "true"}


def with_thread():
    return python_program("front", "caller.py", "{probe}", "--thread")


def arrives(**want):
    """The probe's only request has these headers: text, pattern, or ABSENT."""
    def check(result):
        (request,) = requests_at(result, "probe")
        for name, value in want.items():
            if value is ABSENT:
                if request.all(name):
                    raise Failure(f"{name} came: {request.headers}")
            elif not (value.fullmatch if isinstance(value, re.Pattern) else value.__eq__)(request.one(name)):
                raise Failure(f"{name}: {request.one(name)!r} came")
    return check


def names_the_client_span(result):
    (request,) = requests_at(result, "probe")
    trace, parent, _ = request.context()
    if not any((trace, parent) == (span.trace_id, span.span_id) and span.kind == CLIENT for span in result.spans):
        raise Failure(f"{request.headers} do not name the client span")


def state_kept(result):
    if any(span.tracestate != "a=1,b=2" for span in result.spans):
        raise Failure(f"tracestates {[span.tracestate for span in result.spans]}")


def in_trace(flags):
    return re.compile(f"00-{TRACE}-(?!{PARENT})[0-9a-f]{{16}}-{flags}")


def tagged(result):
    """The application reads the ids of its own server span, once."""
    (request,) = requests_at(result, "probe")
    server = next(span for span in result.spans if span.kind == SERVER)
    if request.context()[:2] != (server.trace_id, server.span_id):
        raise Failure(f"{request.headers} do not name {server}")


def seen_as_sent(*names):
    def check(result):
        (request,) = requests_at(result, "probe")
        if [key for key, _ in request.headers] != [*names]:
            raise Failure(f"{request.headers}: {names} expected")
    return check


SENT = ("Host", "User-Agent", "Accept")
STATE = ("traceparent: " + SAMPLED, "tracestate: a=1", "tracestate: b=2", "baggage: k=v;p=1, l=w%20x")
INVALID = {"short": f"00-{TRACE}-{PARENT}", "zero": f"00-{TRACE}-{'0' * 16}-01", "upper": SAMPLED.upper(),
           "version": "ff" + SAMPLED[2:], "long": SAMPLED + "-x"}
PIPELINED = "".join(f"GET /call/{n} HTTP/1.1\\r\\nHost: front\\r\\n{close}\\r\\n"
                    for n, close in enumerate(["", "", "Connection: close\\r\\n"]))


def child_knows(path):
    """The shell that is started for a request hangs below it, and passes its own ids on to env."""
    def check(result):
        shells = [f"TRACEPARENT=00-{span.trace_id}-{span.span_id}-03\n" for span in result.spans
                  if span.attrs.get("process.executable.name") == "dash"]
        if shells != [result.stdout]:
            raise Failure(f"{result.stdout!r} was told, {shells} expected")
    return Case(f"child-of-request{path.replace('/', '-')}", "a child that is started for a request belongs to it",
                servers=[python_program("web", "children.py")], needs=("curl",), env=BARE, same=False, exact=False,
                run=ask(path=path, port="web"), check=check, traces=1,
                expect=[http_server("web", path, id="server", parent=ROOT),
                        process("web", id="sh", parent="server", attrs={"process.executable.name": "dash"}),
                        process("web", parent="sh", attrs={"process.executable.name": "env"})])


CASES = [
    through("context-python", "an incoming trace goes on, with its state and baggage, through python", PYTHON, STATE,
            chain(), together(continued, names_the_client_span, state_kept,
                              arrives(traceparent=in_trace("01"), tracestate="a=1,b=2", baggage="k=v;p=1,l=w%20x")),
            traces=1),
    through("context-nginx", "the same through nginx, which copies what it does not know", NGINX,
            STATE[:2] + STATE[3:], chain(), together(continued, names_the_client_span,
                              arrives(traceparent=in_trace("01"), tracestate="a=1", baggage="k=v;p=1, l=w%20x")),
            traces=1),
    through("context-unsampled-python", "flags 00: nothing is recorded, everything travels", PYTHON,
            ("traceparent: " + UNSAMPLED, *STATE[1:]), [],
            arrives(traceparent=in_trace("00"), tracestate="a=1,b=2", baggage="k=v;p=1,l=w%20x")),
    through("context-unsampled-nginx", "flags 00 through nginx", NGINX, ("traceparent: " + UNSAMPLED,), [],
            arrives(traceparent=in_trace("00"))),
    through("context-random-flag", "the random flag of a continued trace is kept", PYTHON,
            ("traceparent: " + SAMPLED[:-1] + "3",), chain(), traces=1,
            check=together(continued, arrives(traceparent=in_trace("03")))),
    through("context-two-lines", "two traceparent lines are none", PYTHON,
            ("traceparent: " + SAMPLED, "traceparent: " + SAMPLED), chain(ROOT), names_the_client_span, traces=1),
    *(through(f"context-invalid-{word}", "a traceparent that is none: a new root", PYTHON, ("traceparent: " + text,),
              chain(ROOT), names_the_client_span, traces=1) for word, text in INVALID.items()),

    Case("context-own", "the application's own traceparent leaves as it is, and gets no client span beside it",
         servers=[bare_probe("probe")], needs=("curl",), run=ask("traceparent: " + SAMPLED, port="probe"),
         expect=[process(parent=ROOT)], check=arrives(traceparent=SAMPLED)),
    through("context-own-through", "a server that copies a foreign trace's header by itself: the tag in it is ours",
            python_program("front", "caller.py", "{probe}", "--copies"), ("traceparent: " + SAMPLED,), chain(),
            together(continued, names_the_client_span), traces=1),

    Case("tag-inserted", "the server reads the ids of its own span", servers=[probe("probe")], env=BARE,
         needs=("curl",), run=ask(port="probe"), expect=[http_server("probe", "/one", parent=ROOT)],
         check=together(tagged, seen_as_sent(*SENT, "traceparent"))),
    Case("tag-replaced", "a traceparent that came keeps its trace and gets the server's span as parent",
         servers=[probe("probe")], env=BARE, needs=("curl",), run=ask("traceparent: " + SAMPLED, port="probe"),
         expect=[http_server("probe", "/one")],
         check=together(tagged, continued, seen_as_sent(*SENT, "traceparent"))),
    Case("tag-off", "OTEL_AUTO_INGRESS_TAG=false: requests are read as they came", env=BARE, needs=("curl",),
         servers=[with_env(probe("probe"), OTEL_AUTO_INGRESS_TAG="false")], run=ask(port="probe"),
         expect=[http_server("probe", "/one", parent=ROOT)], check=seen_as_sent(*SENT)),

    Case("propagators-none-client", "OTEL_PROPAGATORS=none: nothing is added to a request", needs=("curl",),
         servers=[bare_probe("probe")], env={"OTEL_PROPAGATORS": "none"}, run=ask(port="probe"),
         expect=[process(id="curl", parent=ROOT), http_client("probe", "/one", parent="curl")],
         check=seen_as_sent(*SENT)),
    Case("propagators-none-server", "OTEL_PROPAGATORS=none: nothing is read, nothing is tagged", needs=("curl",),
         servers=[with_env(probe("probe"), OTEL_PROPAGATORS="none")], env=BARE,
         run=ask("traceparent: " + SAMPLED, port="probe"), expect=[http_server("probe", "/one", parent=ROOT)],
         check=together(seen_as_sent(*SENT, "traceparent"), arrives(traceparent=SAMPLED))),
    through("propagators-baggage", "OTEL_PROPAGATORS=baggage: baggage alone travels",
            with_env(PYTHON, OTEL_PROPAGATORS="baggage"), ("baggage: k=v", "traceparent: " + SAMPLED), chain(ROOT),
            arrives(baggage="k=v", traceparent=ABSENT), traces=1),
    through("propagators-default-baggage", "baggage without a trace travels beside the new one", PYTHON,
            ("baggage: k=v",), chain(ROOT), together(names_the_client_span, arrives(baggage="k=v")), traces=1),

    through("disabled-python", "OTEL_SDK_DISABLED: the trace goes through untouched", with_env(PYTHON, **NOTHING),
            STATE, [], arrives(traceparent=SAMPLED, tracestate="a=1,b=2", baggage="k=v;p=1,l=w%20x")),
    through("disabled-nginx", "OTEL_SDK_DISABLED in nginx", with_env(NGINX, **NOTHING), STATE[:1], [],
            arrives(traceparent=SAMPLED)),
    through("disabled-nothing", "OTEL_SDK_DISABLED: no trace begins", with_env(PYTHON, **NOTHING), (), [],
            arrives(traceparent=ABSENT, tracestate=ABSENT, baggage=ABSENT)),
    Case("disabled-child", "OTEL_SDK_DISABLED: children of a request get the trace that came with it", same=False,
         servers=[with_env(python_program("web", "children.py"), **NOTHING)], needs=("curl",), env=BARE,
         run=ask(*STATE, path="/run", port="web"),
         check=told(f"BAGGAGE=k=v;p=1,l=w%20x\nTRACEPARENT={SAMPLED}\nTRACESTATE=a=1,b=2\n")),

    through("thread-of-request", "a thread that a request starts begins with nothing", with_thread(), (),
            [http_server("front", "/one", parent=ROOT), http_client("probe", "/one", service="front", parent=ROOT)],
            names_the_client_span, traces=2),
    through("thread-inherits", "OTEL_AUTO_THREAD_INHERIT: it works for the request", traces=1, headers=(),
            front=with_env(with_thread(), OTEL_AUTO_THREAD_INHERIT="true"), expect=chain(ROOT),
            check=names_the_client_span),

    *map(child_knows, ("/run", "/spawn", "/system")),

    Case("pipelined", "three requests in one write to a proxy: each has its own parent", same=False, exact=False,
         servers=[bare_probe("probe", "--slow"), NGINX], env=BARE,
         run=["{python}", "{programs}/raw.py", "{front}", PIPELINED], check=judge(3, True)),
    Case("pipelined-context", "the same with a trace of their own", same=False, exact=False,
         servers=[bare_probe("probe", "--slow"), NGINX], env=BARE,
         run=["{python}", "{programs}/raw.py", "{front}",
              PIPELINED.replace("Host:", f"Traceparent: {SAMPLED}\\r\\nHost:")],
         check=judge(3, True)),
]
