"""Whose work is it? A wrong parent is worse than none: many requests at once, all of them judged."""
from harness import Server
from rig import rig
from servers import nginx, python_program

UPSTREAM = "upstream kept { server 127.0.0.1:{probe}; keepalive 16; }\n    server {"
KEPT = ('location / { proxy_pass http://kept; proxy_http_version 1.1; proxy_set_header Connection ""; '
        "proxy_set_header Host 127.0.0.1:{probe}; }")


def kept_upstream(server):
    server.files = {name: text.replace("server {", UPSTREAM, 1) for name, text in server.files.items()}
    return server


FRONT = nginx("front", "location / { proxy_pass http://127.0.0.1:{probe}; }")


def node(how):
    return Server("front", ["node", "{programs}/caller.js", "{front}", "{probe}", how], ports=("front",),
                  needs=("node",))


PHP = Server("front", ["php", "-n", "-S", "127.0.0.1:{front}", "{programs}/caller.php"], ports=("front",),
             env={"UPSTREAM": "{probe}", "PHP_CLI_SERVER_WORKERS": "4"}, needs=("php",))

CASES = [
    rig("parents-nginx", "nginx, a new connection to the upstream for each request",
        FRONT),
    rig("parents-nginx-kept", "nginx, connections to the upstream are kept", kept_upstream(nginx("front", KEPT))),
    rig("parents-nginx-trace", "nginx, and every request comes with a trace", FRONT,
        headers=["traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]),
    rig("parents-python", "a thread per connection", python_program("front", "caller.py", "{probe}")),
    rig("parents-php", "php's workers", PHP, count=400, connections=16),
    rig("parents-asyncio", "python's event loop", python_program("front", "caller_asyncio.py", "{probe}"),
        all_right=False),
    rig("parents-asyncio-later", "python's event loop, a timer first", all_right=False,
        front=python_program("front", "caller_asyncio.py", "{probe}", "later")),
    rig("parents-pool", "one thread reads, workers ask", python_program("front", "caller_pool.py", "{probe}"),
        all_right=False),
    rig("parents-node", "node, the call is made at once", node("now"), all_right=False),
    rig("parents-node-later", "node, a timer first: none is allowed, wrong is not", node("later"), all_right=False),
]
