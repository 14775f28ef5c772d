"""A real Prometheus scrapes a server under the shim, and answers a query with the right number."""
import dataclasses
import json
import subprocess
import urllib.parse
import urllib.request

import harness
from case import Case
from exposition import fetch
from harness import Failure, Server
from servers import nginx_files, python_http

CONFIG = """
global: { scrape_interval: 500ms, scrape_timeout: 400ms }
scrape_configs:
  - job_name: shim
    static_configs: [ { targets: [ "127.0.0.1:{scrape}" ] } ]
"""


def prometheus():
    return Server("prometheus", ["prometheus", "--config.file={dir}/prometheus.yml", "--storage.tsdb.path={dir}/tsdb",
                                 "--web.listen-address=127.0.0.1:{prometheus}", "--log.level=warn"],
                  ports=("prometheus",), files={"prometheus.yml": CONFIG}, needs=("prometheus", "promtool"), shim=False)


def scraped(server, **env):
    return dataclasses.replace(server, ports=(*server.ports, "scrape"), env={
        **server.env, "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "prometheus",
        "OTEL_EXPORTER_PROMETHEUS_PORT": "{scrape}", **env})


def workers(server, count):
    server.files = {name: text.replace("worker_processes 2", f"worker_processes {count}")
                    for name, text in server.files.items()}
    return server


def query(port, text):
    """The value of an instant query that gives one; None while it gives none."""
    url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": text})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as answer:
        found = json.load(answer)["data"]["result"]
    return float(found[0]["value"][1]) if found else None


def answers(*wants):
    """A check: each query has that value; and what is scraped is clean for promtool."""
    def check(result):
        port = result.work.values["prometheus"]
        for text, expected in wants:
            if not harness.wait_for(lambda text=text, expected=expected: query(port, text) == expected, 15.0, 0.2):
                raise Failure(f"{text} is {query(port, text)}, not {expected}")
        lines = promtool(fetch(result.work.values["scrape"])[1])
        if lines:
            raise Failure("promtool: " + "\n".join(lines))
    return check


# Two names of the semantic conventions end in a word that promtool would keep for histograms.
KNOWN = {f"{name} non-histogram and non-summary metrics should not have \"_count\" suffix"
         for name in ("process_thread_count", "process_unix_file_descriptor_count")}


def promtool(text):
    """What it says against a text of the 0.0.4 syntax, which is the one that it reads."""
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    return [line for line in (done.stdout + done.stderr).splitlines() if line.strip() and line not in KNOWN]


def asks(count):
    return ["curl", "-s", *["http://127.0.0.1:{web}/hello.txt"] * count]


COUNT = "sum(http_server_request_duration_seconds_count)"
CASES = [
    Case("prometheus-nginx", "eight workers, one target", servers=[scraped(workers(nginx_files("web"), 8)), prometheus()],
         run=asks(40), exact=False, same=False, needs=("curl",), env={"OTEL_SDK_DISABLED": "true"}, seconds=60,
         check=answers((COUNT, 40), ('up{job="shim"}', 1), ("sum(http_server_active_requests)", 0),
                       ('sum(http_server_request_duration_seconds_bucket{le="+Inf"})', 40),
                       ('target_info{service_name="web"}', 1))),
    Case("prometheus-python", "a threaded server, exponential histograms", servers=[scraped(
        python_http("web"), OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION="base2_exponential_bucket_histogram"),
        prometheus()],
         run=asks(7), exact=False, same=False, needs=("curl",), env={"OTEL_SDK_DISABLED": "true"}, seconds=60,
         check=answers((COUNT, 7), ('sum(otel_auto_connection_count_total)', 7))),
]
