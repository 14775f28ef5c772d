"""Prometheus, Debian's and the newest: what it scraped, or was sent, answers queries with the right numbers."""
import re
import shutil
import subprocess
import urllib.error
import urllib.parse

import rows
from exposition import fetch
from harness import Failure
from rows import Row
from servers import nginx_files, python_http

CONFIG = """
global: { scrape_interval: 500ms, scrape_timeout: 400ms }
scrape_configs:
  - job_name: shim
    static_configs: [ { targets: [ "127.0.0.1:{scrape}" ] } ]
"""
COUNT = "sum(http_server_request_duration_seconds_count)"
QUIET = {"OTEL_SDK_DISABLED": "true"}


def debian(name):
    path = shutil.which(name)
    if not path:
        raise rows.Skip(f"{name} of Debian's packages is not installed")
    return path


def start(work, get, *more):
    files = {"prometheus.yml": CONFIG if "scrape" in work.values else "scrape_configs: []\n"}
    rows.start(work, "prometheus", [get("prometheus"), "--config.file={dir}/prometheus.yml", "--storage.tsdb.path={dir}/tsdb",
                                    "--web.listen-address=127.0.0.1:{prometheus}", "--log.level=warn", *more],
               ("prometheus",), files)
    if not rows.harness.wait_for(lambda: is_ready(work), rows.SECONDS, 0.1):
        raise Failure("prometheus listens, but does not become ready")


def is_ready(work):
    """It answers 503 between listening and being able to."""
    try:
        return bool(rows.get(work.fill("http://127.0.0.1:{prometheus}/-/ready"), "*/*"))
    except urllib.error.HTTPError:
        return False


def query(work, text):
    """The value of an instant query that gives one; None while it gives none."""
    url = work.fill("http://127.0.0.1:{prometheus}/api/v1/query?") + urllib.parse.urlencode({"query": text})
    found = rows.get_json(url)["data"]["result"]
    return float(found[0]["value"][1]) if found else None


def expect(work, *wants):
    for text, expected in wants:
        if not rows.harness.wait_for(lambda text=text, expected=expected: query(work, text) == expected, rows.SECONDS, 0.2):
            raise Failure(f"{text} is {query(work, text)}, not {expected}")


# Two names of the semantic conventions end in a word that promtool would keep for histograms.
KNOWN = {f"{name} non-histogram and non-summary metrics should not have \"_count\" suffix"
         for name in ("process_thread_count", "process_unix_file_descriptor_count")}


def promtool(work, get):
    """It reads the 0.0.4 syntax."""
    done = subprocess.run([get("promtool"), "check", "metrics"], input=fetch(work.values["scrape"])[1], capture_output=True,
                          text=True, check=False)
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip() and line not in KNOWN]
    if said:
        raise Failure("promtool: " + "\n".join(said))


def serve(work, server, count, env):
    work.choose_ports([port for port in server.ports if port not in work.values])
    server.env = {**server.env, "OTEL_TRACES_EXPORTER": "none", **work.filled(env)}
    work.start_server(server, True)
    done = subprocess.run(["curl", "-sS", *[work.fill("http://127.0.0.1:{web}/hello.txt")] * count], capture_output=True,
                          check=False)
    if done.returncode:
        raise Failure(f"curl: {done.stderr.decode()}")


def workers(count):
    server = nginx_files("web")
    server.files = {name: text.replace("worker_processes 2", f"worker_processes {count}")
                    for name, text in server.files.items()}
    return server


def scrapes(get, make, count, **env):
    def run(work):
        get("prometheus"), get("promtool")
        work.choose_ports(["scrape"])
        serve(work, make(), count, {"OTEL_METRICS_EXPORTER": "prometheus", "OTEL_EXPORTER_PROMETHEUS_PORT": "{scrape}", **env})
        start(work, get)
        expect(work, (COUNT, count), ('up{job="shim"}', 1), ("sum(http_server_active_requests)", 0),
               ("sum(otel_auto_connection_count_total)", 1), ('target_info{service_name="web"}', 1))
        if not env:
            expect(work, ('sum(http_server_request_duration_seconds_bucket{le="+Inf"})', count))
        promtool(work, get)
        return count, int(query(work, COUNT))
    return run


def translated(strategy, name, connections, count):
    """Names as OTEL_AUTO_PROMETHEUS_TRANSLATION_STRATEGY has them: Prometheus 3 asks for UTF-8, and keeps them."""
    def run(work):
        rows.backend("prometheus")
        work.choose_ports(["scrape"])
        serve(work, python_http("web"), count, {"OTEL_METRICS_EXPORTER": "prometheus", "OTEL_EXPORTER_PROMETHEUS_PORT": "{scrape}",
                                                "OTEL_AUTO_PROMETHEUS_TRANSLATION_STRATEGY": strategy})
        start(work, rows.backend)
        total = f'sum({{"{name}_count"}})'
        expect(work, (total, count), (f'sum({{"{connections}"}})', count), ('up{job="shim"}', 1),
               (f'sum({{"{name}_bucket","http.response.status_code"="200",le="+Inf"}})', count))
        return count, int(query(work, total))
    return run


def receives(make, count, **env):
    """Its OTLP receiver; names are made of ours as for a scrape."""
    def run(work):
        start(work, rows.backend, "--web.enable-otlp-receiver")
        serve(work, make(), count, {"OTEL_METRICS_EXPORTER": "otlp", "OTEL_METRIC_EXPORT_INTERVAL": "300", **env})
        expect(work, (COUNT, count), (COUNT.replace("_count", '_bucket{le="+Inf"}'), count),
               (COUNT.replace("_count", '_count{http_response_status_code="200"}'), count))
        return count, int(query(work, COUNT))
    return run


def debians_version():
    if not shutil.which("prometheus"):
        return ""
    done = subprocess.run(["prometheus", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"version (\S+?)[ +]", done.stdout + done.stderr)
    return found[1] if found else ""


BASE = "http://127.0.0.1:{prometheus}/api/v1/otlp"
EXPONENTIAL = {"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION": "base2_exponential_bucket_histogram"}
NEW = rows.version("prometheus")
ROWS = [
    Row("Prometheus", "scrape", "metrics", scrapes(debian, lambda: workers(8), 40), debians_version(), "prometheus-debian-nginx"),
    Row("Prometheus", "scrape", "metrics", scrapes(rows.backend, lambda: workers(8), 40), NEW, "prometheus-nginx"),
    Row("Prometheus", "scrape, exponential", "metrics", scrapes(rows.backend, lambda: python_http("web"), 1, **EXPONENTIAL), NEW),
    Row("Prometheus", "scrape, NoTranslation", "metrics",
        translated("NoTranslation", "http.server.request.duration", "otel_auto.connection.count", 3), NEW),
    Row("Prometheus", "scrape, NoUTF8EscapingWithSuffixes", "metrics", translated(
        "NoUTF8EscapingWithSuffixes", "http.server.request.duration_seconds", "otel_auto.connection.count_total", 3), NEW),
    Row("Prometheus", "OTLP, own endpoint", "metrics", receives(
        lambda: python_http("web"), 7, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=BASE + "/v1/metrics"), NEW),
    Row("Prometheus", "OTLP, general", "metrics", receives(lambda: workers(1), 9, OTEL_EXPORTER_OTLP_ENDPOINT=BASE), NEW),
]
