"""A request from a bare client through a program under the shim to a bare probe, and who is whose parent then."""
import re

from case import Case
from harness import Failure
from probes import bare_probe
from servers import nginx, python_program
from spans import http_client, http_server
from telemetry import SERVER

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
BARE = {"LD_PRELOAD": None}  # the client of a case is not under the shim
PYTHON = python_program("front", "caller.py", "{probe}")
NGINX = nginx("front", "location / { proxy_pass http://127.0.0.1:{probe}; }")


def ask(*headers, path="/one", port="front"):
    return ["curl", "-s", *(part for header in headers for part in ("-H", header)),
            f"http://127.0.0.1:{{{port}}}{path}"]


def with_env(server, **env):
    return type(server)(**{**vars(server), "env": {**server.env, **env}})


def through(name, what, front, headers, expect, check, **more):
    """A bare client -> front -> a bare probe: what came out, for what went in?"""
    return Case(name, what, servers=[bare_probe("probe"), front], needs=("curl",), env=BARE, run=ask(*headers),
                expect=expect, check=check, **more)


def chain(parent=None):
    return [http_server("front", "/one", id="server", parent=parent),
            http_client("probe", "/one", service="front", id="client", parent="server",
                        attrs={"network.protocol.version": re.compile("^1")})]


def continued(result):
    """The server span continues the trace of the incoming header."""
    server = next(span for span in result.spans if span.kind == SERVER)
    if (server.trace_id, server.parent_id) != (TRACE, PARENT):
        raise Failure(f"{server} is in {server.trace_id} below {server.parent_id}")


def told(text):
    def check(result):
        if result.stdout != text:
            raise Failure(f"{result.stdout!r}, {text!r} expected")
    return check
