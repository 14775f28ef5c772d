"""What users of language agents switch: which programs, which URLs, which headers."""
from case import Case
from harness import Failure
from points import metrics_are, point
from probes import bare_probe, requests_at
from servers import python_http
from spans import http_client, http_server, process
from telemetry import ABSENT, PRESENT, ROOT

FIRST = "http://127.0.0.1:{web}/hello.txt"
CALLER = {"TRACEPARENT": "00-11111111111111111111111111111111-2222222222222222-01"}


def chosen(name, what, env, expect, below="", needs=()):
    return Case(f"programs-{name}", what, servers=[bare_probe("probe")], needs=("curl", *needs), expect=expect, env=env,
                run=["sh", "-c", f"{below} curl -s http://127.0.0.1:{{probe}}/one; true"])


SHELL = process(id="sh", parent=ROOT)
CURL = [process(id="curl", parent="sh"), http_client("probe", "/one", parent="curl")]


def passed_through(result):
    """An excluded request carries the context that it would have hung below."""
    (request,) = requests_at(result, "probe")
    if request.context()[:2] != ("1" * 32, "2" * 16):
        raise Failure(f"{request.headers}")


REQUEST, RESPONSE = "http.request.header.", "http.response.header."
ASK = ["curl", "-s", "-o", "/dev/null", "-A", "tester", "-H", "X-One: 1", "-H", "X-One: 2, 3", "-H", "X-Secret: key",
       "-H", "Accept: a/b", "-H", "Y: no", FIRST]
OURS_CLIENT = {"OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_REQUEST_HEADERS": "X-One, user-agent, traceparent, bad name",
               "OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_RESPONSE_HEADERS": "Content-Type,content-length"}
PYTHONS_SERVER = {"OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST": "x-.*,accept",
                  "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE": "Last-*",
                  "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SANITIZE_FIELDS": "Secre"}


def dressed(server, env):
    server.env = {**server.env, **env}
    return server


CASES = [
    chosen("all", "no list: everything", {}, [SHELL, *CURL]),
    chosen("exclude", "a program that is left alone", {"OTEL_AUTO_EXCLUDE": "nginx, cur?"}, [SHELL]),
    chosen("exclude-path", "by its path", {"OTEL_AUTO_EXCLUDE": "/usr/*/curl"}, [SHELL]),
    chosen("exclude-link", "by the name of the file that the program's name leads to", {"OTEL_AUTO_EXCLUDE": "dash"},
           [process(id="curl", parent=ROOT), CURL[1]]),
    chosen("exclude-link-only", "a link's own name is nobody's", {"OTEL_AUTO_EXCLUDE": "sh"}, [SHELL, *CURL]),
    chosen("include", "only one", {"OTEL_AUTO_INCLUDE": "curl"}, [process(id="curl", parent=ROOT), CURL[1]]),
    chosen("both", "what is in both lists is left alone", {"OTEL_AUTO_INCLUDE": "*", "OTEL_AUTO_EXCLUDE": "*"}, []),
    chosen("traced", "a tracer is left alone, what it starts is not", {}, [SHELL, *CURL], "strace -f -o /dev/null",
           needs=("strace",)),
    chosen("tracer", "a tracer that is asked for", {"OTEL_AUTO_INCLUDE": "strace,curl"},
           [process(id="strace", parent=ROOT), process(id="curl", parent="strace"), CURL[1]], "strace -f -o /dev/null",
           needs=("strace",)),
    Case("urls-excluded", "no span for such URLs, on either side; they count, and hand the context on",
         servers=[python_http("web")], needs=("curl",), env={"OTEL_AUTO_EXCLUDED_URLS": "/none$, hell.*\\.md"},
         run=["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:{web}/none", "-o", "/dev/null", FIRST],
         expect=[process(id="curl", parent=ROOT), http_client("web", "/hello.txt", id="one", parent="curl"),
                 http_server("web", "/none", status=404, parent="curl"),
                 http_server("web", "/hello.txt", parent="one")],
         check=metrics_are(point("http.client.request.duration", "client", {"http.response.status_code": 404}, count=1))),
    Case("urls-excluded-context", "Python's name for it; what was to be the parent reaches the server",
         servers=[bare_probe("probe")], needs=("curl",), run=["curl", "-s", "http://127.0.0.1:{probe}/one"], exact=True,
         env={"OTEL_PYTHON_EXCLUDED_URLS": "^http://127.0.0.1:{probe}/", "OTEL_INSTRUMENTATION_PROCESS_ENABLED": "false",
              **CALLER}, expect=[], check=passed_through),
    Case("headers", "fields that are asked for, by our names and by Python's", needs=("curl",), run=ASK, env=OURS_CLIENT,
         servers=[dressed(python_http("web"), PYTHONS_SERVER)],
         expect=[process(id="curl", parent=ROOT),
                 http_client("web", "/hello.txt", id="one", parent="curl", attrs={
                     REQUEST + "x-one": ["1", "2, 3"], REQUEST + "user-agent": ["tester"], REQUEST + "y": ABSENT,
                     REQUEST + "x-secret": ABSENT, RESPONSE + "content-type": ["text/plain"],
                     RESPONSE + "content-length": ["6"], RESPONSE + "server": ABSENT}),
                 http_server("web", "/hello.txt", parent="one", attrs={
                     REQUEST + "x-one": ["1", "2, 3"], REQUEST + "x-secret": ["[REDACTED]"], REQUEST + "accept": ["a/b"],
                     REQUEST + "user-agent": ABSENT, RESPONSE + "last-modified": PRESENT,
                     RESPONSE + "content-type": ABSENT})]),
    Case("headers-none", "nothing is captured by default", needs=("curl",), run=ASK, servers=[python_http("web")],
         expect=[process(id="curl", parent=ROOT),
                 http_client("web", "/hello.txt", id="one", parent="curl", attrs={
                     REQUEST + "x-one": ABSENT, REQUEST + "user-agent": ABSENT, RESPONSE + "content-type": ABSENT}),
                 http_server("web", "/hello.txt", parent="one", attrs={REQUEST + "x-one": ABSENT})]),
]
