"""Every sampler, from the environment, on curl and on nginx: what a root, a sampled and an unsampled trace get."""
from case import Case
from harness import Failure
from probes import bare_probe, requests_at
from servers import nginx
from spans import http_client, http_server, process
from telemetry import ABSENT

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
ON, OFF = f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00"
WAYS = {"root": None, "on": ON, "off": OFF}
SHIM = {"OTEL_INSTRUMENTATION_PROCESS_ENABLED": "false"}
BARE = {"LD_PRELOAD": None}
NGINX = "location / { proxy_pass http://127.0.0.1:{probe}; }"

# name of the case, the two variables, which of root, on and off are recorded. Ratios are all or nothing here.
SAMPLERS = [
    ("on", "always_on", "", "root on off"),
    ("off", "always_off", "", ""),
    ("ratio-all", "traceidratio", "", "root on off"),
    ("ratio-none", "TraceIdRatio", "0", ""),
    ("parent-on", "parentbased_always_on", "", "root on"),
    ("parent-off", "parentbased_always_off", "", "on"),
    ("parent-ratio-all", "parentbased_traceidratio", "1.0", "root on"),
    ("parent-ratio-none", "parentbased_traceidratio", "0", "on"),
    ("jaeger-none", "jaeger_remote", "endpoint=http://localhost:1,initialSamplingRate=0", "on"),
    ("parent-jaeger-all", "parentbased_jaeger_remote", "initialSamplingRate=1", "root on"),
    ("xray", "xray", "", "root on"),
    ("bad-argument", "traceidratio", "1.5", "root on off"),
    ("argument-alone", "", "0", "root on"),
    ("unknown", "sometimes", "0", "root on"),
]


def flags_are(kept):
    """One request for each way reached the probe, and says in its flags whether it is recorded."""
    def check(result):
        seen = {request.target[1:]: request.context() for request in requests_at(result, "probe")}
        if set(seen) != set(WAYS):
            raise Failure(f"{sorted(seen)} reached the probe")
        for way, (trace, _, flags) in seen.items():
            if int(flags, 16) & 1 != (way in kept) or (trace == TRACE) == (way == "root"):
                raise Failure(f"{way}: trace {trace}, flags {flags}; {kept} are to be recorded")
    return check


def by_curl(name, sampler, argument, kept):
    commands = (("" if parent is None else f"TRACEPARENT={parent} ") + "curl -s http://127.0.0.1:{probe}/" + way
                for way, parent in WAYS.items())
    return Case(f"sampler-curl-{name}", f"curl by {sampler or 'no sampler'} {argument}", servers=[bare_probe("probe")],
                needs=("curl",), run=["sh", "-c", "; ".join(commands) + "; :"],
                env={**SHIM, "OTEL_TRACES_SAMPLER": sampler, "OTEL_TRACES_SAMPLER_ARG": argument},
                expect=[http_client("probe", "/" + way) for way in kept], check=flags_are(kept))


def by_nginx(name, sampler, argument, kept):
    commands = (("curl -s " if parent is None else f"curl -s -H 'traceparent: {parent}' ") +
                "http://127.0.0.1:{front}/" + way for way, parent in WAYS.items())
    front = nginx("front", NGINX)
    front.env.update({"OTEL_TRACES_SAMPLER": sampler, "OTEL_TRACES_SAMPLER_ARG": argument})
    expect = [span for way in kept for span in (http_server("front", "/" + way, id=way),
                                                http_client("probe", "/" + way, service="front", parent=way))]
    return Case(f"sampler-nginx-{name}", f"nginx by {sampler or 'no sampler'} {argument}",
                servers=[bare_probe("probe"), front], needs=("curl",), env=BARE, run=["sh", "-c", "; ".join(commands)],
                expect=expect, check=flags_are(kept))


def state_is(**want):
    def check(result):
        seen = {request.target[1:]: request.all("tracestate") for request in requests_at(result, "probe")}
        if seen != {way: [] if state is ABSENT else [state] for way, state in want.items()}:
            raise Failure(f"{seen} came")
    return check


FILE = """file_format: "1.1"
propagator: {composite: [tracecontext: , baggage: ]}
tracer_provider:
  processors:
    - batch: {schedule_delay: 100, exporter: {otlp_http: {endpoint: "http://127.0.0.1:{collector}/v1/traces"}}}
  sampler: {%s}
"""
LOW, HIGH = "rv:7fffffffffffff", "rv:80000000000000"


def in_file(sampler):
    return {"files": {"otel.yaml": FILE % sampler},
            "env": {**SHIM, "OTEL_CONFIG_FILE": "{dir}/otel.yaml"}}


def tells_child(text):
    def check(result):
        shells = [span.tracestate for span in result.spans if span.kind == "internal"]
        if result.stdout != text or "ot=x:y;th:0,a=1,b=2" not in shells:
            raise Failure(f"{result.stdout!r} was told, {shells} recorded")
    return check


def members(state):
    return sorted(member.strip() for member in state.split(","))


def seen_as(**want):
    """way -> (sampled, tracestate) as it reached the probe; what is sampled was recorded with the same tracestate."""
    def check(result):
        seen = {}
        for request in requests_at(result, "probe"):
            trace, span, flags = request.context()
            state = ",".join(request.all("tracestate"))
            seen[request.target[1:]] = bool(int(flags, 16) & 1), state
            told = [s.tracestate for s in result.spans if (s.trace_id, s.span_id) == (trace, span)]
            if list(map(members, told)) != ([members(state)] if int(flags, 16) & 1 else []):
                raise Failure(f"{request.target}: {state!r} was sent, {told} recorded")
        if seen != want:
            raise Failure(f"{seen} came")
    return check


def by_file(name, what, sampler, *asked):
    """asked: way, flags of the parent or None, its tracestate, whether it is sampled, what goes on."""
    commands = [(f"TRACEPARENT=00-{TRACE}-{PARENT}-{flags} TRACESTATE='{state}' " if flags else "") +
                "curl -s http://127.0.0.1:{probe}/" + way for way, flags, state, _, _ in asked]
    return Case(f"sampler-curl-{name}", what, servers=[bare_probe("probe")], needs=("curl",), exact=False, same=False,
                run=["sh", "-c", "; ".join(commands) + "; :"], **in_file(sampler),
                check=seen_as(**{way: (sampled, after) for way, _, _, sampled, after in asked}))


def through_nginx(name, what, sampler, *asked):
    """The same through a proxy, which hands on the headers that it read."""
    commands = ["curl -s " + (f"-H 'traceparent: 00-{TRACE}-{PARENT}-{flags}' " if flags else "") +
                (f"-H 'tracestate: {state}' " if state else "") + "http://127.0.0.1:{front}/" + way
                for way, flags, state, _, _ in asked]
    front, case = nginx("front", NGINX), in_file(sampler)
    front.env.update(case["env"])
    return Case(f"sampler-nginx-{name}", what, servers=[bare_probe("probe"), front], needs=("curl",), exact=False,
                env=BARE, files=case["files"], expect=[http_client("probe", "/" + way, service="unknown_service:nginx")
                                                       for way, _, _, sampled, _ in asked if sampled], run=["sh", "-c", "; ".join(commands)],
                check=seen_as(**{way: (sampled, after) for way, _, _, sampled, after in asked}))


# A server that was asked whether it is there has had its one of the second: xray is seen on curl alone.
# The 56 random bits of TRACE are 48eb211c80319c.
CASES = [
    *(make(name, sampler, argument, kept.split()) for name, sampler, argument, kept in SAMPLERS
      for make in (by_curl, by_nginx) if (make, name) != (by_nginx, "xray")),
    Case("sampler-threshold", "a sampling threshold in tracestate travels only as long as it holds",
         servers=[bare_probe("probe")], needs=("curl",), exact=False, env=SHIM,
         run=["sh", "-c", f"export TRACEPARENT={ON}; "
              "TRACESTATE='ot=th:4,a=1' curl -s http://127.0.0.1:{probe}/holds; "
              "TRACESTATE='ot=th:8;rv:10000000000000,a=1' curl -s http://127.0.0.1:{probe}/not; "
              "OTEL_TRACES_SAMPLER=always_on TRACESTATE='ot=th:4' curl -s http://127.0.0.1:{probe}/ours"],
         check=state_is(holds="ot=th:4,a=1", **{"not": "ot=rv:10000000000000,a=1"}, ours=ABSENT)),
    by_file("probability", "probability/development decides by itself, and tells by which threshold",
            "probability/development: {ratio: 0.5}",
            ("high", "00", "a=1,ot=" + HIGH + ",b=2", True, f"ot={HIGH};th:8,a=1,b=2"),
            ("low", "01", "a=1,ot=th:0;" + LOW + ",b=2", False, f"a=1,ot={LOW},b=2"),
            ("id", "01", "ot=th:0", False, "")),
    by_file("probability-all", "a ratio of one is a threshold as well", "probability/development: ",
            ("root", None, None, True, "ot=th:0"),
            ("plain", "01", "", True, "ot=th:0"),
            ("other", "00", "a=1,ot=th:4", True, "ot=th:0,a=1")),
    by_file("probability-parent", "below parent_based: the parent's word, and its threshold while that holds",
            "parent_based: {root: {probability/development: }}",
            ("root", None, None, True, "ot=th:0"),
            ("none", "01", "a=1", True, "a=1"),
            ("holds", "01", "a=1,ot=th:4", True, "a=1,ot=th:4"),
            ("not", "01", "a=1,ot=th:8", True, "a=1"),
            ("off", "00", "a=1,ot=th:8", False, "a=1,ot=th:8")),
    by_file("composite", "composite/development: parent_threshold above a probability",
            "composite/development: {parent_threshold: {root: {probability: {ratio: 1.0}}}}",
            ("root", None, None, True, "ot=th:0"),
            ("none", "01", "a=1", True, "a=1"),
            ("holds", "01", "a=1,ot=th:4", True, "a=1,ot=th:4"),
            ("not", "01", "a=1,ot=th:8", True, "a=1"),
            ("off", "00", "a=1,ot=th:8", False, "a=1")),
    by_file("composite-off", "composite/development: always_off", "composite/development: {always_off: }",
            ("on", "01", "ot=th:0,a=1", False, "a=1")),
    by_file("composite-on", "composite/development: always_on", "composite/development: {always_on: }",
            ("off", "00", "a=1", True, "ot=th:0,a=1")),
    Case("sampler-child-probability", "a process tells its children the threshold, and leaves their baggage alone",
         run=["sh", "-c", "env | grep -E '^(TRACESTATE|BAGGAGE)=' | sort; :"], exact=False, same=False,
         files={"otel.yaml": FILE % "probability/development: {ratio: 1}"},
         env={"OTEL_CONFIG_FILE": "{dir}/otel.yaml", "TRACEPARENT": ON, "TRACESTATE": "a=1,ot=th:4;x:y,b=2",
              "BAGGAGE": "k=v,l=w"},
         expect=[process(service="unknown_service:dash", id="sh")], check=tells_child("BAGGAGE=k=v,l=w\nTRACESTATE=ot=x:y;th:0,a=1,b=2\n")),
    through_nginx("probability", "a proxy that hands on what it read tells the threshold of its own spans",
                  "probability/development: {ratio: 1.0}",
                  ("root", None, None, True, "ot=th:0"),
                  ("none", "00", None, True, "ot=th:0"),
                  ("shorter", "01", "a=1, ot=th:48;x:y", True, "a=1, ot=x:y;th:0"),
                  ("same", "01", "a=1,ot=th:0", True, "a=1,ot=th:0")),
    through_nginx("probability-off", "and none where it does not hold", "probability/development: {ratio: 0}",
                  ("root", None, None, False, ""),
                  ("on", "01", "a=1,ot=th:0;x:y,b=2", False, "a=1,ot=x:y,b=2"),
                  ("alone", "01", "ot=th:0", False, "")),
    through_nginx("composite", "parent_threshold: the threshold travels while it agrees with the flag",
                  "composite/development: {parent_threshold: {root: {always_on: }}}",
                  ("root", None, None, True, "ot=th:0"),
                  ("none", "01", "a=1", True, "a=1"),
                  ("holds", "01", "a=1,ot=th:4", True, "a=1,ot=th:4"),
                  ("not", "01", "a=1,ot=th:8;" + LOW + ",b=2", True, "a=1,ot=" + LOW + ",b=2")),
]
