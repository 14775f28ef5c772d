"""Clients and servers that everybody has: each pair in one trace, with the right parents."""
import re

from case import Case
from harness import Failure
from servers import HELLO, nginx, nginx_files, nginx_proxy, node, php, python_http, python_program
from spans import http_client, http_server, process
from telemetry import ABSENT, CLIENT, PRESENT, ROOT, SERVER, values

HERE = {"client.address": "127.0.0.1"}


def each_server_below_a_client(result):
    clients = {(span.trace_id, span.span_id): span for span in result.spans
               if span.kind == CLIENT and span.scope == "libotel-auto.http"}
    servers = [span for span in result.spans if span.kind == SERVER]
    if len(servers) < 3 or len(servers) != len(clients):
        raise Failure(f"{len(clients)} client spans and {len(servers)} server spans")
    for span in servers:
        client = clients.get((span.trace_id, span.parent_id))
        if not client or not client.attrs["url.full"].split("?")[0].endswith(span.attrs["url.path"]):
            raise Failure(f"{span} does not hang below its request")


def console_file_is_json(result):
    text = result.work.text("console.json")
    found = list(values(text))
    if len(found) < 2:
        raise Failure(f"{len(found)} JSON values in the console exporter's file:\n{text[:2000]}")


CASES = [
    Case("curl-python", "curl fetches from python's http.server: two processes, one trace",
         servers=[python_http("web")], needs=("curl",), traces=1,
         run=["curl", "-s", "http://127.0.0.1:{web}/hello.txt?a=1"],
         expect=[
             process(id="curl", parent=ROOT, attrs={"process.pid": PRESENT}),
             http_client("web", "/hello.txt?a=1", id="get", parent="curl", attrs={"error.type": ABSENT}),
             http_server("web", "/hello.txt", parent="get",
                         attrs={**HERE, "url.query": "a=1", "user_agent.original": re.compile("^curl/")}),
         ]),

    Case("curl-nginx-python", "nginx passes a request on to python: its client span hangs below its server span",
         servers=[python_http("web"), nginx_proxy("proxy", "web")], needs=("curl",), traces=1,
         run=["curl", "-s", "http://127.0.0.1:{proxy}/hello.txt"],
         expect=[
             process(id="curl", parent=ROOT),
             http_client("proxy", "/hello.txt", id="outer", parent="curl"),
             http_server("proxy", "/hello.txt", id="proxy", parent="outer", attrs=HERE),
             http_client("web", "/hello.txt", service="proxy", id="inner", parent="proxy"),
             http_server("web", "/hello.txt", parent="inner", attrs=HERE),
         ]),

    Case("curl-redirects", "curl -L follows two redirects on one connection: three spans, resends counted",
         servers=[nginx("web", "root {dir}/www; location = /a { return 302 /b; } location = /b { return 301 /hello.txt; }",
                        files=HELLO)], needs=("curl",), traces=1,
         run=["curl", "-sL", "http://127.0.0.1:{web}/a"],
         expect=[
             process(id="curl", parent=ROOT),
             http_client("web", "/a", status=302, id="first", parent="curl"),
             http_client("web", "/b", status=301, id="second", parent="curl"),
             http_client("web", "/hello.txt", id="third", parent="curl"),
             http_server("web", "/a", status=302, parent="first"),
             http_server("web", "/b", status=301, parent="second"),
             http_server("web", "/hello.txt", parent="third"),
         ]),

    Case("curl-refused", "nobody listens: curl fails as it does bare, and its process span says so",
         needs=("curl",), status=7, exact=False, traces=1,
         run=["curl", "-sS", "http://127.0.0.1:{closed}/"],
         expect=[process(exit_code=7, parent=ROOT, attrs={"error.type": PRESENT})]),

    Case("curl-404", "a missing file is an error of the client, not of the server",
         servers=[python_http("web")], needs=("curl",), traces=1,
         run=["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:{web}/no-such-file"],
         expect=[
             process(id="curl", parent=ROOT),
             http_client("web", "/no-such-file", status=404, id="get", parent="curl", attrs={"error.type": "404"}),
             http_server("web", "/no-such-file", status=404, parent="get", attrs={"error.type": ABSENT}),
         ]),

    Case("wget-nginx", "wget writes its request in its own way",
         servers=[nginx_files("web")], needs=("wget",), traces=1,
         run=["wget", "-q", "-O", "-", "http://127.0.0.1:{web}/hello.txt"],
         expect=[
             process(id="wget", parent=ROOT),
             http_client("web", "/hello.txt", id="get", parent="wget"),
             http_server("web", "/hello.txt", parent="get", attrs={"user_agent.original": re.compile("^Wget/")}),
         ]),

    Case("git-clone", "git clones over plain http: every request of git-remote-http has its server span below it",
         servers=[nginx_files("web")], needs=("git",), traces=1, exact=False,
         setup=[["git", "init", "-q", "-b", "main", "{dir}/origin"],
                ["git", "-C", "{dir}/origin", "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-q",
                 "--allow-empty", "-m", "one"],
                ["git", "clone", "-q", "--bare", "{dir}/origin", "{dir}/www/repo.git"],
                ["git", "-C", "{dir}/www/repo.git", "update-server-info"]],
         run=["git", "clone", "-q", "http://127.0.0.1:{web}/repo.git", "{dir}/copy"],
         expect=[process(id="git", parent=ROOT)], check=each_server_below_a_client),

    Case("node-node", "node's http client and server",
         servers=[node("web", "server.js")], needs=("node",), traces=1,
         run=["node", "{programs}/client.js", "http://127.0.0.1:{web}/hello"],
         expect=[
             process(id="node", parent=ROOT),
             http_client("web", "/hello", id="get", parent="node"),
             http_server("web", "/hello", parent="get"),
         ]),

    Case("curl-php", "php's built-in server",
         servers=[php("web", "router.php")], needs=("curl",), traces=1,
         run=["curl", "-s", "http://127.0.0.1:{web}/hello"],
         expect=[
             process(id="curl", parent=ROOT),
             http_client("web", "/hello", id="get", parent="curl"),
             http_server("web", "/hello", parent="get"),
         ]),

    Case("bash-two-curls", "a shell script's span is the parent of the programs it starts",
         servers=[python_http("web")], needs=("bash", "curl"), traces=1,
         run=["bash", "-c", "curl -s http://127.0.0.1:{web}/hello.txt; curl -s http://127.0.0.1:{web}/hello.txt?2; true"],
         expect=[
             process(id="bash", parent=ROOT, attrs={"process.executable.name": "bash"}),
             process(id="first", parent="bash", attrs={"process.executable.name": "curl"}),
             process(id="second", parent="bash", attrs={"process.executable.name": "curl"}),
             http_client("web", "/hello.txt", id="get1", parent="first"),
             http_client("web", "/hello.txt?2", id="get2", parent="second"),
             http_server("web", "/hello.txt", parent="get1"),
             http_server("web", "/hello.txt", parent="get2", attrs={"url.query": "2"}),
         ]),

    Case("python-threads", "a threading server that asks another server while it answers",
         servers=[python_http("web"), python_program("front", "front.py", "{web}")], needs=("curl",), traces=1,
         run=["curl", "-s", "http://127.0.0.1:{front}/ask"],
         expect=[
             process(id="curl", parent=ROOT),
             http_client("front", "/ask", id="outer", parent="curl"),
             http_server("front", "/ask", id="front", parent="outer"),
             http_client("web", "/hello.txt", service="front", id="inner", parent="front"),
             http_server("web", "/hello.txt", parent="inner"),
         ]),

    Case("console-json", "the console exporter writes JSON values, and nothing reaches the collector",
         servers=[nginx_files("web")], needs=("curl",), check=console_file_is_json,
         env={"OTEL_TRACES_EXPORTER": "console", "OTEL_AUTO_CONSOLE": "{dir}/console.json"},
         run=["curl", "-s", "http://127.0.0.1:{web}/hello.txt"],
         expect=[http_server("web", "/hello.txt")]),

    Case("disabled", "OTEL_SDK_DISABLED: no span, same behaviour",
         servers=[python_http("web")], needs=("curl",), env={"OTEL_SDK_DISABLED": "true"},
         run=["curl", "-s", "http://127.0.0.1:{web}/hello.txt"],
         expect=[http_server("web", "/hello.txt", parent=ROOT)]),
]
