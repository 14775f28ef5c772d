"""A second copy of the library in one process does nothing: all is as it is with one."""
from case import Case
from harness import Failure
from probes import bare_probe, each_names_its_span, together
from spans import http_client, process
from telemetry import ROOT

COPY = "{dir}/copy/libotel-auto.so"
BUILD = [["mkdir", "{dir}/copy"], ["cp", "{build}/libotel-auto.so", "{build}/libotel-auto-sdk.so", "{dir}/copy/"],
         ["cc", "-O1", "-pthread", "-o", "{dir}/second_copy", "{programs}/second_copy.c"]]
WRONG = {"OTEL_METRIC_EXPORT_TIMEOUT": "soon"}
PARTS = ("/before", "/open", "/closed")
WAYS = ("", "/thread", "/child")


def one_speaks(lines):
    """What is wrong with a variable is said by one copy in each process."""
    def check(result):
        said = result.work.text("otel-auto.log").count("OTEL_METRIC_EXPORT_TIMEOUT")
        if said != lines:
            raise Failure(f"said {said} times, not {lines}: {result.work.text('otel-auto.log')}")
    return check


def opens(name, what, how, *keep, parts=PARTS, env=(), **more):
    """The program alone opens the copy in its bare run: there as well nothing is to be noticed."""
    asked = [part + way for part in parts for way in WAYS]
    return Case(f"copy-{name}", what, servers=[bare_probe("probe")], setup=BUILD, needs=("cc",), status=3, seconds=40.0, sanitized=False,
                run=["{dir}/second_copy", how, COPY, "{probe}", *keep], env={**WRONG, **dict(env)},
                **{"expect": [process(id="program", exit_code=3, parent=ROOT), *SHELLS[:len(parts)],
                              *(http_client("probe", path, parent="program") for path in asked)],
                   "traces": 1, "check": together(each_names_its_span("probe", len(asked)), one_speaks(1 + len(parts))), **more})


SHELLS = [process(parent="program", exit_code=6)] * 3
CASES = [
    opens("global", "a copy that is opened for everybody", "global"),
    opens("local", "one that is opened for nobody else", "local"),
    opens("deepbind", "bound deep", "deepbind"),
    opens("namespace", "in a namespace of its own, with a libc of its own", "namespace"),
    opens("global-kept", "opened for everybody, until the end", "global", "keep", parts=PARTS[:2]),
    opens("deepbind-kept", "bound deep, until the end", "deepbind", "keep", parts=PARTS[:2]),
    opens("namespace-kept", "in a namespace of its own, until the end", "namespace", "keep", parts=PARTS[:2]),
    opens("before", "preloaded before", "local", env={"LD_PRELOAD": "{runtime}:" + COPY + ":{build}/libotel-auto.so"}),
    opens("behind", "preloaded behind", "local", env={"LD_PRELOAD": "{preload}:" + COPY}),
    opens("late", "the only one, opened late: it would see half, and go away with its thread", "global", expect=[], traces=None,
          env={"LD_PRELOAD": None}, check=one_speaks(0)),
    opens("late-namespace", "the only one, in a namespace of its own", "namespace", expect=[], traces=None,
          env={"LD_PRELOAD": None}, check=one_speaks(0)),
]
