"""What opentelemetry-python makes of the same data: oracle.py console|log-console|zipkin|sizes FILE-OF-OTLP-JSON, or oracle.py temporality.
Prints JSON values, one a line: [span id, text] of each span, or {instrument: temporality} by the environment."""
import json
import sys

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags, TraceState
from opentelemetry.trace.status import Status, StatusCode


def value_of(value):
    (kind, inner), = value.items()
    return int(inner) if kind == "intValue" else [value_of(item) for item in inner.get("values", [])] \
        if kind == "arrayValue" else inner


def attributes(items):
    return {item["key"]: value_of(item["value"]) for item in items}


def context(trace, span, state="", remote=False):
    return SpanContext(int(trace, 16), int(span, 16), remote, TraceFlags(1), TraceState.from_header([state]) if state else
                       TraceState())


def span_of(item, resource, scope):
    parent = item.get("parentSpanId")
    status = item.get("status", {})
    return ReadableSpan(
        name=item["name"], context=context(item["traceId"], item["spanId"], item.get("traceState", "")),
        parent=context(item["traceId"], parent) if parent else None, resource=resource,
        events=[Event(event["name"], attributes(event.get("attributes", [])), int(event["timeUnixNano"]))
                for event in item.get("events", [])],
        links=[Link(context(link["traceId"], link["spanId"], link.get("traceState", ""), True),
                    attributes(link.get("attributes", []))) for link in item.get("links", [])],
        attributes=attributes(item.get("attributes", [])), kind=SpanKind(item["kind"] - 1),
        status=Status(StatusCode(status.get("code", 0)), status.get("message") or None),
        start_time=int(item["startTimeUnixNano"]), end_time=int(item["endTimeUnixNano"]), instrumentation_scope=scope)


def spans(path):
    with open(path, encoding="utf-8") as lines:
        for request in map(json.loads, lines):
            for block in request["resourceSpans"]:
                resource = Resource(attributes(block["resource"]["attributes"]), block.get("schemaUrl", ""))
                for scoped in block["scopeSpans"]:
                    scope = InstrumentationScope(scoped["scope"]["name"], scoped["scope"].get("version"),
                                                 scoped.get("schemaUrl"))
                    for item in scoped["spans"]:
                        yield item["spanId"], span_of(item, resource, scope)


def console(path):
    for key, span in spans(path):
        print(json.dumps([key, span.to_json()]))


def log_console(path):
    """[trace id, time, text] of each log record."""
    from opentelemetry._logs import LogRecord, SeverityNumber
    from opentelemetry.sdk._logs import ReadableLogRecord
    with open(path, encoding="utf-8") as lines:
        blocks = [block for request in map(json.loads, lines) for block in request["resourceLogs"]]
    for block in blocks:
        resource = Resource(attributes(block["resource"]["attributes"]), block.get("schemaUrl", ""))
        for item in [item for scoped in block["scopeLogs"] for item in scoped["logRecords"]]:
            trace, span = item.get("traceId"), item.get("spanId")
            record = LogRecord(
                timestamp=int(item["timeUnixNano"]), observed_timestamp=int(item["observedTimeUnixNano"]),
                trace_id=int(trace, 16) if trace else None, span_id=int(span, 16) if span else None,
                trace_flags=TraceFlags(item["flags"]) if trace else TraceFlags(0), severity_text=item.get("severityText"),
                severity_number=SeverityNumber(item["severityNumber"]) if "severityNumber" in item else None, body=value_of(item["body"]),
                attributes=attributes(item.get("attributes", [])), event_name=item.get("eventName"))
            print(json.dumps([f"{item['timeUnixNano']} {value_of(item['body'])}",
                              ReadableLogRecord(record, resource).to_json()]))


def zipkin(path):
    from opentelemetry.exporter.zipkin.json.v2 import JsonV2Encoder
    from opentelemetry.exporter.zipkin.node_endpoint import NodeEndpoint
    for key, span in spans(path):
        node = NodeEndpoint()
        node.service_name = span.resource.attributes["service.name"]  # as its exporter does
        text, = json.loads(JsonV2Encoder().serialize([span], node))
        print(json.dumps([key, text]))


def sizes(path):
    """Bytes of each span in protobuf."""
    from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
    for _, span in spans(path):
        encoded, = encode_spans([span]).resource_spans[0].scope_spans[0].spans
        print(encoded.ByteSize())


def temporality():
    from opentelemetry.exporter.otlp.proto.common._internal.metrics_encoder import OTLPMetricExporterMixin
    found = OTLPMetricExporterMixin()._get_temporality({})
    print(json.dumps({instrument.__name__.lstrip("_"): kind.value for instrument, kind in found.items()}))


{"console": console, "log-console": log_console, "zipkin": zipkin, "temporality": temporality, "sizes": sizes}[sys.argv[1]](*sys.argv[2:])
