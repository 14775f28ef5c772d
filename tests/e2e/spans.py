"""The spans that most cases expect, by their semantic conventions; cases add or override attributes."""
import re

from telemetry import CLIENT, INTERNAL, SERVER, span

# The route, where one is guessed, is part of a server span's name.
def server_name(method):
    return re.compile(rf"^{method}( /\S*)?$")


def process(service="client", exit_code=0, **more):
    """The span of a program that is not a server, from its start to its exit."""
    attrs = {"process.exit.code": exit_code, **more.pop("attrs", {})}
    return span(None, INTERNAL, service=service, status="error" if exit_code else "unset", attrs=attrs, **more)


def http_client(port, path, service="client", method="GET", status=200, **more):
    attrs = {"http.request.method": method, "url.full": f"http://127.0.0.1:{{{port}}}{path}",
             "server.address": "127.0.0.1", "server.port": f"{{{port}}}", "http.response.status_code": status,
             **more.pop("attrs", {})}
    return span(method, CLIENT, service=service, status="error" if status >= 400 else "unset", attrs=attrs, **more)


def http_server(service, path, method="GET", status=200, **more):
    attrs = {"http.request.method": method, "url.path": path.split("?")[0], "url.scheme": "http",
             "http.response.status_code": status, **more.pop("attrs", {})}
    return span(server_name(method), SERVER, service=service, status="error" if status >= 500 else "unset",
                attrs=attrs, **more)
