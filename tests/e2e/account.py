"""OTLP in files of JSON lines: metrics as numbers, and the account that the library gives of its spans and log records."""
import json
import pathlib

import telemetry


def lines(path):
    path = pathlib.Path(path)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def text_of(attributes):
    return json.dumps(telemetry.attributes(attributes), sort_keys=True)


def points_in(requests):
    """{(service, instance, metric, attributes): (kind, temporality, unit, numbers)} of the last points of OTLP JSON."""
    found = {}
    for request in requests:
        for block in request.get("resourceMetrics", []):
            resource = telemetry.attributes(block["resource"]["attributes"])
            whose = resource.get("service.name"), resource.get("process.pid")
            for metric in [metric for scope in block.get("scopeMetrics", []) for metric in scope.get("metrics", [])]:
                kind = next(key for key in ("sum", "gauge", "histogram", "exponentialHistogram") if key in metric)
                for point in metric[kind]["dataPoints"]:
                    key = (*whose, metric["name"], text_of(point.get("attributes", [])))
                    numbers = {name: float(value) for name, value in point.items()
                               if name in ("asInt", "asDouble", "count", "sum", "min", "max")}
                    when = int(point["timeUnixNano"])
                    if key not in found or found[key][0] <= when:
                        found[key] = when, (kind, metric[kind].get("aggregationTemporality"), metric.get("unit"), numbers)
    return {key: value for key, (_, value) in found.items()}


def account(path, item="span"):
    """(delivered, {reason: lost}) by the metrics that the library has of itself (OTEL_AUTO_SELF_METRICS, written by otlp/file), of
    the exporter that goes over the network: the second of the list, behind otlp/file."""
    delivered, lost = 0, {}
    for (_, _, metric, attributes), (_, _, _, numbers) in points_in(lines(path)).items():
        about = json.loads(attributes)
        count = int(numbers.get("asInt", numbers.get("asDouble", 0)))
        if metric == f"otel.sdk.exporter.{item}.exported" and about["otel.component.type"].startswith(("otlp_http", "otlp_grpc")):
            if "error.type" in about:
                lost[about["error.type"]] = lost.get(about["error.type"], 0) + count
            else:
                delivered += count
        if metric == f"otel.sdk.processor.{item}.processed" and "error.type" in about:  # what reached no exporter
            lost[about["error.type"]] = lost.get(about["error.type"], 0) + count
    return delivered, {reason: count for reason, count in lost.items() if count}
