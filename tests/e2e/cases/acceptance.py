"""The acceptance rows for HTTP: every way to cut bytes, every kind of answer, every way to fail; spans
with exactly the attributes that the semantic conventions want, of exactly their types."""
import re

from case import Case
from harness import Failure, Server
from probes import bare_probe, requests_at, together
from servers import nginx, python_program
from spans import process
from telemetry import ABSENT, CLIENT, PRESENT, ROOT, SERVER, span

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
BODY = 5000
ECHO = 38  # bytes of the answer to BODY bytes


def web(reader="recv", writer="sendall", *more, **options):
    return python_program("web", "wire_server.py", reader, writer, *more, **options)


def client(*arguments, writer="sendall", target="{web}"):
    return ["{python}", "{programs}/wire_client.py", target, writer, *arguments]


# ---- what a request leaves behind: its client span and its server span --------------------------------

def sizes(sent, got):
    return {key: size for key, size in (("http.request.body.size", sent), ("http.response.body.size", got))
            if size is not None}


def errors(status, error, from_status):
    error = error or (str(status) if status and status >= from_status else None)
    return {"error.type": error} if error else {}


def word(method):
    """What stands for a method in a span's name."""
    return "HTTP" if method == "_OTHER" else method


def client_span(path, status=200, method="GET", sent=None, got=None, error=None, attrs=(), link="process", **more):
    have = {"http.request.method": method, "url.full": "http://127.0.0.1:{web}" + path,
            "server.address": "127.0.0.1", "server.port": "{web}",
            "network.peer.address": "127.0.0.1", "network.peer.port": "{web}", "network.protocol.version": "1.1",
            "otel_auto.link": link, **sizes(sent, got), **errors(status, error, 400), **dict(attrs)}
    if status:
        have["http.response.status_code"] = status
    return span(word(method), CLIENT, service=more.pop("service", "client"), attrs=have, exact_attrs=True,
                status="error" if "error.type" in have else "unset", **more)


def server_span(path, status=200, method="GET", sent=None, got=None, error=None, attrs=(), **more):
    path, _, query = path.partition("?")
    route = re.sub(r"/[0-9]+(?=/|$)", "/*", path)
    have = {"http.request.method": method, "url.path": path, "url.scheme": "http", "http.route": route,
            "server.address": "127.0.0.1", "server.port": "{web}", "client.address": "127.0.0.1",
            "network.peer.address": "127.0.0.1", "network.peer.port": PRESENT, "network.protocol.version": "1.1",
            **({"url.query": query} if query else {}), **sizes(sent, got), **errors(status, error, 500), **dict(attrs)}
    if status:
        have["http.response.status_code"] = status
    return span(f"{word(method)} {route}", SERVER, service="web", attrs=have, exact_attrs=True,
                status="error" if "error.type" in have else "unset", **more)


def both(path, status=200, method="GET", sent=None, got=None, id=None, **more):
    """Client and server span of one request; more goes to both."""
    id = id or f"{method} {path}"
    return [client_span(path, status, method, sent, got, id=id, parent="client", **more),
            server_span(path, status, method, sent, got, parent=id, **more)]


def wire(name, what, run, *spans, server=None, **more):
    """The wire client asks the wire server; besides `spans` only the client's process leaves one."""
    return Case(name, what, servers=[server or web()], traces=1, run=run,
                expect=[process(id="client", parent=ROOT), *(one for group in spans for one in group)], **more)


# ---- checks ---------------------------------------------------------------------------------------------

def in_order(kind, *paths):
    """The spans of a kind began in the order of their requests."""
    def check(result):
        found = sorted((one for one in result.spans if one.kind == kind), key=lambda one: one.start)
        seen = [one.attrs.get("url.path") or re.sub(r"^http://[^/]*", "", one.attrs["url.full"]) for one in found]
        if seen != list(paths):
            raise Failure(f"{kind} spans began in the order {seen}")
    return check


def continues(trace, parent):
    def check(result):
        for one in result.spans:
            if one.kind == SERVER and (one.trace_id, one.parent_id) != (trace, parent):
                raise Failure(f"{one} has trace {one.trace_id} and parent {one.parent_id}")
    return check


def one_context_each(count, digest=None, **headers):
    """What was on the wire: `count` requests, one traceparent each; bodies and headers as they were sent."""
    def check(result):
        seen = requests_at(result, "probe")
        if len(seen) != count:
            raise Failure(f"{len(seen)} requests came, {count} expected")
        clients = {(one.trace_id, one.span_id) for one in result.spans if one.kind == CLIENT}
        for request in seen:
            if request.context()[:2] not in clients:
                raise Failure(f"{request.target} names no client span: {request.headers}")
            if digest and (request.bytes, request.digest) != digest:
                raise Failure(f"{request.bytes} bytes with digest {request.digest} came")
            for name, value in headers.items():
                if request.one(name.replace("_", "-")) != value:
                    raise Failure(f"{name} is {request.all(name)}")
    return check


def own_context(value):
    """One traceparent on the wire, the application's, where and as it put it."""
    def check(result):
        for request in requests_at(result, "probe"):
            if request.one("traceparent") != value or [key for key, _ in request.headers][:2] != ["Host", "traceparent"]:
                raise Failure(f"the head became {request.headers}")
    return check


def untouched(target):
    """The request came without any context."""
    def check(result):
        seen = requests_at(result, "probe")
        if [request.target for request in seen] != [target] or seen[0].all("traceparent"):
            raise Failure(f"{[(request.target, request.headers) for request in seen]}")
    return check


def digest_of(count):
    import hashlib
    return count, hashlib.md5(bytes(97 + at % 26 for at in range(count))).hexdigest()


# ---- servers ---------------------------------------------------------------------------------------------

H_SERVER = [
    wire("H1", "a request with a query and status 500: an error of the server",
         client("/create-trace?delay=10ms&status=500", "/status/500"),
         both("/create-trace?delay=10ms&status=500", got=5), both("/status/500", 500, got=2)),

    Case("H2", "a traceparent that came is continued: trace id and parent id are kept",
         servers=[web()], traces=2, run=client("--field", f"traceparent: 00-{TRACE}-{PARENT}-01", "/kept"),
         expect=[process(parent=ROOT), server_span("/kept", got=5)],
         check=continues(TRACE, PARENT)),

    wire("H3", "404 is no error of the server, and one of the client",
         client("/status/404", "/status/499", "/status/399"),
         both("/status/404", 404, got=2), both("/status/499", 499, got=2), both("/status/399", 399, got=2)),

    wire("H4", "numbers in a path become * in the route and in the name",
         client("/basic/73219", "/v1/products/22/x"), both("/basic/73219", got=5),
         both("/v1/products/22/x", got=5)),

    wire("H4-no-route", "OTEL_AUTO_HTTP_ROUTE=false: no route, and the method is the name", client("/basic/73219"),
         [client_span("/basic/73219", got=5, id="get"),
          span("GET", SERVER, service="web", parent="get", attrs={"http.route": ABSENT, "url.path": "/basic/73219"})],
         server=web(env={"OTEL_AUTO_HTTP_ROUTE": "false"})),

    wire("H7", "secrets in a query do not leave, by whatever spelling of their names",
         client("/q?obi_urlquery_test=2&sig=SECRET", "/q?AWSAccessKeyId=a&Signature=b&X-Goog-Signature=c&d=e",
                "/q?%73ig=SECRET&sIg=seen&X-Amz-Signature=f&X-Amz-Credential=g&X-Amz-Security-Token=h"),
         both("/q?obi_urlquery_test=2&sig=REDACTED", got=5),
         both("/q?AWSAccessKeyId=REDACTED&Signature=REDACTED&X-Goog-Signature=REDACTED&d=e", got=5),
         both("/q?%73ig=REDACTED&sIg=seen&X-Amz-Signature=REDACTED&X-Amz-Credential=REDACTED"
              "&X-Amz-Security-Token=REDACTED", got=5)),

    wire("H8-kept", "one connection: a span for each request", client("/a", "/b", "/c"),
         both("/a", got=5), both("/b", got=5), both("/c", got=5)),
    wire("H8-closed", "a connection for each request: a span for each", client("--new", "/a", "/b", "/c"),
         both("/a", got=5), both("/b", got=5), both("/c", got=5)),

    wire("H9", "pipelined requests: a span each, in order, with its own status",
         client("--pipeline", "/status/200", "/status/404", "/status/500", "HEAD:/head", "/status/204", "/last"),
         both("/status/200", got=2), both("/status/404", 404, got=2), both("/status/500", 500, got=2),
         both("/head", method="HEAD"), both("/status/204", 204), both("/last", got=5),
         check=together(*(in_order(kind, "/status/200", "/status/404", "/status/500", "/head", "/status/204", "/last")
                          for kind in (CLIENT, SERVER)))),

    wire("H9-bodies", "pipelined requests with bodies", client("--pipeline", "--body", str(BODY), "/echo", "/echo?2"),
         both("/echo", method="POST", sent=BODY, got=ECHO), both("/echo?2", method="POST", sent=BODY, got=ECHO)),

    wire("H10-continue", "100 is not the answer", client("--expect", "--body", str(BODY), "/echo", "/status/404"),
         both("/echo", method="POST", sent=BODY, got=ECHO), both("/status/404", 404, "POST", sent=BODY, got=2)),
    wire("H10-hints", "103 is not the answer", client("/hints", "/after"),
         both("/hints", got=11), both("/after", got=5)),
    wire("H10-upgrade", "101 is the answer, and what follows is not HTTP",
         client("--rest", "GET /not-a-request HTTP/1.1\r\n\r\n", "/before", "/upgrade"),
         both("/before", got=5), both("/upgrade", 101)),
    wire("H10-trailers", "a chunked body with a trailer", client("/chunked", "/after"),
         both("/chunked", got=11), both("/after", got=5)),
    wire("H10-chunked", "a chunked request", client("--chunked", "--body", str(BODY), "/echo", "/echo?2"),
         both("/echo", method="POST", sent=BODY, got=ECHO), both("/echo?2", method="POST", sent=BODY, got=ECHO)),
    wire("H10-no-body", "HEAD, 204 and 304 have no body, whatever their length says",
         client("HEAD:/head", "/status/204", "/status/304", "/after"),
         both("/head", method="HEAD"), both("/status/204", 204), both("/status/304", 304), both("/after", got=5)),
    wire("H10-close", "a body that ends with the connection", client("/before", "/close"),
         both("/before", got=5), both("/close", got=13)),
    wire("H10-1.0", "HTTP/1.0, and a method that nobody knows",
         client("--version", "1.0", "--new", "/old", "PURGE:/x"),
         both("/old", got=5, attrs={"network.protocol.version": "1.0"}),
         [client_span("/x", method="_OTHER", got=5, id="x", parent="client", attrs={
             "http.request.method_original": "PURGE", "network.protocol.version": "1.0"}),
          server_span("/x", method="_OTHER", got=5, parent="x", attrs={
              "http.request.method_original": "PURGE", "network.protocol.version": "1.0"})]),
]

BIG_HEADS = {"9k": 9000, "64k": 65536, "70k": 70000}

H_READERS = [
    *(wire(f"H11-{name}", f"a head of {name}B", client("--field", "X-Big: " + "b" * size, "/big", "/after"),
           both("/big", got=5), both("/after", got=5)) for name, size in BIG_HEADS.items()),
    *(wire(f"H11-{name}-{reader}", f"a head of {name}B, read in small pieces",
           client("--field", "X-Big: " + "b" * BIG_HEADS[name], "/big"), both("/big", got=5), server=web(reader))
      for name in ("9k", "70k") for reader in ("some",)),
    *(wire(f"H12-{reader}", f"a server that reads by {reader}",
           client("--body", str(BODY), "/echo", "/echo?2"),
           both("/echo", method="POST", sent=BODY, got=ECHO), both("/echo?2", method="POST", sent=BODY, got=ECHO),
           server=web(reader))
      for reader in ("recv", "read", "recvfrom", "recvmsg", "recv_into", "recvmmsg", "readv", "peek", "polled", "bytes")),
    *(wire(f"H12-body-{reader}", f"a server that has its bodies read by {reader}",
           client("--body", str(BODY), "/count", "/count?2"),
           both("/count", method="POST", sent=BODY, got=4), both("/count?2", method="POST", sent=BODY, got=4),
           server=web(reader))
      for reader in ("splice", "trunc")),
    *(wire(f"H12-answer-{reader}", f"a client that reads by {reader}",
           client("--read", reader, "/chunked", "/status/404", "/close"),
           both("/chunked", got=11), both("/status/404", 404, got=2), both("/close", got=13))
      for reader in ("read", "recvfrom", "recvmsg", "recv_into", "recvmmsg", "readv", "peek", "polled", "bytes")),
    *(wire(f"H12-by-{writer}", f"a server that answers by {writer}",
           client("--body", str(BODY), "/echo", "/status/404", "/after"),
           both("/echo", method="POST", sent=BODY, got=ECHO), both("/status/404", 404, "POST", sent=BODY, got=2),
           both("/after", method="POST", sent=BODY, got=5), server=web(writer=writer))
      for writer in ("write", "writev", "sendmsg", "sendmmsg", "sendfile", "splice", "bytes", "halves", "head-first")),
]

# ---- clients ---------------------------------------------------------------------------------------------

def probed(path, port="probe", **more):
    """The client span of a request to the probe, which has none of its own."""
    more = {"method": "GET", "attrs": (), **more}
    return client_span(path, method=more.pop("method"), parent="client", attrs={
        "url.full": f"http://127.0.0.1:{{{port}}}{path}", "server.port": f"{{{port}}}",
        "network.peer.port": f"{{{port}}}", **dict(more.pop("attrs"))}, **more)


def to_probe(name, what, run, *spans, checks, **more):
    return Case(name, what, servers=[bare_probe("probe")], run=run, expect=[process(id="client", parent=ROOT), *spans],
                check=together(*checks), **more)


def posts(count, size):
    """What `count` posts of `size` bytes to /p leave at the client."""
    return [probed("/p", method="POST", sent=size, got=len(f"POST /p {size}\n")) for _ in range(count)]


def chain(depth):
    """/chain/N down to /chain/0: each level is one server span below one client span of the one before."""
    spans = [client_span(f"/chain/{depth}", got=0, id=f"c{depth}", parent="client")]
    for level in range(depth, -1, -1):
        spans.append(server_span(f"/chain/{level}", got=0, id=f"s{level}", parent=f"c{level}"))
        if level:
            spans.append(client_span(f"/chain/{level - 1}", got=0, id=f"c{level - 1}", parent=f"s{level}", service="web",
                                     link="connection"))
    return spans


FOLLOW = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:{web}/a').read().decode())"
OWN = f"00-{TRACE}-{PARENT}-01"

C_ROWS = [
    Case("C1", "a server asks another: client, server, client, server, one trace, no gap",
         servers=[python_program("b", "wire_server.py"), web("recv", "sendall", "{b}")], traces=1,
         run=client("/ask/status/203"),
         expect=[process(id="client", parent=ROOT),
                 client_span("/ask/status/203", 203, got=2, id="a", parent="client"),
                 server_span("/ask/status/203", 203, got=2, id="A", parent="a"),
                 span("DNS lookup", CLIENT, service="web", status="unset", parent="A", exact_attrs=True,
                      attrs={"dns.question.name": "localhost", "dns.answers": PRESENT}),
                 client_span("/status/203", 203, got=2, id="b", parent="A", service="web", link="connection", attrs={
                     "url.full": "http://localhost:{b}/status/203", "server.address": "localhost", "server.port": "{b}",
                     "network.peer.port": "{b}"}),
                 span("GET /status/*", SERVER, service="b", parent="b", attrs={
                     "http.response.status_code": 203, "server.address": "localhost", "server.port": "{b}"})]),

    wire("C2", "a server that asks itself: each level has one child", client("/chain/4"), chain(4)),

    *(to_probe(f"C3-{writer}", f"the application's own traceparent, written by {writer}, leaves as it is",
               client("--field", f"traceparent: {OWN}", "/own", "/own", writer=writer, target="{probe}"),
               checks=[own_context(OWN)])
      for writer in ("sendall", "writev", "halves", "bytes")),

    *(to_probe(f"C4-{size}", f"a body of {size} bytes arrives whole, its length as announced",
               client("--body", str(size), "/p", "/p", target="{probe}"), *posts(2, size),
               checks=[one_context_each(2, digest_of(size), Content_Length=str(size))])
      for size in (1024, 8192, 1048576)),

    *(to_probe(f"C5-{writer}", f"requests written by {writer}: one context each",
               client("--body", "700", "/p", "/p", "/p", writer=writer, target="{probe}"), *posts(3, 700),
               checks=[one_context_each(3, digest_of(700))])
      for writer in ("write", "writev", "sendmsg", "sendmmsg", "sendfile", "splice", "bytes", "halves", "head-first")),
    *(to_probe(f"C5-pipelined-{writer}", f"pipelined requests written by {writer}: one context each",
               client("--pipeline", "--body", "700", "/p", "/p", "/p", writer=writer, target="{probe}"), *posts(3, 700),
               checks=[one_context_each(3, digest_of(700))])
      for writer in ("write", "writev", "bytes")),
    to_probe("C5-continue", "Expect: 100-continue", client("--expect", "--body", "5000", "/p", target="{probe}"),
             *posts(1, 5000), checks=[one_context_each(1, digest_of(5000))]),
    to_probe("C5-chunked", "a chunked upload", client("--chunked", "--body", "5000", "/p", "/p", target="{probe}"),
             *posts(2, 5000), checks=[one_context_each(2, digest_of(5000))]),

    Case("C8", "a tunnel: the CONNECT has a span, nothing is put into the tunnel's bytes", traces=1,
         servers=[bare_probe("probe"), python_program("proxy", "connect_proxy.py", shim=False)],
         run=["{python}", "{programs}/tunnel.py", "{proxy}", "{probe}"], check=untouched("/inside"),
         expect=[process(id="client", parent=ROOT),
                 span("CONNECT", CLIENT, service="client", status="unset", parent="client", exact_attrs=True, attrs={
                     "http.request.method": "CONNECT", "http.response.status_code": 200,
                     "server.address": "127.0.0.1", "server.port": "{probe}", "network.protocol.version": "1.1",
                     "network.peer.address": "127.0.0.1", "network.peer.port": "{proxy}",
                     "otel_auto.link": "process"})]),

    Case("C9", "redirects: a span each, the second and third tell that they are resends",
         servers=[nginx("web", "location = /a { return 302 /b; } location = /b { return 307 /c; } "
                               "location = /c { return 200 end; }")],
         traces=1, run=["{python}", "-c", FOLLOW],
         expect=[process(id="client", parent=ROOT),
                 client_span("/a", 302, got=PRESENT, parent="client"),
                 client_span("/b", 307, got=PRESENT, parent="client", attrs={"http.request.resend_count": 1}),
                 client_span("/c", got=3, parent="client", attrs={"http.request.resend_count": 2}),
                 *(span(f"GET {path}", SERVER, service="web") for path in ("/a", "/b", "/c"))]),
]

# ---- failures --------------------------------------------------------------------------------------------

def failed_connect(error, port="{closed}", address="127.0.0.1", name=None, kind="ipv4"):
    return span("connect", CLIENT, service="client", status="error", parent="client", exact_attrs=True, attrs={
        "server.address": name or address, "server.port": port, "network.peer.address": address,
        "network.peer.port": port, "network.transport": "tcp", "network.type": kind, "error.type": error})


def lookup(name, answers=None, error=None):
    attrs = {"dns.question.name": name}
    attrs.update({"dns.answers": answers} if answers else {"error.type": error})
    return span("DNS lookup", CLIENT, service="client", status="error" if error else "unset", parent="client",
                attrs=attrs, exact_attrs=True)


def connects(name, what, ways, *spans, port="closed", servers=()):
    return Case(name, what, servers=list(servers), traces=1,
                run=["{python}", "{programs}/connects.py", f"{{{port}}}", *ways],
                expect=[process(id="client", parent=ROOT), *spans])


def names(name, what, way, port, asked, *spans, servers=()):
    return Case(name, what, servers=list(servers), traces=1,
                run=["{python}", "{programs}/names.py", way, port, *asked],
                expect=[process(id="client", parent=ROOT), *spans])


N_ROWS = [
    connects("N1", "an address that cannot be reached", ["unreachable"],
             failed_connect("network_unreachable", 80, "224.0.0.1")),
    *(connects(f"N2-{way}", f"nobody listens, told by {way}", [way], failed_connect("connection_refused"))
      for way in ("refused", "so-error", "second-call", "first-byte", "first-read")),
    connects("N2-thrice", "three attempts at one address are three failures", ["refused", "so-error", "refused"],
             *(failed_connect("connection_refused") for _ in range(3))),
    connects("N3", "connections that carry no byte leave nothing", ["idle", "idle"], port="web", servers=[web()]),
    connects("N5", "EINPROGRESS is not a result: the attempt succeeds later", ["late"], *both(
        "/late", got=5, attrs={}), port="web", servers=[web()]),
    names("N6-won", "::1 is refused, 127.0.0.1 answers: no failure is told", "fetch", "{web}", ["both.test"],
          lookup("both.test", ["::1", "127.0.0.1"]),
          client_span("/hello", got=5, id="get", parent="client", attrs={
              "url.full": "http://both.test:{web}/hello", "server.address": "both.test"}),
          server_span("/hello", got=5, parent="get", attrs={
              "server.address": "both.test", "user_agent.original": re.compile("^Python-urllib/")}), servers=[web()]),
    names("N6-lost", "both addresses are refused: one failure", "fetch", "{closed}", ["both.test"],
          lookup("both.test", ["::1", "127.0.0.1"]), failed_connect("connection_refused", name="both.test")),
    names("DNS-failed", "names that cannot be resolved, below the process", "ask", "1",
          ["absent.test", "sick.test", "four.test", "127.0.0.1", "::1"],
          lookup("absent.test", error="EAI_NONAME"), lookup("sick.test", error="EAI_AGAIN"),
          lookup("four.test", ["127.0.0.1"])),
    Case("DNS-server", "a server's look-ups are never roots of their own",
         servers=[Server("web", ["{python}", "-u", "{programs}/names.py", "serve", "{web}", "absent.test"], ("web",))],
         run=client("/x"), traces=1,
         expect=[process(id="client", parent=ROOT), client_span("/x", 204, id="x", parent="client"),
                 server_span("/x", 204, parent="x")]),

    wire("reset", "half an answer, then a reset", client("/reset"),
         [client_span("/reset", got=50, error="connection_reset", id="x", parent="client"),
          server_span("/reset", got=50, error="unexpected_eof", parent="x")]),
    wire("reset-early", "a reset instead of an answer", client("/reset-early"),
         [client_span("/reset-early", None, error="connection_reset", id="x", parent="client"),
          server_span("/reset-early", None, error="_OTHER", parent="x")]),
    wire("mute", "the end of the connection instead of an answer", client("/mute"),
         [client_span("/mute", None, error="unexpected_eof", id="x", parent="client"),
          server_span("/mute", None, error="_OTHER", parent="x")]),
    wire("short", "less than was announced", client("/short"),
         [client_span("/short", got=10, error="unexpected_eof", id="x", parent="client"),
          server_span("/short", got=10, error="unexpected_eof", parent="x")]),
    wire("cut", "chunks without an end", client("/cut"),
         [client_span("/cut", got=5, error="unexpected_eof", id="x", parent="client"),
          server_span("/cut", got=5, error="unexpected_eof", parent="x")]),
    wire("left", "the client leaves on purpose: no error of its own, one of the server that cannot answer",
         client("--leave", "/flood"),
         [client_span("/flood", None, id="x", parent="client"),
          server_span("/flood", got=PRESENT, error=re.compile("^(connection_reset|broken_pipe)$"), parent="x")]),
]

# ---- local sockets ---------------------------------------------------------------------------------------

LOCAL = {"server.address": "local.test", "server.port": 80, "network.transport": "unix"}

H13 = [
    Case("H13-unix", "a local socket: transport and path are told, there is no port", traces=1,
         servers=[Server(
             "web", ["{python}", "-u", "{programs}/wire_server.py", "{web},{dir}/web.sock"], ("web",))],
         run=client("/local", "/status/500", target="{dir}/web.sock"),
         expect=[process(id="client", parent=ROOT), *(one for path, status, got in (
             ("/local", 200, 5), ("/status/500", 500, 2)) for one in (
             span("GET", CLIENT, service="client", id=path, parent="client", exact_attrs=True,
                  status="error" if status == 500 else "unset", attrs={
                      **LOCAL, **errors(status, None, 400), "http.request.method": "GET",
                      "url.full": f"http://local.test{path}", "http.response.status_code": status,
                      "http.response.body.size": got, "network.peer.address": "{dir}/web.sock",
                      "network.protocol.version": "1.1", "otel_auto.link": "process"}),
             span(f"GET {path.replace('500', '*')}", SERVER, service="web", parent=path, exact_attrs=True,
                  status="error" if status == 500 else "unset", attrs={
                      **errors(status, None, 500), "http.request.method": "GET", "url.path": path, "url.scheme": "http",
                      "http.route": path.replace("500", "*"), "http.response.status_code": status,
                      "http.response.body.size": got, "server.address": "{dir}/web.sock",
                      "network.transport": "unix", "network.protocol.version": "1.1"})))]),

    Case("H13-pair", "a socketpair: both ends in one process", traces=1,
         run=["{python}", "{programs}/pair.py", "/one", "/two"],
         expect=[process(id="client", parent=ROOT), *(one for path in ("/one", "/two") for one in (
             span("GET", CLIENT, service="client", id=path, parent="client", status="unset", exact_attrs=True, attrs={
                 "http.request.method": "GET", "url.full": f"http://pair.test{path}", "server.address": "pair.test",
                 "server.port": 80, "http.response.status_code": 200, "http.response.body.size": 4,
                 "network.transport": "unix", "network.protocol.version": "1.1", "otel_auto.link": "process"}),
             span(f"GET {path}", SERVER, service="client", parent=path, status="unset", exact_attrs=True, attrs={
                 "http.request.method": "GET", "url.path": path, "url.scheme": "http", "http.route": path,
                 "server.address": "pair.test", "server.port": 80, "http.response.status_code": 200,
                 "http.response.body.size": 4, "network.transport": "unix", "network.protocol.version": "1.1"})))]),
]

CASES = H_SERVER + H_READERS + C_ROWS + N_ROWS + H13
