"""Memory that is refused to the library, at every place in turn, harms nobody but the telemetry."""
import dataclasses

from case import Case
from harness import Failure
from probes import bare_probe
from servers import nginx, python_program

def build(*flags):
    return [["cc", "-O1", "-fno-builtin", *flags, "-shared", "-fPIC", "-o", "{dir}/nth.so", "{programs}/nth_malloc.c"],
            ["cc", "-O1", "-o", "{dir}/asks", "{programs}/asks_once.c"]]


KEY = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
       "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "{dir}/server.key", "-out", "{dir}/server.pem"]
TLS = dataclasses.replace(
    nginx("front", "listen 127.0.0.1:{tls} ssl http2; ssl_certificate {dir}/server.pem; ssl_certificate_key {dir}/server.key; "
          "location / { proxy_pass http://127.0.0.1:{collector}; }", shim=False), ports=("front", "tls"))
HTTPS = {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://127.0.0.1:{tls}", "OTEL_EXPORTER_OTLP_CERTIFICATE": "{dir}/server.pem",
         "OTEL_METRICS_EXPORTER": "none"}
GRPC = {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_METRICS_EXPORTER": "otlp"}
SCRAPED = {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "prometheus", "OTEL_EXPORTER_PROMETHEUS_HOST": "127.0.0.1",
           "OTEL_EXPORTER_PROMETHEUS_PORT": "{closed}", "SCRAPES": "{closed}"}


STRATEGY = """{"operationSampling": {"defaultSamplingProbability": 1, "defaultLowerBoundTracesPerSecond": 1,
 "perOperationStrategies": [{"operation": "GET", "probabilisticSampling": {"samplingRate": 1}}]}}"""
CONFIG = """file_format: "1.1"
resource: {attributes: [{name: service.name, value: client}, {name: team, value: "${TEAM:-none}"}]}
propagator: {composite: [tracecontext: , baggage: ]}
tracer_provider:
  processors:
    - batch: {exporter: {otlp_http: {endpoint: "http://127.0.0.1:{collector}/v1/traces"}}}
"""


def spans_came(result):
    """The runs in which nothing was refused export, and most of the others."""
    requests = [span for span in result.spans if span.name == "GET"]
    if len(requests) < 5:
        raise Failure(f"{len(requests)} requests were exported")


def refuses(name, what, whose="libotel-auto-sdk", runs=None, servers=(), setup=(), then=(), needs=(), check=None, **env):
    """runs: of so many allocations one is refused, where trying each would take minutes."""
    flags = [] if whose == "libotel-auto-sdk" else ["-DNOT_DEEP"]
    some = {} if runs is None else {"RUNS": str(runs)}
    return Case(f"memory-{name}", what, servers=[bare_probe("probe"), *servers], setup=[*build(*flags), *setup], needs=("cc", *needs),
                run=["{python}", "{programs}/every_allocation.py", "{dir}/nth.so", "{preload}", "{dir}/asks", "{probe}", *then],
                exact=False, sanitized=False, same=False, seconds=120.0, check=check,
                env={"LD_PRELOAD": None, "OTEL_AUTO_EXIT_TIMEOUT": "1000", "OTEL_LOG_LEVEL": None, "NTH_WHOSE": whose, **some, **env})


def without_helper(case):
    """With little address space there is no thread of ours: the program's own does it all, at its end."""
    return dataclasses.replace(case, run=["sh", "-c", 'ulimit -v 1000000 && exec "$@"', "sh", *case.run])


def configured(name, what, **more):
    return dataclasses.replace(
        refuses(name, what, check=spans_came, OTEL_CONFIG_FILE="{dir}/otel.yaml", **more), files={"otel.yaml": CONFIG})


def asks_for_strategies(name, what, path, **more):
    def asked(result):
        spans_came(result)
        if len(result.work.text("asked.log").splitlines()) < 5:
            raise Failure("no strategy was asked for")
    arg = f"endpoint=http://127.0.0.1:{{strategies}}{path},pollingIntervalMs=1000,initialSamplingRate=1"
    return dataclasses.replace(
        refuses(name, what, servers=[python_program("strategies", "strategies.py", "{dir}/answer", "{dir}/asked.log", shim=False)],
                check=asked, OTEL_TRACES_SAMPLER="jaeger_remote", OTEL_TRACES_SAMPLER_ARG=arg, **more), files={"answer": STRATEGY})


def by_tls(name, what, **more):
    return refuses(name, what, servers=[TLS], setup=[KEY], needs=("openssl",), check=spans_came, **HTTPS, **more)


def scraped(name, what, **more):
    return refuses(name, what, then=["wait"], **SCRAPED, **more)


CASES = [
    refuses("otlp", "OTLP in protobuf, spans and metrics", OTEL_METRICS_EXPORTER="otlp", check=spans_came),
    refuses("gzip", "compressed, with entities", OTEL_EXPORTER_OTLP_COMPRESSION="gzip", OTEL_METRICS_EXPORTER="none",
            OTEL_ENTITIES="a{b=c}[d=e]", OTEL_RESOURCE_ATTRIBUTES="x=y", check=spans_came),
    refuses("console", "the console, and files", OTEL_TRACES_EXPORTER="console,otlp/file", OTEL_METRICS_EXPORTER="console,otlp/file",
            OTEL_AUTO_CONSOLE="{dir}/console.json", OTEL_AUTO_OTLP_FILE_TRACES_PATH="{dir}/t.jsonl",
            OTEL_AUTO_OTLP_FILE_METRICS_PATH="{dir}/m.jsonl"),
    refuses("zipkin", "Zipkin in both encodings", OTEL_TRACES_EXPORTER="zipkin", OTEL_METRICS_EXPORTER="none",
            OTEL_EXPORTER_ZIPKIN_ENDPOINT="http://127.0.0.1:{collector}/api/v2/spans"),
    refuses("plugin", "a plug-in, and gRPC", OTEL_TRACES_EXPORTER="plugin:{build}/examples/csv_exporter.so,otlp",
            OTEL_METRICS_EXPORTER="none", OTEL_AUTO_PLUGIN_CONFIG="{dir}/spans.csv", OTEL_EXPORTER_OTLP_PROTOCOL="grpc"),
    refuses("grpc", "gRPC, spans and metrics", check=spans_came, **GRPC),
    by_tls("https", "https"),
    scraped("prometheus", "the endpoint of Prometheus, which is asked"),
    refuses("grpc-libraries", "what libcurl and the libraries below it ask for", "libraries", 100, check=spans_came, **GRPC),
    by_tls("https-libraries", "what libcurl and OpenSSL ask for", whose="libraries", runs=100),
    by_tls("https-context", "OpenSSL's default context, some fifty in a row, without which it crashed", whose="libcrypto.so", runs=90, FIRST="900"),
    asks_for_strategies("sampler", "strategies of sampling, by HTTP", "/sampling"),
    # A program of some milliseconds is over before libcurl has asked.
    asks_for_strategies("sampler-grpc", "strategies of sampling, by gRPC", "", runs=20, then=["wait"], SCRAPES="{closed}"),
    configured("config", "a configuration file, which is read before the program begins"),
    configured("config-libraries", "what libyaml asks for", whose="libraries", runs=100),
    configured("config-linker", "what the dynamic linker asks for, first on the program's own thread", whose="ld-linux"),
    without_helper(refuses("end", "at the end of the program, on its own thread", OTEL_METRICS_EXPORTER="otlp", check=spans_came)),
    scraped("prometheus-libraries", "what libmicrohttpd and the libraries below it ask for", whose="libraries", runs=100),
    refuses("otlp-libc", "what libc asks for on our threads: names, files, libraries", "libc", check=spans_came,
            OTEL_METRICS_EXPORTER="otlp"),
    refuses("grpc-libc", "the same, for gRPC", "libc", 40, check=spans_came, **GRPC),
    by_tls("https-libc", "the same, for https", whose="libc", runs=40),
    scraped("prometheus-libc", "the same, for Prometheus", whose="libc", runs=20),
]
