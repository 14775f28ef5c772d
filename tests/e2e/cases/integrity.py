"""Bytes that pass through nginx under the shim: up, down, in parts, as another protocol; sums at both ends."""
from case import Case
from servers import nginx, python_program
from spans import http_client, http_server

LIMITS = ("client_max_body_size 0; proxy_http_version 1.1; proxy_pass http://kept; "
          "proxy_set_header Host 127.0.0.1:{web};")
KEPT = 'proxy_set_header Connection "";'
UPGRADE = 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";'
UNBUFFERED = "proxy_request_buffering off; proxy_buffering off;"
# What the library asks of the kernel comes short and is interrupted. Not for nginx: it waits for an edge then.
CHAOS = {"LD_PRELOAD": "{preload}:{build}/support/libchaos.so", "CHAOS_SEED": "11"}


def proxy(body):
    server = nginx("proxy", "location / { %s %s }" % (LIMITS, body))
    upstream = "upstream kept { server 127.0.0.1:{web}; keepalive 8; }\n    server {"
    server.files = {name: text.replace("server {", upstream, 1) for name, text in server.files.items()}
    return server


def through(name, what, server, run, expect=(), env=None):
    """env: of client and upstream, under the shim only."""
    upstream = python_program("web", "integrity_server.py", env=env or {})
    return Case(name, what, servers=[upstream, server], exact=False, same=not env, seconds=60.0, env=env or {},
                run=["{python}", "{programs}/integrity_client.py", *run], expect=list(expect))


BODIES = ("bodies", "{proxy}", "1", "12")
FILES = nginx("web", "sendfile on; root {dir}/www;")

CASES = [
    through("integrity-buffered", "bodies of up to 2 MB up and down, nginx keeps each whole before it passes it on",
            proxy(KEPT), BODIES),
    through("integrity-unbuffered", "the same, passed on while they come", proxy(KEPT + UNBUFFERED), BODIES),
    through("integrity-chaos", "the same between programs whose calls come short, would block, are interrupted",
            proxy(KEPT + UNBUFFERED), BODIES, env=CHAOS),
    through("integrity-public", "the same where clients are strangers, and moments are told",
            proxy(KEPT + UNBUFFERED), BODIES, env={"OTEL_AUTO_PUBLIC_ENDPOINT": "true", "OTEL_AUTO_HTTP_EVENTS": "true"}),
    through("integrity-upgrade", "another protocol through nginx that looks like requests, both ways at once",
            proxy(UPGRADE), ("upgrade", "{proxy}", "1", "6"),
            [http_server("proxy", "/chat", status=101), http_server("web", "/chat", status=101),
             http_client("web", "/chat", status=101, service="proxy")]),
    Case("integrity-files", "static files by sendfile: whole, in parts, in a row of requests", servers=[FILES],
         setup=[["{python}", "{programs}/integrity_client.py", "make", "{dir}/www"]], exact=False, seconds=60.0,
         run=["{python}", "{programs}/integrity_client.py", "files", "{web}", "1", "40", "{dir}/www"],
         expect=[http_server("web", "/file1.bin", status=206), http_server("web", "/file2.bin")]),
]
