"""Programs that ask while they answer: nginx in its ways, php, git's server, and workers that are
somebody else than the one who loaded the library."""
import os
import re

from case import Case
from harness import TOP, Failure, Server
from probes import bare_probe, each_names_its_span, requests_at, together
from servers import nginx, python_program
from spans import http_client, http_server, process
from telemetry import ABSENT, CLIENT, ROOT, SERVER, span

URL = "http://127.0.0.1:{proxy}"
PASS = "location / { proxy_pass http://127.0.0.1:{probe}; %s }"
KEPT = PASS.replace("127.0.0.1:{probe}", "kept") % (
    'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host 127.0.0.1:{probe};')
UPSTREAM = "upstream kept { server 127.0.0.1:{probe}; keepalive 4; }"


def passes(name, what, proxy, paths=("/one",), version="1.1", **more):
    """curl -> proxy -> probe; each request of the proxy hangs below the one that it answers."""
    expect = [process(id="curl", parent=ROOT)]
    for path in paths:
        expect += [http_client("proxy", path, id="outer" + path, parent="curl"),
                   http_server("proxy", path, id="proxy" + path, parent="outer" + path),
                   http_client("probe", path, service="proxy", parent="proxy" + path,
                               attrs={"network.protocol.version": version})]
    more.setdefault("run", ["curl", "-s", *(URL + path for path in paths)])
    more.setdefault("check", each_names_its_span("probe", len(paths)))
    return Case(name, what, servers=[bare_probe("probe"), proxy], needs=("curl",), traces=1, expect=expect, **more)


def others_can_read():
    """May another user open what lies below the project's folder?"""
    return all(os.stat(folder).st_mode & 0o5 == 0o5 for folder in [TOP, *TOP.parents])


def as_nobody(server):
    server.files = {name: text.replace("user root;", "user nobody nogroup;") for name, text in server.files.items()}
    return server


def with_upstream(server):
    server.files = {name: text.replace("server {", UPSTREAM + "\n    server {", 1)
                    for name, text in server.files.items()}
    return server


def dead_first(server):
    both = "upstream kept { server 127.0.0.1:{closed}; server 127.0.0.1:{probe}; }\n    server {"
    server.files = {name: text.replace("server {", both, 1) for name, text in server.files.items()}
    return server


def daemon_conf():
    (name, text), = nginx("proxy", PASS % "").files.items()
    return {name: text.replace("daemon off;", "daemon on;").replace("{proxy}", "{closed}")}


MIRROR = nginx("proxy", "location / { mirror /copy; proxy_pass http://127.0.0.1:{probe}; } "
               "location /copy { internal; proxy_pass http://127.0.0.1:{probe}; }")
UPGRADE = 'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";'
BIG = "".join(f"{number:015d}\n" for number in range(327680))
FETCH = ["php", "-n", "-d", "extension=curl", "-S", "127.0.0.1:{proxy}", "{programs}/fetch.php"]


def php_fetch(name, what, way):
    path = f"/{way}?url=http://127.0.0.1:{{probe}}/inner"
    return Case(name, what, needs=("curl",), traces=1, sanitized=False, check=each_names_its_span("probe", 1),
                servers=[bare_probe("probe"), Server("proxy", FETCH, ports=("proxy",), needs=("php",))],
                run=["curl", "-s", URL + path],
                expect=[process(id="curl", parent=ROOT),
                        http_client("proxy", path, id="outer", parent="curl"),
                        http_server("proxy", "/" + way, id="php", parent="outer"),
                        http_client("probe", "/inner", service="proxy", parent="php")])


REPOSITORY = [["git", "init", "-q", "-b", "main", "{dir}/origin"],
              ["git", "-C", "{dir}/origin", "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-q",
               "--allow-empty", "-m", "one"],
              ["git", "clone", "-q", "--bare", "{dir}/origin", "{dir}/www/repo.git"]]


def backends_hang_below_requests(result):
    """curl's part of git, the server that starts git http-backend, and git itself: one tree."""
    spans = {span.span_id: span for span in result.spans}
    servers = [span for span in result.spans if span.kind == SERVER]
    backends = [span for span in result.spans if span.service == "web" and span.kind not in (SERVER, CLIENT)
                and spans.get(span.parent_id) in servers]
    if len(servers) < 2 or len(backends) != len(servers):
        raise Failure(f"{len(servers)} requests, {len(backends)} programs started by them")
    for one in servers:
        if spans[one.parent_id].kind != CLIENT or not one.attrs["url.path"].startswith("/repo.git/"):
            raise Failure(f"{one} does not hang below a request of the client")


CASES = [
    passes("nginx-proxy-1.0", "HTTP/1.0 to the upstream, a connection each: nginx's default",
           nginx("proxy", PASS % ""), version="1.0"),
    passes("nginx-proxy-1.1", "HTTP/1.1 to the upstream, a connection each",
           nginx("proxy", PASS % 'proxy_http_version 1.1; proxy_set_header Connection "close";')),
    passes("nginx-proxy-kept", "three requests to an upstream whose connections are kept",
           with_upstream(nginx("proxy", KEPT)), ("/one", "/two", "/three")),
    passes("nginx-proxy-client-1.0", "a client that speaks HTTP/1.0 and 1.1 to the upstream",
           nginx("proxy", PASS % "proxy_http_version 1.1;"), run=["curl", "-s", "-0", URL + "/one"]),
    passes("nginx-proxy-unbuffered", "a body that nginx passes on while it comes in",
           nginx("proxy", PASS % "proxy_request_buffering off; proxy_buffering off; proxy_http_version 1.1;"),
           run=["curl", "-s", "-X", "GET", "-d", "x" * 5000, URL + "/one"]),
    passes("nginx-proxy-headers", "a head of seven kilobytes reaches the upstream whole",
           nginx("proxy", PASS % "proxy_http_version 1.1;"),
           run=["curl", "-s", *(part for n in range(7) for part in ("-H", f"X-Pad-{n}: {'x' * 1000}")), URL + "/one"],
           check=together(each_names_its_span("probe", 1), lambda result: [
               requests_at(result, "probe")[0].one(f"X-Pad-{n}") for n in range(7)])),

    Case("nginx-daemon", "nginx that leaves its terminal: a server's spans, none for the process",
         servers=[bare_probe("probe")], needs=("curl", "nginx"), exact=False, files=daemon_conf(),
         run=["bash", "-c", "nginx -p {dir} -c {dir}/proxy.conf -e {dir}/proxy-error.log && "
              "curl -s --retry 5 --retry-connrefused http://127.0.0.1:{closed}/one; status=$?; "
              "kill -QUIT $(cat {dir}/proxy.pid); while [ -e {dir}/proxy.pid ]; do sleep 0.05; done; exit $status"],
         expect=[
             process(id="bash", parent=ROOT, attrs={"process.executable.name": "bash"}),
             process(id="curl", parent="bash", attrs={"process.executable.name": "curl"}),
             http_client("closed", "/one", id="outer", parent="curl"),
             http_server("client", "/one", id="proxy", parent="outer"),
             http_client("probe", "/one", parent="proxy"),
         ]),

    Case("nginx-mirror", "two requests for one: both hang below it", servers=[bare_probe("probe"), MIRROR],
         needs=("curl",), traces=1, run=["curl", "-s", URL + "/one"],
         check=each_names_its_span("probe", 2),
         expect=[process(id="curl"), http_client("proxy", "/one", id="outer", parent="curl"),
                 http_server("proxy", "/one", id="proxy", parent="outer"),
                 *(http_client("probe", path, service="proxy", parent="proxy") for path in ("/one", "/copy"))]),
    Case("nginx-next-upstream", "a dead upstream is a failed connection, the next one answers",
         servers=[bare_probe("probe"), dead_first(nginx("proxy", KEPT))], needs=("curl",), traces=1,
         run=["curl", "-s", URL + "/one"], check=each_names_its_span("probe", 1),
         expect=[process(id="curl"), http_client("proxy", "/one", id="outer", parent="curl"),
                 http_server("proxy", "/one", id="proxy", parent="outer"),
                 span("connect", "client", service="proxy", status="error", parent="proxy",
                      attrs={"error.type": "connection_refused", "network.peer.port": "{closed}"}),
                 http_client("probe", "/one", service="proxy", parent="proxy")]),
    Case("nginx-502", "an upstream that hangs up: an error of both", traces=1, needs=("curl",),
         servers=[python_program("probe", "hang_up.py", shim=False), nginx("proxy", PASS % "")],
         run=["curl", "-s", URL + "/one"],
         expect=[process(id="curl"), http_client("proxy", "/one", status=502, id="outer", parent="curl"),
                 http_server("proxy", "/one", status=502, id="proxy", parent="outer", attrs={"error.type": "502"}),
                 span("GET", "client", service="proxy", status="error", parent="proxy",
                      attrs={"error.type": "unexpected_eof"})]),
    Case("nginx-upgrade", "after 101 the bytes are nobody's requests, whatever they look like", traces=1,
         servers=[python_program("probe", "upgrade.py"), nginx("proxy", PASS % UPGRADE)],
         run=["{python}", "{programs}/echo_client.py", "{proxy}"],
         expect=[process(id="python"), span("GET", "client", service="client", status="unset", id="outer",
                                            parent="python", attrs={"http.response.status_code": 101}),
                 http_server("proxy", "/chat", status=101, id="proxy", parent="outer"),
                 http_client("probe", "/chat", status=101, service="proxy", id="inner", parent="proxy"),
                 http_server("probe", "/chat", status=101, parent="inner")]),
    Case("nginx-sendfile", "five megabytes by sendfile, whole, in parts, not modified", traces=1, exact=False,
         servers=[nginx("web", "sendfile on; if_modified_since before; root {dir}/www;", files={"www/big.txt": BIG})],
         needs=("curl",),
         run=["bash", "-c", "curl -s {0} | md5sum; curl -s -r 100-300099 {0} -r 7- {0} | md5sum; "
              "curl -sI {0} | grep -i length; curl -s -z '1 Jan 2040' {0}; :".format(
                  "http://127.0.0.1:{{web}}/big.txt").replace("{{", "{").replace("}}", "}")],
         expect=[http_server("web", "/big.txt", attrs={"http.response.body.size": len(BIG)}),
                 http_server("web", "/big.txt", method="HEAD", attrs={"http.response.body.size": ABSENT}),
                 http_server("web", "/big.txt", status=206), http_server("web", "/big.txt", status=304)]),

    Case("nginx-413", "an answer that comes before the request is out", traces=1, needs=("curl",),
         servers=[nginx("web", "client_max_body_size 1k; location / { return 200 'read'; }")], files={"big.txt": BIG},
         run=["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--data-binary", "@{dir}/big.txt",
              "http://127.0.0.1:{web}/up"],
         expect=[process(id="curl"), http_client("web", "/up", method="POST", status=413, id="post", parent="curl"),
                 http_server("web", "/up", method="POST", status=413, parent="post", attrs={"error.type": ABSENT})]),

    php_fetch("php-server-file", "a script that opens a URL while it answers", "file"),
    php_fetch("php-server-curl", "a script that uses the curl extension while it answers", "curl"),

    Case("git-clone-smart", "git's own server program, started by a Python server for each request",
         servers=[python_program("web", "git_backend.py", "{dir}/www")], needs=("git",), traces=1, exact=False,
         setup=REPOSITORY, run=["git", "clone", "-q", "http://127.0.0.1:{web}/repo.git", "{dir}/copy"],
         expect=[process(id="git", parent=ROOT)], check=backends_hang_below_requests),

    Case("redis-untouched", "a protocol that is not followed: bytes as bare, no span but the client's process",
         servers=[Server("redis", ["redis-server", "--port", "{redis}", "--bind", "127.0.0.1", "--save", "",
                                   "--dir", "{dir}"], ports=("redis",), needs=("redis-server",))],
         needs=("redis-cli",), traces=1,
         run=["bash", "-c", "exec redis-cli -p {redis} -r 3 incr n"],
         expect=[process(parent=ROOT, attrs={"process.executable.name": re.compile("^redis-")})]),
]

if os.geteuid() == 0 and others_can_read():
    CASES += [
        passes("nginx-nobody", "workers that run as another user", as_nobody(nginx("proxy", PASS % "")),
               version="1.0"),
    ]
