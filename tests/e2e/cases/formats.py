"""Every propagator: read by a server, copied or carried by it, written by its client, given to children."""
import re

from case import Case
from harness import Failure
from probes import bare_probe, requests_at, together
from spans import http_client, process
from telemetry import CLIENT, ROOT, SERVER
from through import NGINX, PARENT, PYTHON, TRACE, ask, chain, continued, through, with_env

LOW = TRACE[16:]


# word -> its header lines for a trace and a span
FORMATS = {
    "tracecontext": lambda t, s: [("traceparent", f"00-{t}-{s}-01")],
    "b3": lambda t, s: [("b3", f"{t}-{s}-1")],
    "b3multi": lambda t, s: [("x-b3-traceid", t), ("x-b3-spanid", s), ("x-b3-sampled", "1")],
    "jaeger": lambda t, s: [("uber-trace-id", f"{t}:{s}:0:1")],
    "xray": lambda t, s: [("x-amzn-trace-id", f"Root=1-{t[:8]}-{t[8:]};Parent={s};Sampled=1")],
    "ottrace": lambda t, s: [("ot-tracer-traceid", t[16:]), ("ot-tracer-spanid", s), ("ot-tracer-sampled", "true")],
}
CONTEXT = re.compile("traceparent|b3|x-b3-.*|uber.*|x-amzn-.*|ot-.*")


def context_lines(request):
    return [(name.lower(), value) for name, value in request.headers if CONTEXT.fullmatch(name.lower())]


def written(*words, random=False):
    """The probe's request has the headers of these formats, each once, and they name the client span."""
    def check(result):
        (request,) = requests_at(result, "probe")
        client = next(span for span in result.spans if span.kind == CLIENT)
        wanted = [line for word in words for line in FORMATS[word](client.trace_id, client.span_id)]
        if random:
            wanted = [(name, value[:-1] + "3" if name == "traceparent" else value) for name, value in wanted]
        if sorted(context_lines(request)) != sorted(wanted):
            raise Failure(f"{context_lines(request)} came, {wanted} expected")
    return check


def goes_on(word):
    """The server span is below what came; ottrace can say no more than the low half of a trace id."""
    def check(result):
        server = next(span for span in result.spans if span.kind == SERVER)
        if server.parent_id != PARENT or server.trace_id[16:] != LOW:
            raise Failure(f"{server} is in {server.trace_id} below {server.parent_id}")
    return check if word == "ottrace" else continued


def sent(word):
    return [f"{name}: {value}" for name, value in FORMATS[word](TRACE, PARENT)]


def configured(server, words):
    return with_env(server, OTEL_PROPAGATORS=words)


CASES = [
    *(Case(f"format-{word}-client", f"OTEL_PROPAGATORS={word}: what a client sends", needs=("curl",),
           servers=[bare_probe("probe")], env={"OTEL_PROPAGATORS": word}, run=ask(port="probe"),
           expect=[process(id="curl", parent=ROOT), http_client("probe", "/one", parent="curl")],
           check=written(word, random=True)) for word in FORMATS),
    *(through(f"format-{word}-{name}", f"OTEL_PROPAGATORS={word} through {name}", configured(front, word),
              sent(word), chain(), together(goes_on(word), written(word)), traces=1)
      for word in FORMATS for name, front in (("python", PYTHON), ("nginx", NGINX))),
    *(through(f"format-{word}-new-{name}", f"OTEL_PROPAGATORS={word}, a trace begins in {name}",
              configured(front, word), (), chain(ROOT), written(word, random=True), traces=1)
      for word in FORMATS for name, front in (("python", PYTHON), ("nginx", NGINX))),
    *(through(f"format-two-{name}", "two formats: both are read, tagged and written", traces=1, headers=sent("b3"),
              front=configured(front, "tracecontext,b3"), expect=chain(),
              check=together(continued, written("tracecontext", "b3")))
      for name, front in (("python", PYTHON), ("nginx", NGINX))),
    through("format-unconfigured", "a format that is not configured is not read", PYTHON, sent("b3"), chain(ROOT),
            written("tracecontext", random=True), traces=1),
]
