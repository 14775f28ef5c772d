"""Jaeger: OTLP in, and the traces back by the interface that its pages use; and its sampling strategies."""
import json

import harness
import rows
from harness import Failure
from probes import bare_probe
from rows import Row

PORTS = {"collector.otlp.grpc": "grpc", "collector.otlp.http": "http", "query.http-server": "query", "query.grpc-server": "j1",
         "admin.http": "j2", "collector.grpc-server": "j3", "collector.http-server": "j4"}


def start(work, *options, **more):
    rows.start(work, "jaeger", [rows.backend("jaeger"), *(f"--{name}.host-port=127.0.0.1:{{{port}}}"
                                                          for name, port in PORTS.items()), *options], list(PORTS.values()), **more)


def spans_of(work, trace):
    try:
        found = rows.get_json(work.fill("http://127.0.0.1:{query}/api/traces/" + trace))["data"]
    except OSError:
        return {}
    return {span["spanID"]: span for item in found for span in item["spans"]}


def value_of(tag):
    return int(tag["value"]) if tag["type"] == "int64" else tag["value"]


def same(work, want):
    """Each recorded span is there, under its parent, with its times, attributes and kind."""
    traces = {span.trace_id for span in want}

    def found():
        return {key: span for trace in traces for key, span in spans_of(work, trace).items()}
    rows.harness.wait_for(lambda: len(found()) >= len(want), rows.SECONDS, 0.2)
    have = found()
    for span in want:
        seen = have.get(span.span_id)
        if not seen:
            raise Failure(f"missing: {span}")
        tags = {tag["key"]: value_of(tag) for tag in seen["tags"]}
        parents = [parent["spanID"] for parent in seen["references"] if parent["refType"] == "CHILD_OF"]
        attrs = {key: value for key, value in span.attrs.items() if not isinstance(value, list)}
        wrong = ("name" if seen["operationName"] != span.name else
                 "trace" if seen["traceID"] != span.trace_id else
                 "parent" if parents != ([span.parent_id] if span.parent_id else []) else
                 "start" if seen["startTime"] != span.start // 1000 else
                 "duration" if abs(seen["duration"] - (span.end - span.start) // 1000) > 1 else
                 "kind" if tags.get("span.kind") != span.kind else
                 next((key for key, value in attrs.items() if tags.get(key) != value), None))
        if wrong:
            raise Failure(f"{span}: {wrong} differs: {seen}")
    return len(want), len(have)


def sends(word, port):
    def run(work):
        start(work)
        rows.put_load(work, rows.exporting(work, "otlp", OTEL_EXPORTER_OTLP_PROTOCOL=word,
                                           OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{{{port}}}"), requests=1)
        want = rows.recorded(work)
        if len({span.trace_id for span in want}) != 1 or len(want) != 5:
            raise Failure(f"one trace of five spans is what the demonstration gives, not {len(want)} spans")
        return same(work, want)
    return run


def strategy(kind, param, **operations):
    """The file of strategies, for the service that the programs here have; all others are never sampled."""
    listed = [{"operation": name, "type": "probabilistic", "param": share} for name, share in operations.items()]
    own = {"service": "client", "type": kind, "param": param, **({"operation_strategies": listed} if listed else {})}
    return json.dumps({"service_strategies": [own], "default_strategy": {"type": "probabilistic", "param": 0}})


# What Jaeger is told, and what becomes of requests then. Its share of all is a default for operations that are not listed.
TOLD = [(strategy("probabilistic", 1), "until=sampled:/share"), (strategy("probabilistic", 0), "until=dropped:/none"),
        (strategy("ratelimiting", 1000), "until=sampled:/rate"), (strategy("probabilistic", 1, GET=0), "until=dropped:/by-name"),
        (strategy("probabilistic", 0, GET=1), "until=sampled:/by-name")]


def samples(endpoint):
    def run(work):
        work.values["probe"] = harness.free_port()
        start(work, "--sampling.strategies-file={dir}/answer", "--sampling.strategies-reload-interval=100ms",
              files={"answer": strategy("probabilistic", 0)})
        work.start_server(bare_probe("probe"), False)
        env = rows.exporting(work, OTEL_INSTRUMENTATION_PROCESS_ENABLED="false", OTEL_TRACES_SAMPLER="jaeger_remote",
                             OTEL_TRACES_SAMPLER_ARG=f"endpoint={endpoint},pollingIntervalMs=100,initialSamplingRate=0",
                             OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:{http}")
        steps = [step for answer, until in TOLD for step in ("answer=" + answer, until)]
        client = work.start("client", [harness.python(), str(harness.PROGRAMS / "sampled.py"), str(work.folder),
                                       work.fill("http://127.0.0.1:{probe}"), *steps], work.environment("client", env, True))
        if client.wait(60) != 0:
            raise Failure(f"{work.text('client.out')}{work.text('client.err')}{work.text('otel-auto.log')}")
        same(work, rows.recorded(work))
        return len(TOLD), len(TOLD)
    return run


ROWS = [Row("Jaeger", word, "traces", sends(word, port), rows.version("jaeger"))
        for word, port in (("http/protobuf", "http"), ("grpc", "grpc"))]
ROWS += [Row("Jaeger", word, "strategies", samples(endpoint), rows.version("jaeger"))
         for word, endpoint in (("jaeger_remote, gRPC", "http://127.0.0.1:{j3}"),
                                ("jaeger_remote, HTTP", "http://127.0.0.1:{j4}/api/sampling"))]
