"""The Zipkin server: both encodings, and the traces back by its API."""
import rows
from harness import Failure
from rows import Row


def start(work):
    rows.start(work, "zipkin", ["java", "-Xmx256m", "-jar", rows.backend("zipkin"), "--armeria.ports[0].ip=127.0.0.1",
                                "--armeria.ports[0].port={zipkin}", "--armeria.ports[0].protocols[0]=http"], ("zipkin",),
               seconds=90.0)


def found(work, traces):
    spans = {}
    for trace in traces:
        try:
            spans.update({span["id"]: span for span in
                          rows.get_json(work.fill("http://127.0.0.1:{zipkin}/api/v2/trace/" + trace))})
        except OSError:
            pass
    return spans


def text_of(value):
    """Tags are texts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        import json
        return json.dumps(value, separators=(",", ":"))
    return str(value)


def same(work):
    want = rows.recorded(work)
    traces = {span.trace_id for span in want}
    rows.harness.wait_for(lambda: len(found(work, traces)) >= len(want), rows.SECONDS, 0.3)
    have = found(work, traces)
    for span in want:
        seen = have.get(span.span_id)
        if not seen:
            raise Failure(f"missing: {span}")
        tags = seen.get("tags", {})
        attrs = {key: text_of(value) for key, value in span.attrs.items()}
        wrong = ("name" if seen["name"] != span.name.lower() else
                 "parent" if seen.get("parentId", "") != span.parent_id else
                 "kind" if seen.get("kind", "INTERNAL") != span.kind.upper() else
                 "start" if seen["timestamp"] != span.start // 1000 else
                 "duration" if abs(seen["duration"] - (span.end - span.start) // 1000) > 1 else
                 "service" if seen["localEndpoint"]["serviceName"] != span.service.lower() else
                 "scope" if tags.get("otel.scope.name") != span.scope else
                 next((key for key, value in attrs.items() if tags.get(key) != value), None))
        if wrong:
            raise Failure(f"{span}: {wrong} differs: {seen}")
    return len(want), len(have)


def sends(encoding):
    def run(work):
        start(work)
        rows.put_load(work, rows.exporting(work, "zipkin", OTEL_EXPORTER_ZIPKIN_PROTOCOL=encoding,
                                           OTEL_EXPORTER_ZIPKIN_ENDPOINT="http://127.0.0.1:{zipkin}/api/v2/spans"))
        return same(work)
    return run


ROWS = [Row("Zipkin", f"v2 {word}", "traces", sends(word), rows.version("zipkin")) for word in ("json", "protobuf")]
