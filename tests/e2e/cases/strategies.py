"""jaeger_remote with a server of strategies that answers, changes its mind, and goes away (statement 97)."""
import json

from case import Case
from harness import Failure
from probes import bare_probe, requests_at, together
from servers import nginx, python_program

ALL, NONE = ({"probabilisticSampling": {"samplingRate": share}} for share in (1, 0))
ONE_AN_AGE = {"rateLimitingSampling": {"maxTracesPerSecond": 0}}
# More than the client can ask for: whatever is dropped was dropped by the next strategy.
MANY = 10000
RATE = {"rateLimitingSampling": {"maxTracesPerSecond": MANY}}
NGINX = "location / { proxy_pass http://127.0.0.1:{probe}; }"
SHIM = {"OTEL_INSTRUMENTATION_PROCESS_ENABLED": "false"}
ENDPOINTS = {"http": "http://127.0.0.1:{strategies}/sampling", "grpc": "http://127.0.0.1:{strategies}",
             "bare": "127.0.0.1:{strategies}"}
METHOD = "/jaeger.api_v2.SamplingManager/GetSamplingStrategy"
PATHS = {"http": "/sampling", "grpc": METHOD}


def operations(default=0.0, least=0.0, **shares):
    """shares: names of spans as `GET_on` for "GET /on"."""
    listed = [{"operation": name.replace("_", " /"), "probabilisticSampling": {"samplingRate": share}}
              for name, share in shares.items()]
    return {"operationSampling": {"defaultSamplingProbability": default, "defaultLowerBoundTracesPerSecond": least,
                                  "perOperationStrategies": listed}}


def strategies():
    return python_program("strategies", "strategies.py", "{dir}/answer", "{dir}/asked.log", shim=False)


def remote(endpoint, interval=100, initial=0, sampler="jaeger_remote"):
    return {**SHIM, "OTEL_TRACES_SAMPLER": sampler, "OTEL_TRACES_SAMPLER_ARG":
            f"endpoint={ENDPOINTS[endpoint]},pollingIntervalMs={interval},initialSamplingRate={initial}"}


def answer(strategy):
    return "answer=" + (strategy if isinstance(strategy, str) else json.dumps(strategy))


def asked_for(how, service):
    def check(result):
        asked = set(result.work.text("asked.log").splitlines())
        if asked != {f"{how} {service}"}:
            raise Failure(f"{asked} was asked for, {how} {service} expected")
    return check


def told(**params):
    """The spans that were sampled tell by what: sampler.type is among these, with that sampler.param."""
    def check(result):
        seen = {(span.attrs.get("sampler.type"), span.attrs.get("sampler.param")) for span in result.spans}
        if seen != set(params.items()):
            paths = sorted({span.attrs["url.full"].rsplit("?")[0] for span in result.spans})
            raise Failure(f"{seen} is what spans say they were sampled by, of {paths}")
    return check


def arrived(result):
    """What was sent as sampled, and nothing else, came out."""
    sent = {request.context()[:2] for request in requests_at(result, "probe") if int(request.context()[2], 16) & 1}
    spans = {(span.trace_id, span.span_id) for span in result.spans}
    if sent != spans:
        raise Failure(f"{len(sent - spans)} sampled requests have no span, {len(spans - sent)} spans no sampled request")


def one_line(*words):
    """The trouble is told, in one line, as long as it is the same minute."""
    def check(result):
        lines = [line for line in result.work.text("otel-auto.log").splitlines() if "sampling strategy" in line]
        if len(lines) != 1 or not all(word in lines[0] for word in words):
            raise Failure(f"one line with {words} expected: {lines}")
    return check


def no_line(result):
    if "sampling strategy" in result.work.text("otel-auto.log"):
        raise Failure(result.work.text("otel-auto.log"))


def by_client(name, what, endpoint, steps, check, **more):
    """A program whose requests are roots, each of the name GET."""
    return Case(f"strategy-{name}", what, servers=[bare_probe("probe"), strategies()], same=False, exact=False, seconds=60,
                run=["{python}", "{programs}/sampled.py", "{dir}", "http://127.0.0.1:{probe}", *steps],
                env=remote(endpoint, **more), check=check)


def changes(how):
    steps = ["only=dropped:/first", answer(ALL), "until=sampled:/all", answer(NONE), "until=dropped:/none", answer(ALL), "until=sampled:/all",
             answer("garbage"), "only=sampled:/garbage", answer("away"), "only=sampled:/away", answer("refuse"), "only=sampled:/refuse",
             answer(operations(GET=0)), "until=dropped:/by-name", answer(operations(1.0)), "until=sampled:/by-default"]
    return by_client(f"{how}-changes", f"{how}: the last good strategy is in force", how, steps,
                     together(asked_for(how, f"{PATHS[how]} client"), arrived, told(probabilistic=1.0),
                              one_line("503" if how == "http" else "UNAVAILABLE", "initial share")))


def front(endpoint):
    server = nginx("front", NGINX)
    server.env.update(remote(endpoint))
    return server


ONE = "import urllib.request, time; urllib.request.urlopen('http://127.0.0.1:{probe}/one').read(); time.sleep(0.4)"


def mute(endpoint):
    """The process ends in the middle of a question."""
    return Case(f"strategy-{endpoint}-mute", f"{endpoint}: a server that never answers delays no end of a process",
                servers=[bare_probe("probe"), strategies()], files={"answer": "mute"}, same=False,
                run=["{python}", "{programs}/took.py", "1000*{slower}", "{python}", "-c", ONE],
                env={**remote(endpoint), "OTEL_METRICS_EXPORTER": "none"},
                check=together(asked_for(endpoint, f"{PATHS[endpoint]} client"), no_line))


def short(endpoint):
    """Processes that end before, and while, they would ask."""
    return Case(f"strategy-{endpoint}-short", f"{endpoint}: thirty programs of some milliseconds each",
                servers=[bare_probe("probe"), strategies()], files={"answer": json.dumps(ALL)}, needs=("curl",), exact=False,
                run=["sh", "-c", "for i in 0 1 2 3 4 5 6 7 8 9; do for j in 1 2 3; do "
                     "curl -s http://127.0.0.1:{probe}/$i || exit; done; done"], env=remote(endpoint), check=no_line)


def nginx_by_name(endpoint):
    """Two workers, each with a helper of its own; the route is a part of the name."""
    steps = [answer(operations(GET_on=1)), "until=sampled:/on", "only=dropped:/off", answer(operations(1.0, GET_on=0)), "until=dropped:/on",
             "only=sampled:/off"]
    return Case(f"strategy-{endpoint}-nginx", f"{endpoint}: nginx samples by the names of its spans",
                servers=[bare_probe("probe"), strategies(), front(endpoint)], same=False, exact=False, seconds=60,
                run=["{python}", "{programs}/sampled.py", "{dir}", "http://127.0.0.1:{front}", *steps],
                env={"LD_PRELOAD": None}, check=asked_for(endpoint, f"{PATHS[endpoint]} front"))


CASES = [
    changes("http"),
    changes("grpc"),
    by_client("bare-target", "host:port is asked by gRPC", "bare", [answer(ALL), "until=sampled:/all"],
              asked_for("grpc", f"{METHOD} client"), sampler="parentbased_jaeger_remote"),
    by_client("rates", "rates, and a least rate for a name", "grpc",
              [answer(RATE), "until=sampled:/some", answer(ONE_AN_AGE), "until=dropped:/none",
               answer(operations(least=float(MANY))), "until=sampled:/least"],
              together(arrived, told(ratelimiting=float(MANY), lowerbound=float(MANY)))),
    nginx_by_name("http"),
    nginx_by_name("grpc"),
    mute("http"),
    mute("grpc"),
    short("http"),
    short("grpc"),
]
