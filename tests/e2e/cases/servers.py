"""Programs that answer: every request is one span, its parent is the request that the client made."""
import re

from case import Case
from harness import Failure, Server
from probes import bare_probe
from servers import nginx, php, python_program
from spans import http_client, http_server, process
from telemetry import ABSENT, PRESENT, ROOT, SERVER, span

CLIENT_KEYS = {"client.address": "127.0.0.1", "client.port": ABSENT}
TWICE = ["curl", "-s", "http://127.0.0.1:{web}/one", "http://127.0.0.1:{web}/two"]
ONCE = ["curl", "-s", "http://127.0.0.1:{web}/one"]


def serves(name, what, server, run=TWICE, paths=("/one", "/two"), **more):
    """curl asks, each answer has its span; the server has no span of its own process."""
    expect = [process(id="curl", parent=ROOT)]
    for path in paths:
        expect += [http_client("web", path, id=path, parent="curl"), http_server("web", path, parent=path)]
    return Case(name, what, servers=[server], needs=("curl",), traces=1, run=run, expect=expect, **more)


def python_kind(kind):
    return python_program("web", "servers.py", kind)


def node_program(name, script, *arguments):
    return Server(name, ["node", "{programs}/" + script, "{%s}" % name, *arguments], ports=(name,), needs=("node",))


def workers_differ(result):
    pids = {span.resource["process.pid"] for span in result.spans if span.kind == SERVER}
    if len(pids) < 2:
        raise Failure(f"all answers came from one process: {pids}")


CASES = [
    Case("server-exact", "every attribute of a server's span, and no other",
         servers=[nginx("web", "return 200 'hello';")], needs=("curl",), traces=1,
         run=["curl", "-s", "-d", "abc", "http://127.0.0.1:{web}/users/4711?q=1&sig=secret"],
         expect=[
             process(id="curl"), span("POST", "client", id="post", parent="curl"),
             span("POST /users/*", "server", service="web", status="unset", parent="post", exact_attrs=True, attrs={
                 "http.request.method": "POST", "http.response.status_code": 200, "http.route": "/users/*",
                 "http.request.body.size": 3, "http.response.body.size": 5,
                 "url.path": "/users/4711", "url.query": "q=1&sig=REDACTED", "url.scheme": "http",
                 "server.address": "127.0.0.1", "server.port": "{web}",
                 "client.address": "127.0.0.1", "network.peer.address": "127.0.0.1", "network.peer.port": PRESENT,
                 "network.protocol.version": "1.1", "user_agent.original": re.compile("^curl/")}),
         ]),
    serves("http-server-single", "http.server, one thread", python_kind("single")),
    serves("http-server-threading", "http.server, a thread per connection", python_kind("threading")),
    serves("http-server-forking", "a process per connection: the child's spans are the connection's",
           python_kind("forking")),
    serves("socketserver", "a server that reads and writes its socket itself", python_kind("sockets")),
    serves("node-server", "node", node_program("web", "server.js")),
    serves("node-cluster", "node's workers get their connections over a unix socket (SCM_RIGHTS)",
           node_program("web", "cluster.js"), check=workers_differ,
           run=["curl", "-s", "-H", "Connection: close"] + [f"http://127.0.0.1:{{web}}/{n}" for n in range(4)],
           paths=[f"/{n}" for n in range(4)]),
    Case("server-after-work", "a server whose start does work: the start is a span, and ends with the first listen()",
         servers=[bare_probe("probe"),
                  Server("web", ["sh", "{programs}/entry.sh", "http://127.0.0.1:{probe}/settings", "{python}",
                                 "{programs}/servers.py", "{web}", "single"], ports=("web",))],
         needs=("curl",), run=ONCE, traces=2,
         expect=[span(name=None, kind="internal", service="web", status="unset", id="start", parent=ROOT, attrs={
                     "process.exit.code": ABSENT, "process.executable.name": re.compile("^python")}),
                 process("web", id="entry", parent="start", attrs={"process.executable.name": "curl"}),
                 http_client("probe", "/settings", service="web", parent="entry"),
                 process(id="curl", parent=ROOT), http_client("web", "/one", id="get", parent="curl"),
                 http_server("web", "/one", parent="get")]),
    Case("server-at-once", "a server that another program turns into, without any work: no span of the process",
         servers=[Server("web", ["sh", "-c", "exec {python} {programs}/servers.py {web} single"], ports=("web",))],
         needs=("curl",), run=ONCE, traces=1,
         expect=[process(id="curl", parent=ROOT), http_client("web", "/one", id="get", parent="curl"),
                 http_server("web", "/one", parent="get")]),
    serves("php-server", "php's built-in server", php("web", "router.php")),
]
