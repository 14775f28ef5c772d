"""Receivers that are not there, or not well: the program ends as it does bare, and in time."""
from case import Case
from harness import Failure
from probes import bare_probe, requests_at
from receivers import POSTS, posts
from servers import python_http
from spans import http_client, http_server, process
from telemetry import ROOT

# Bare, a curl takes some 20 ms; the exit may be held up by 200 ms; the rest is for a busy machine.
TOOK = ["{python}", "{programs}/took.py", "1500*{slower}"]
CURL = ["curl", "-s", "http://127.0.0.1:{probe}/one"]
PATIENT = {"OTEL_AUTO_EXIT_TIMEOUT": "1000"}
REFUSED = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:{closed}"}


def unharmed(name, what, mode=None, expect=(), env=None, **more):
    """curl asks while the receiver misbehaves; what is printed and the exit status are as bare."""
    more["env"] = {"OTEL_AUTO_EXIT_TIMEOUT": None, **(env or {})}
    return Case(f"collector-{name}", what, servers=[bare_probe("probe")], needs=("curl",), exact=False,
                collector=("--mode", mode) if mode else (), run=[*TOOK, *CURL], expect=[*expect],
                check=answered, **more)


def answered(result):
    if len(requests_at(result, "probe")) != 1:
        raise Failure("curl's request did not arrive")


def comes_late(name, what, *options):
    """A server's span is sent again and arrives."""
    return Case(f"collector-{name}", what, servers=[python_http("web")], needs=("curl",), collector=options,
                same=False, env={"LD_PRELOAD": None}, run=["curl", "-s", "http://127.0.0.1:{web}/hello.txt"],
                expect=[http_server("web", "/hello.txt", parent=ROOT)])


def packed_and_named(result):
    for post in posts(result):
        headers = post["headers"]
        if (post["method"], post["path"]) != ("POST", "/v1/traces") or headers["content-encoding"] != "gzip" or \
                headers["api-key"] != "a b" or headers["content-type"] != "application/x-protobuf":
            raise Failure(f"{post}")
    if not posts(result):
        raise Failure("nothing was posted")


SPANS = [process(id="curl", attrs={"process.executable.name": "curl"}), http_client("probe", "/one", parent="curl")]

def nothing_after(result):
    """H.3, 74: what is asked for after the shutdown is not recorded, and nobody is written to."""
    seen = {request.target: request for request in requests_at(result, "probe")}
    if set(seen) != {"/one", "/late"} or not seen["/one"].all("traceparent") or seen["/late"].all("traceparent"):
        raise Failure(f"{[(path, request.headers) for path, request in seen.items()]}")
    paths = [post["path"] for post in posts(result)]
    if paths.count("/v1/traces") != 1:
        raise Failure(f"{paths}")


CASES = [
    unharmed("none", "nobody listens", env=REFUSED),
    unharmed("400", "refused for good", "400"),
    unharmed("429", "too many, come again in a minute", "429:60"),
    unharmed("503", "not now", "503"),
    unharmed("garbage", "no HTTP at all", "garbage"),
    unharmed("close", "closes without an answer", "close"),
    unharmed("blackhole", "takes everything and never answers", "blackhole"),
    unharmed("slow", "answers after the exit", "slow:3000"),
    unharmed("slow-enough", "answers before the exit is over", "slow:30", SPANS, env=PATIENT),
    unharmed("partial", "accepts a part and says so", "partial", SPANS, env=PATIENT),
    unharmed("exit-0", "OTEL_AUTO_EXIT_TIMEOUT=0: the exit waits for nothing", "blackhole",
             env={"OTEL_AUTO_EXIT_TIMEOUT": "0"}),
    Case("collector-status", "the exit status survives a receiver that hangs", collector=("--mode", "blackhole"),
         run=[*TOOK, "sh", "-c", "exit 42"], status=42, env={"OTEL_AUTO_EXIT_TIMEOUT": None}),
    Case("collector-late", "a request when all is over: the program's own, and nothing of ours", servers=[bare_probe("probe")],
         setup=[["cc", "-O1", "-shared", "-fPIC", "-o", "{dir}/liblate.so", "{programs}/asks_late.c"],
                ["cc", "-O1", "-DPROGRAM", "-o", "{dir}/asks", "{programs}/asks_late.c", "-L{dir}", "-llate", "-Wl,-rpath,{dir}"]],
         needs=("cc",), run=["{dir}/asks", "{probe}"], collector=POSTS, check=nothing_after,
         expect=[process(id="asks"), http_client("probe", "/one", parent="asks")]),
    comes_late("503-then-ok", "not now, then fine: sent again", "--mode", "503", "--times", "1"),
    comes_late("429-then-ok", "told when to come again, and then fine", "--mode", "429:1", "--times", "1"),
    comes_late("close-then-ok", "a connection that breaks, and then fine", "--mode", "close", "--times", "1"),

    Case("collector-gzip", "compressed, with headers of the user's", same=False, run=["true"],
         collector=POSTS, expect=[process(parent=ROOT)], check=packed_and_named,
         env={"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", "OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20b"}),
]
