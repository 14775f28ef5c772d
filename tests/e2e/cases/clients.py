"""Programs that ask: every request is one span below the program's own, and reaches the server once,
whole and with the ids of that span."""
import hashlib

from case import Case
from harness import Failure
from probes import bare_probe, each_names_its_span, requests_at, together
from servers import HELLO, nginx, python_program
from spans import http_client, http_server, process
from telemetry import ABSENT, INTERNAL, PRESENT, ROOT, span

CLIENTS = "{programs}/clients.py"
BIG = "".join(f"{number:015d}\n" for number in range(131072))  # 2 MiB


def body_arrived(content):
    def check(result):
        request = requests_at(result, "probe")[0]
        if (request.bytes, request.digest) != (len(content), hashlib.md5(content.encode()).hexdigest()):
            raise Failure(f"a body of {request.bytes} bytes, digest {request.digest}, arrived")
    return check


def one_process_per_pid(result):
    pids = [span.attrs["process.pid"] for span in result.spans if span.kind == INTERNAL]
    if len(pids) != len(set(pids)):
        raise Failure(f"a process has two spans: {pids}")


def asks(name, what, run, paths, needs=(), method="GET", attrs=None, checks=(), **more):
    """A client that makes len(paths) requests to the probe; nothing else may come of it."""
    return Case(name, what, servers=[bare_probe("probe")], needs=needs, traces=1, run=run,
                expect=[process(id="client", parent=ROOT),
                        *(http_client("probe", path, method=method, parent="client", attrs=attrs or {})
                          for path in paths)],
                check=together(each_names_its_span("probe", len(paths)), *checks), **more)


URL = "http://127.0.0.1:{probe}"
TWO = [URL + "/one", URL + "/two"]

LOCALHOST = "http://localhost:{probe}/one"


def no_errors(result):
    if any(span.status == "error" for span in result.spans):
        raise Failure("a span has an error")


CASES = [
    Case("curl-exact", "every attribute of curl's spans, and no other",
         servers=[bare_probe("probe")], needs=("curl",), traces=1,
         run=["curl", "-s", URL + "/a/b?q=1&sig=secret"],
         check=each_names_its_span("probe", 1),
         expect=[
             span("curl", "internal", service="client", status="unset", id="curl", parent=ROOT, exact_attrs=True,
                  attrs={
                 "process.executable.name": "curl", "process.executable.path": PRESENT, "process.pid": PRESENT,
                 "process.exit.code": 0}),
             span("GET", "client", service="client", status="unset", parent="curl", exact_attrs=True, attrs={
                 "http.request.method": "GET", "http.response.status_code": 200,
                 "http.response.body.size": len("GET /a/b?q=1&sig=secret 0\n"),
                 "url.full": "http://127.0.0.1:{probe}/a/b?q=1&sig=REDACTED",
                 "server.address": "127.0.0.1", "server.port": "{probe}",
                 "network.peer.address": "127.0.0.1", "network.peer.port": "{probe}",
                 "network.protocol.version": "1.1", "user_agent.original": ABSENT,
                 "otel_auto.link": "process"}),
         ]),
    asks("curl-post", "a small body, head and body in one write", ["curl", "-s", "-d", "a=1", URL + "/form"],
         ["/form"], ("curl",), "POST", {"http.request.body.size": 3}, [body_arrived("a=1")]),
    asks("curl-post-large", "two megabytes, announced by Expect: 100-continue",
         ["curl", "-s", "--data-binary", "@{dir}/big.txt", URL + "/upload"], ["/upload"], ("curl",), "POST",
         {"http.request.body.size": len(BIG)}, [body_arrived(BIG)], files={"big.txt": BIG}),
    asks("curl-put", "a file is put", ["curl", "-s", "-T", "{dir}/text.txt", URL + "/put/text.txt"],
         ["/put/text.txt"], ("curl",), "PUT", {"http.request.body.size": 5}, [body_arrived("text\n")],
         files={"text.txt": "text\n"}),
    asks("curl-head", "an answer that has no body though it tells its length", ["curl", "-sI", URL + "/head"],
         ["/head"], ("curl",), "HEAD", {"http.response.body.size": ABSENT}),
    asks("curl-keep-alive", "two requests on one connection",
         ["curl", "-s", "-w", "%{num_connects}\n", *TWO], ["/one", "/two"], ("curl",)),
    asks("curl-parallel", "eight requests at once from one thread",
         ["curl", "-s", "--no-progress-meter", "-Z", "-o", "/dev/null", URL + "/[1-8]"],
         [f"/{n}" for n in range(1, 9)], ("curl",)),
    asks("curl-http10", "HTTP/1.0", ["curl", "-s", "-0", URL + "/old"], ["/old"], ("curl",),
         attrs={"network.protocol.version": "1.0"}),
    asks("wget-post", "wget posts", ["wget", "-q", "-O", "-", "--post-data=a=1&b=2", URL + "/form"], ["/form"],
         ("wget",), "POST", {"http.request.body.size": 7}, [body_arrived("a=1&b=2")]),
    asks("wget-two", "wget keeps its connection", ["wget", "-q", "-O", "-", *TWO], ["/one", "/two"], ("wget",)),
    asks("python-urllib", "two requests of urllib, two connections", ["{python}", CLIENTS, "urllib", *TWO],
         ["/one", "/two"]),
    asks("python-keep-alive", "two requests of http.client on one connection",
         ["{python}", CLIENTS, "keep-alive", *TWO], ["/one", "/two"]),
    asks("python-chunks", "a chunked upload", ["{python}", CLIENTS, "chunks", URL + "/upload"], ["/upload"],
         method="POST", attrs={"http.request.body.size": 70201}),
    asks("python-bytes", "a head that leaves byte by byte: one header, in its place",
         ["{python}", CLIENTS, "bytes", URL + "/slow"], ["/slow"]),
    asks("node-agent", "node's keep-alive agent: both requests on one socket",
         ["node", "{programs}/fetch.js", "agent", *TWO], ["/one", "/two"], ("node",)),
    asks("node-none", "node without an agent", ["node", "{programs}/fetch.js", "none", *TWO], ["/one", "/two"],
         ("node",)),
    asks("node-fetch", "node's fetch", ["node", "{programs}/fetch.js", "fetch", *TWO], ["/one", "/two"], ("node",)),
    asks("perl-tiny", "perl's own client",
         ["perl", "-MHTTP::Tiny", "-e", "print HTTP::Tiny->new->get($ARGV[0])->{content}", URL + "/one"],
         ["/one"], ("perl",)),
    asks("curl-long-head", "a head of fifty kilobytes in many writes",
         ["curl", "-s", *(part for n in range(50) for part in ("-H", f"X-Pad-{n}: {'x' * 1000}")), URL + "/one"],
         ["/one"], ("curl",)),
    asks("exec-after-request", "a program that asks and then becomes another: one process, three requests",
         ["{python}", "{programs}/exec_after.py", URL], ["/first", "/second", "/third"], ("curl",),
         checks=[one_process_per_pid]),
    asks("php-file", "php's own streams", ["php", "-n", "-r", "echo file_get_contents('%s/one');" % URL], ["/one"],
         ("php",)),
    asks("php-curl", "an extension that php opens past every preload (RTLD_DEEPBIND)",
         ["php", "-n", "-d", "extension=curl", "-r", "$c = curl_init('%s/one'); curl_exec($c);" % URL], ["/one"],
         ("php",), sanitized=False),

    Case("curl-unix", "a unix socket: transport and path are said",
         servers=[nginx("web", "listen unix:{dir}/web.sock; root {dir}/www;", files=HELLO)],
         needs=("curl",), traces=1,
         run=["curl", "-s", "--unix-socket", "{dir}/web.sock", "http://localhost/hello.txt"],
         expect=[
             process(id="curl", parent=ROOT),
             span("GET", "client", id="get", parent="curl", attrs={
                 "url.full": "http://localhost/hello.txt", "network.transport": "unix",
                 "network.peer.address": "{dir}/web.sock", "http.response.status_code": 200}),
             http_server("web", "/hello.txt", parent="get",
                         attrs={"network.transport": "unix", "server.address": "{dir}/web.sock"}),
         ]),

    Case("curl-connect", "a tunnel: CONNECT is a span and never a parent; what the proxy writes is a request",
         servers=[bare_probe("probe"), python_program("proxy", "connect_proxy.py")], needs=("curl",), traces=3,
         run=["curl", "-s", "-p", "-x", "http://127.0.0.1:{proxy}", URL + "/inside"],
         check=each_names_its_span("probe", 1),
         expect=[
             process(id="curl", parent=ROOT),
             span("CONNECT", "client", service="client", parent="curl", attrs={
                 "http.request.method": "CONNECT", "http.response.status_code": 200}),
             span("CONNECT", "server", service="proxy", parent=ROOT, attrs={
                 "http.request.method": "CONNECT", "http.response.status_code": 200}),
             http_client("probe", "/inside", service="proxy", parent=ROOT),
         ]),

    Case("curl-proxy", "a proxy without a tunnel: the whole URL is the request's target",
         servers=[bare_probe("probe"),
                  nginx("proxy", "location / { proxy_pass http://$http_host$request_uri; }")],
         needs=("curl",), traces=1, check=each_names_its_span("probe", 1),
         run=["curl", "-s", "-x", "http://127.0.0.1:{proxy}", URL + "/through"],
         expect=[
             process(id="curl", parent=ROOT),
             span("GET", "client", service="client", id="outer", parent="curl", attrs={
                 "url.full": "http://127.0.0.1:{probe}/through", "server.address": "127.0.0.1",
                 "server.port": "{probe}", "network.peer.port": "{proxy}"}),
             http_server("proxy", "/through", id="proxy", parent="outer"),
             http_client("probe", "/through", service="proxy", parent="proxy",
                         attrs={"network.protocol.version": "1.0"}),
         ]),

    *(Case(f"localhost-{word}", "a name with two addresses, one of them refused: no error, the name is the server's",
           servers=[bare_probe("probe")], traces=1, run=run, exact=False, needs=needs,
           expect=[process(id="client"), span("GET", "client", status="unset", parent="client", attrs={
               "url.full": "http://localhost:{probe}/one", "server.address": "localhost", "server.port": "{probe}",
               "network.peer.address": "127.0.0.1"})],
           check=together(each_names_its_span("probe", 1), no_errors))
      for word, run, needs in [("curl", ["curl", "-s", LOCALHOST], ["curl"]),
                               ("wget", ["wget", "-q", "-O", "-", LOCALHOST], ["wget"]),
                               ("python", ["{python}", CLIENTS, "urllib", LOCALHOST], []),
                               ("node", ["node", "{programs}/fetch.js", "none", LOCALHOST], ["node"])]),

    Case("curl-timeout", "the client loses patience: its request ends, without an answer",
         servers=[python_program("web", "silent.py", shim=False)], needs=("curl",), traces=1, status=28,
         run=["curl", "-s", "-m", "0.3", "http://127.0.0.1:{web}/"],
         expect=[process(exit_code=28, id="curl", parent=ROOT),
                 span("GET", "client", parent="curl", attrs={"http.response.status_code": ABSENT})]),

    Case("bash-tcp", "bash speaks HTTP by itself, through stdio: it does so as it does bare",
         servers=[bare_probe("probe")], exact=False, expect=[process(parent=ROOT)],
         run=["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/{probe}; "
              "printf 'GET /one HTTP/1.0\\r\\n\\r\\n' >&3; while read -r line <&3; do echo \"$line\"; done"]),

    Case("curl-reset", "the server closes without an answer: curl fails with 52 as it does bare",
         servers=[python_program("web", "hang_up.py", shim=False)], needs=("curl",), traces=1, status=52,
         run=["curl", "-sS", "http://127.0.0.1:{web}/"],
         expect=[
             process(exit_code=52, id="curl", parent=ROOT),
             span("GET", "client", status="error", parent="curl", attrs={
                 "error.type": "unexpected_eof", "http.response.status_code": ABSENT}),
         ]),
]
