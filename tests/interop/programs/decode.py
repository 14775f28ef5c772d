"""An OTLP/HTTP receiver that decodes with the messages of opentelemetry-proto: decode.py PORT TRACES METRICS LOGS.
What it understood goes into the three files as lines of OTLP JSON."""
import base64
import gzip
import http.server
import json
import sys

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PORT, FILES = int(sys.argv[1]), dict(zip(("/v1/traces", "/v1/metrics", "/v1/logs"), sys.argv[2:]))
TYPES = {"/v1/traces": ExportTraceServiceRequest, "/v1/metrics": ExportMetricsServiceRequest,
         "/v1/logs": ExportLogsServiceRequest}
IDS = ("traceId", "spanId", "parentSpanId")


def hexed(value):
    """Ids: base64 in JSON's general mapping, hexadecimal in OTLP's."""
    if isinstance(value, dict):
        return {key: base64.b64decode(item).hex() if key in IDS else hexed(item) for key, item in value.items()}
    return [hexed(item) for item in value] if isinstance(value, list) else value


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        message = TYPES[self.path]()
        message.ParseFromString(body)
        unknown = message.ByteSize() != len(body)
        if self.path == "/v1/traces":
            with open(FILES[self.path] + ".bytes", "a", encoding="utf-8") as out:
                out.writelines(f"{span.ByteSize()}\n" for block in message.resource_spans for scope in block.scope_spans
                               for span in scope.spans)
        with open(FILES[self.path], "a", encoding="utf-8") as out:
            out.write(json.dumps(hexed(MessageToDict(message, use_integers_for_enums=True))) + "\n")
        self.send_response(400 if unknown else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Receiver).serve_forever()
