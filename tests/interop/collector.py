"""The OpenTelemetry Collector: what its file exporter wrote is what was recorded."""
import subprocess

import rows
from rows import Row

CONFIG = """
receivers:
  otlp:
    protocols:
      grpc: { endpoint: "127.0.0.1:{grpc}", @tls@ }
      http: { endpoint: "127.0.0.1:{http}", @tls@ }
exporters:
  debug: { verbosity: detailed }
  file/traces: { path: "{dir}/got.jsonl", flush_interval: 100ms }
  file/metrics: { path: "{dir}/metrics-got.jsonl", flush_interval: 100ms }
  file/logs: { path: "{dir}/logs-got.jsonl", flush_interval: 100ms }
service:
  telemetry: { metrics: { level: none }, logs: { level: warn } }
  pipelines:
    traces: { receivers: [ otlp ], exporters: [ debug, file/traces ] }
    metrics: { receivers: [ otlp ], exporters: [ debug, file/metrics ] }
    logs: { receivers: [ otlp ], exporters: [ debug, file/logs ] }
"""
TLS = 'tls: { cert_file: "{dir}/server.pem", key_file: "{dir}/server.key" }'
MUTUAL = TLS.replace(" }", ', client_ca_file: "{dir}/ca.pem" }')
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def certificates(work, days="2"):
    commands = [["openssl", "req", "-x509", *KEY, "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{{dir}}/{name}.key",
                 "-out", f"{{dir}}/{name}.pem"] for name in ("ca", "other")]
    for name in ("server", "me"):
        commands += [["openssl", "req", "-new", *KEY, "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1",
                      "-keyout", f"{{dir}}/{name}.key", "-out", f"{{dir}}/{name}.csr"],
                     ["openssl", "x509", "-req", "-in", f"{{dir}}/{name}.csr", "-CA", "{dir}/ca.pem", "-CAkey", "{dir}/ca.key",
                      "-copy_extensions", "copy", "-days", days if name == "server" else "2", "-out", f"{{dir}}/{name}.pem"]]
    for command in commands:
        subprocess.run(work.filled(command), check=True, capture_output=True)


def start(work, tls=""):
    rows.start(work, "otelcol", [rows.backend("collector"), "--config", "{dir}/otelcol.yaml"], ("grpc", "http"),
               {"otelcol.yaml": CONFIG.replace("@tls@", tls)})


def protocol(work, word, tls, more):
    env = {"OTEL_EXPORTER_OTLP_PROTOCOL": word,
           "OTEL_EXPORTER_OTLP_ENDPOINT": f"http{'s' if tls else ''}://127.0.0.1:{{{'grpc' if word == 'grpc' else 'http'}}}"}
    if tls:
        env["OTEL_EXPORTER_OTLP_CERTIFICATE"] = "{dir}/ca.pem"
    if tls == MUTUAL:
        env.update({"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": "{dir}/me.pem",
                    "OTEL_EXPORTER_OTLP_CLIENT_KEY": "{dir}/me.key"})
    return work.filled({**env, **more})


def sends(word, signal, tls="", **more):
    def run(work):
        if tls:
            certificates(work)
        start(work, tls)
        if signal == "traces":
            rows.put_load(work, rows.exporting(work, "otlp", **protocol(work, word, tls, more)))
            return rows.same_spans(work, lambda: rows.telemetry.spans_in(rows.lines(work.folder / "got.jsonl")))
        if signal == "logs":
            rows.put_load(work, rows.exporting(work, "otlp/file", "none", "otlp", **protocol(work, word, tls, more)))
            return rows.same_logs(work, lambda: rows.logs.load(work.folder / "logs-got.jsonl"))
        rows.put_load(work, rows.exporting(work, "none", "otlp", **protocol(work, word, tls, more)))
        return rows.same_points(work, lambda: rows.lines(work.folder / "metrics-got.jsonl"))
    return run


GZIP = {"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"}
WAYS = [("", "", {}), (" gzip", "", GZIP), (" TLS", TLS, {}), (" mTLS", MUTUAL, GZIP)]
ROWS = [Row("Collector", word + label, signal, sends(word, signal, tls, **more), rows.version("collector"))
        for word in ("http/protobuf", "http/json", "grpc") for label, tls, more in WAYS for signal in ("traces", "metrics", "logs")]
