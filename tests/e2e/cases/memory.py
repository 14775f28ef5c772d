"""Memory that is refused to the library, at every place in turn, harms nobody but the telemetry."""
from case import Case
from probes import bare_probe

BUILD = [["cc", "-O1", "-fno-builtin", "-shared", "-fPIC", "-o", "{dir}/nth.so", "{programs}/nth_malloc.c"],
         ["cc", "-O1", "-o", "{dir}/asks", "{programs}/asks_once.c"]]


def refuses(name, what, **env):
    return Case(f"memory-{name}", what, servers=[bare_probe("probe")], setup=BUILD, needs=("cc",), exact=False, sanitized=False,
                run=["{python}", "{programs}/every_allocation.py", "{dir}/nth.so", "{preload}", "{dir}/asks", "{probe}"],
                same=False, seconds=120.0,
                env={"LD_PRELOAD": None, "OTEL_AUTO_EXIT_TIMEOUT": "1000", "OTEL_LOG_LEVEL": None, **env})


CASES = [
    refuses("otlp", "OTLP in protobuf, spans and metrics", OTEL_METRICS_EXPORTER="otlp"),
    refuses("gzip", "compressed, with entities", OTEL_EXPORTER_OTLP_COMPRESSION="gzip", OTEL_METRICS_EXPORTER="none",
            OTEL_ENTITIES="a{b=c}[d=e]", OTEL_RESOURCE_ATTRIBUTES="x=y"),
    refuses("console", "the console, and files", OTEL_TRACES_EXPORTER="console,otlp/file", OTEL_METRICS_EXPORTER="console,otlp/file",
            OTEL_AUTO_CONSOLE="{dir}/console.json", OTEL_AUTO_OTLP_FILE_TRACES_PATH="{dir}/t.jsonl",
            OTEL_AUTO_OTLP_FILE_METRICS_PATH="{dir}/m.jsonl"),
    refuses("zipkin", "Zipkin in both encodings", OTEL_TRACES_EXPORTER="zipkin", OTEL_METRICS_EXPORTER="none",
            OTEL_EXPORTER_ZIPKIN_ENDPOINT="http://127.0.0.1:{collector}/api/v2/spans"),
    refuses("plugin", "a plug-in, and gRPC", OTEL_TRACES_EXPORTER="plugin:{build}/examples/csv_exporter.so,otlp",
            OTEL_METRICS_EXPORTER="none", OTEL_AUTO_PLUGIN_CONFIG="{dir}/spans.csv", OTEL_EXPORTER_OTLP_PROTOCOL="grpc"),
]
