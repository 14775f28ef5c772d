"""gRPC, and receivers behind TLS: the right ones are trusted, nobody else. nginx ends TLS and hands on to the collector."""
import dataclasses

import harness
from case import Case
from harness import Failure, Server
from points import SECONDS, metrics_are, point
from probes import bare_probe
from receivers import POSTS, posts
from servers import nginx, python_http, python_program
from spans import http_client, http_server, process
from telemetry import ROOT

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
GRPC = {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
PATIENT = {"OTEL_AUTO_EXIT_TIMEOUT": "3000"}
CURL = ["curl", "-s", "http://127.0.0.1:{probe}/one"]
TOOK = ["{python}", "{programs}/took.py", "1500*{slower}"]
SPANS = [process(id="curl", attrs={"process.executable.name": "curl"}), http_client("probe", "/one", parent="curl")]


def authority(name):
    return ["openssl", "req", "-x509", *KEY, "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{{dir}}/{name}.key", "-out",
            f"{{dir}}/{name}.pem"]


def signed(name, alternative, days="2"):
    return [["openssl", "req", "-new", *KEY, "-subj", f"/CN={name}", "-addext", f"subjectAltName={alternative}",
             "-keyout", f"{{dir}}/{name}.key", "-out", f"{{dir}}/{name}.csr"],
            ["openssl", "x509", "-req", "-in", f"{{dir}}/{name}.csr", "-CA", "{dir}/ca.pem", "-CAkey", "{dir}/ca.key",
             "-copy_extensions", "copy", "-days", days, "-out", f"{{dir}}/{name}.pem"]]


def front(hand_on, options=""):
    """What ends TLS: on the port {tls}."""
    server = nginx("front", "listen 127.0.0.1:{tls} ssl http2; ssl_certificate {dir}/server.pem; client_max_body_size 0; "
                   "ssl_certificate_key {dir}/server.key; %s location / { %s }" % (options, hand_on),
                   shim=False)
    return dataclasses.replace(server, ports=("front", "tls"))


MUTUAL = "ssl_client_certificate {dir}/ca.pem; ssl_verify_client on;"
TRUSTED = {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://127.0.0.1:{tls}", "OTEL_EXPORTER_OTLP_CERTIFICATE": "{dir}/ca.pem"}
NAMED = {"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": "{dir}/me.pem", "OTEL_EXPORTER_OTLP_CLIENT_KEY": "{dir}/me.key"}
# name, what it hands on with, the environment that chooses it
WAYS = [("https", "proxy_pass http://127.0.0.1:{collector};", {}), ("grpcs", "grpc_pass grpc://127.0.0.1:{collector};", GRPC)]


def by_tls(name, what, way, expect=(), env=None, options="", alternative="IP:127.0.0.1", days="2", **more):
    prefix, hand_on, protocol = way
    return Case(f"{prefix}-{name}", what, servers=[bare_probe("probe"), front(hand_on, options)],
                setup=[authority("ca"), authority("other"), *signed("server", alternative, days),
                       *signed("me", "DNS:me")], needs=("openssl", "curl"), run=CURL, expect=[*expect], exact=not expect,
                env={**PATIENT, **protocol, **TRUSTED, **(env or {})}, same=False, **more)


def ends(way):
    """Whatever the end waits for, exit handlers take nothing away that we are using."""
    prefix, _, protocol = way
    late = python_program("tls", "late_tls.py", "{dir}/server.pem", "{dir}/server.key", "0.4", shim=False)
    return [Case(f"{prefix}-ends-{timeout}", f"TLS begins while exit handlers run, {timeout} ms of patience",
                 servers=[bare_probe("probe"), late], setup=[authority("ca"), *signed("server", "IP:127.0.0.1")],
                 needs=("openssl",), run=["{python}", "{programs}/ends_over_tls.py", "{probe}"],
                 env={**protocol, **TRUSTED, "OTEL_AUTO_EXIT_TIMEOUT": timeout, "OTEL_BSP_SCHEDULE_DELAY": "1"})
            for timeout in ("0", "20")]


def refused(text):
    def look(result):
        said = result.work.text("otel-auto.log")
        if text not in said:
            raise Failure(f"{text!r} is not among: {said}")
    return look


def each_way(way):
    return [
        by_tls("trusted", "H.2 48, 50: an authority of the user's", way, SPANS),
        by_tls("other-authority", "H.2 48: who is not trusted gets nothing", way, check=refused("certificate"),
               env={"OTEL_EXPORTER_OTLP_CERTIFICATE": "{dir}/other.pem"}),
        by_tls("system-trust", "without a variable the system decides", way, check=refused("certificate"),
               env={"OTEL_EXPORTER_OTLP_CERTIFICATE": None}),
        by_tls("no-authority", "a file that cannot be read opens no door", way, check=refused("certificate"),
               env={"OTEL_EXPORTER_OTLP_CERTIFICATE": "{dir}/none.pem"}),
        by_tls("other-name", "the name is compared", way, check=refused("subject name"), alternative="DNS:elsewhere"),
        by_tls("expired", "an old certificate", way, check=refused("expired"), days="-1"),
        by_tls("insecure", "H.2 48: https stays https", way, check=refused("certificate"),
               env={"OTEL_EXPORTER_OTLP_CERTIFICATE": "{dir}/other.pem", "OTEL_EXPORTER_OTLP_INSECURE": "true"}),
        by_tls("mutual", "H.2 50: a certificate of our own", way, SPANS, env=NAMED, options=MUTUAL),
        by_tls("mutual-without", "H.2 50: and without it", way, options=MUTUAL, check=refused("HTTP")),
        by_tls("old-tls", "TLS 1.1 is too old", way, options="ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;",
               check=refused("exporting")),
        *ends(way),
        dataclasses.replace(by_tls("main-leaves", "the last thread is not the first: its exit handlers come after the last export", way,
                                   [process(id="main", attrs={"process.exit.code": 0}), http_client("probe", "/one")]),
                            run=["{python}", "{programs}/main_leaves.py", "{probe}"]),
    ]


# ---- gRPC without TLS ----------------------------------------------------------------------------

def as_grpc_says(result):
    harness.wait_for(lambda: len(posts(result)) >= 2, SECONDS, 0.05)
    for post in posts(result):
        headers = post["headers"]
        if headers["content-type"] != "application/grpc" or headers["te"] != "trailers" or headers["api-key"] != "a b" or \
                not headers["user-agent"].startswith("libotel-auto/") or not headers["grpc-timeout"].endswith("m"):
            raise Failure(f"{post}")
    paths = {post["path"] for post in posts(result)}
    if paths != {f"/opentelemetry.proto.collector.{signal}/Export"
                 for signal in ("trace.v1.TraceService", "metrics.v1.MetricsService")}:
        raise Failure(f"{paths}")


def packed(result):
    for post in posts(result):
        if post["headers"]["grpc-encoding"] != "gzip":
            raise Failure(f"{post}")


def calls(name, what, mode=None, expect=SPANS, env=None, collector=(), **more):
    """curl asks; it ends as it does bare, whatever the collector does."""
    more.setdefault("check", lambda result: None)
    return Case(f"grpc-{name}", what, servers=[bare_probe("probe")], needs=("curl",), exact=False,
                collector=("--mode", mode) if mode else collector, run=[*TOOK, *CURL], expect=[*expect],
                env={**GRPC, "OTEL_AUTO_EXIT_TIMEOUT": None, **(env or {})}, **more)


def says(name, what, mode, text, **more):
    return calls(name, what, mode, [], env=PATIENT, same=False, check=refused(text), **more)


def comes_late(name, what, *options):
    return Case(f"grpc-{name}", what, servers=[python_http("web")], needs=("curl",), collector=options, same=False,
                env={"LD_PRELOAD": None, **GRPC}, run=["curl", "-s", "http://127.0.0.1:{web}/hello.txt"],
                expect=[http_server("web", "/hello.txt", parent=ROOT)])


def served_over_grpc(server, count):
    server.env = {**server.env, **GRPC, "OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_METRICS_EXPORTER": "otlp",
                  "OTEL_METRIC_EXPORT_INTERVAL": "100"}
    return Case(f"grpc-{server.command[0].strip('{}')}", "a server sends batch after batch", servers=[server], needs=("curl",),
                env={"LD_PRELOAD": None}, same=False, exact=False,
                run=["sh", "-c", f"for i in $(seq {count}); do curl -s http://127.0.0.1:{{web}}/hello.txt; sleep 0.1; done"],
                expect=[http_server("web", "/hello.txt", parent=ROOT) for _ in range(count)],
                check=metrics_are(point("http.server.request.duration", "web", count=count)))


def bridge():
    """A socket of the machine in front of the collector."""
    return Server("bridge", ["{python}", "{programs}/unix_bridge.py", "{dir}/otel.sock", "{collector}", "{bridge}"],
                  ports=("bridge",), shim=False)


def by_socket(name, what, endpoint, env):
    return Case(f"socket-{name}", what, servers=[bare_probe("probe"), bridge()], needs=("curl",), run=CURL, expect=[*SPANS],
                env={**PATIENT, **env, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}, same=False)


CASES = [
    by_socket("http", "OTLP over HTTP to a socket of the machine", "http+unix://otel.sock", {}),
    by_socket("grpc", "gRPC's name for one", "unix:{dir}/otel.sock", GRPC),
    by_socket("grpc-slashes", "the same with slashes", "unix://{dir}/otel.sock", GRPC),
    *[case for way in WAYS for case in each_way(way)],
    calls("curl", "H.3 57: two calls, by their names", collector=POSTS, check=as_grpc_says,
          env={"OTEL_EXPORTER_OTLP_HEADERS": "Api-Key=a%20b", "OTEL_METRICS_EXPORTER": "otlp", **PATIENT}),
    calls("gzip", "H.2 53: messages are packed", collector=POSTS, check=packed,
          env={"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", **PATIENT}),
    calls("scheme-less", "H.2 49: a target without TLS",
          env={"OTEL_EXPORTER_OTLP_ENDPOINT": "127.0.0.1:{collector}", "OTEL_EXPORTER_OTLP_INSECURE": "true", **PATIENT}),
    served_over_grpc(python_http("web"), 5),
    says("400", "INVALID_ARGUMENT is final", "400", "gRPC status 3 (INVALID_ARGUMENT): no spans wanted: 100% sure"),
    says("429", "H.3 67: RESOURCE_EXHAUSTED without a RetryInfo is final", "429", "gRPC status 8 (RESOURCE_EXHAUSTED)"),
    says("garbage", "no message", "garbage", "the gRPC answer is not one message"),
    says("no-status", "a missing status is no success", "nostatus", "no gRPC status with HTTP status 200"),
    says("partial", "H.3 71: a partial success", "partial", "rejected 1 spans: too large"),
    calls("none", "nobody listens", expect=[], env={"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:{closed}"}),
    calls("503", "not now", "503", expect=[]),
    calls("close", "closes without an answer", "close", expect=[]),
    calls("blackhole", "never answers", "blackhole", expect=[]),
    calls("slow", "answers after the exit", "slow:3000", expect=[]),
    calls("http1", "who listens speaks HTTP/1 only", expect=[],
          env={"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:{probe}"}),
    comes_late("503-then-ok", "H.3 66: told when to come again, and then fine", "--mode", "503:1", "--times", "1"),
    comes_late("429-then-ok", "H.3 67: RESOURCE_EXHAUSTED with a RetryInfo", "--mode", "429:1", "--times", "1"),
    comes_late("close-then-ok", "H.3 68: a connection that breaks, and then fine", "--mode", "close", "--times", "1"),
]
