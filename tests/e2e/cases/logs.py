"""Where log records come from: messages to the system's log, and lines of stdout and stderr, where that is asked for."""
import re

from case import Case
from harness import Failure, Server
from logs import log
from servers import HELLO, NGINX, python_program
from spans import http_client, http_server, process
from telemetry import ROOT

LINES = {"OTEL_INSTRUMENTATION_STDIO_ENABLED": "true"}
SOON = {"OTEL_BLRP_SCHEDULE_DELAY": "100"}
SYSLOG, STDIO = "libotel-auto.syslog", "libotel-auto.stdio"


def out(body, service="client", within="process", stream="stdout"):
    return log(body, 0, severity_text="", event_name="", scope=STDIO, service=service, within=within,
               attrs={"log.iostream": stream}, exact_attrs=True)


def err(body, **more):
    return out(body, stream="stderr", **more)


def said(name, what, run, logs, env=None, **more):
    """A program that is no server: what it says is said in its own span."""
    return Case(f"logs-{name}", what, run=run, logs=logs, env={**LINES, **(env or {})},
                **{"expect": [process(id="process", parent=ROOT)], **more})


def shell(name, what, text, logs, **more):
    return said(name, what, ["bash", "-c", text], logs, needs=("bash",), **more)


def asked(name, what, server, path, logs, status=200, **more):
    """A server that curl asks once; curl itself says nothing that is recorded."""
    return Case(f"logs-{name}", what, servers=[server], run=["curl", "-s", "http://127.0.0.1:{web}" + path], needs=("curl",),
                logs=logs, expect=[process(id="process", parent=ROOT),
                                   http_client("web", path, parent="process", id="asks", status=status),
                                   http_server("web", path, parent="asks", id="answers", status=status)], **more)


def python(name, what, logs):
    server = python_program("web", "says.py")
    server.env = {**LINES, **SOON}
    return asked(name, what, server, f"/{name}", logs)


def nginx():
    text = NGINX.replace("@body@", "root {dir}/www;").replace("@name@", "web").replace("@user@", "user root;")
    text = text.replace("error_log {dir}/web-error.log warn;", "error_log stderr error;")
    return Server("web", ["nginx", "-p", "{dir}", "-c", "{dir}/web.conf", "-e", "stderr"], ports=("web",),
                  files={"web.conf": text, **HELLO}, env={**LINES, **SOON}, needs=("nginx",))


def whole(result):
    """Of one long line everything came, in order, between whole characters."""
    bodies = [one.body for one in sorted(result.logs, key=lambda one: one.time)]
    if "".join(bodies) != "\u20ac" * 10000 or any(len(body.encode()) > 8192 for body in bodies) or len(bodies) != 4:
        raise Failure(f"pieces of {[len(body.encode()) for body in bodies]} bytes")


def numbers(count):
    """Every line of `seq`, in order and once."""
    def check(result):
        bodies = [int(one.body) for one in sorted(result.logs, key=lambda one: (one.time, int(one.body)))]
        if bodies != list(range(1, count + 1)):
            raise Failure(f"{len(bodies)} lines, {count} expected")
    return check


FORKED = """import os
os.write(1, b"half ")
if not os.fork():
    os.write(1, b"the child's\\n")
    os._exit(0)
os.wait()
os.write(1, b"the parent's\\n")
"""

CASES = [
    python("syslog", "a message to the system's log in a request",
           [log("by syslog", 17, severity_text="err", scope=SYSLOG, service="web", within="answers",
                attrs={"syslog.facility": 2}, exact_attrs=True)]),
    python("logging", "Python's logging, on stderr", [err("WARNING by logging", service="web", within="answers")]),
    python("print", "two lines in a request",
           [out("by print", service="web", within="answers"), out("in two lines", service="web", within="answers")]),
    python("write", "a line by two writes", [out("by write", service="web", within="answers")]),
    asked("nginx", "nginx's own log, on stderr", nginx(), "/nothing.txt", status=404, logs=[
        err(re.compile(r'.* open\(\) ".*/www/nothing.txt" failed \(2: No such file or directory\).*'),
            service="web", within="answers")]),
    asked("node", "node's console: whose work its event loop does is not known",
          Server("web", ["node", "{programs}/says.js", "{web}"], ports=("web",), env={**LINES, **SOON}, needs=("node",)),
          "/one", [out("listening", service="web", within=None), out("asked for /one", service="web", within=None),
                   err("an error of it", service="web", within=None)]),
    said("stdio", "every way that stdio has", ["{dir}/says"], setup=[["cc", "-O2", "-o", "{dir}/says", "{programs}/says.c"]],
         needs=("cc",), logs=[
             out("puts"), out("printf 1 two 3.00"), err("fprintf x"), out("fputs, fwrite"), out("pc"), out("past every"),
             out("function"), out("dos"), err("dprintf 2"), err("write: No such file or directory"), out("the last")]),
    said("stdio-fortified", "the same of a program that is compiled with _FORTIFY_SOURCE", ["{dir}/says"],
         setup=[["cc", "-O2", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2", "-o", "{dir}/says", "{programs}/says.c"]], needs=("cc",), logs=[
             out("puts"), out("printf 1 two 3.00"), err("fprintf x"), out("fputs, fwrite"), out("pc"), out("past every"),
             out("function"), out("dos"), err("dprintf 2"), err("write: No such file or directory"), out("the last")]),
    said("lines-off", "nobody asked for lines", ["{dir}/says"], setup=[["cc", "-O2", "-o", "{dir}/says", "{programs}/says.c"]],
         needs=("cc",), env={"OTEL_INSTRUMENTATION_STDIO_ENABLED": None}, logs=[]),
    said("lines-none", "nobody takes them", ["{dir}/says"], setup=[["cc", "-O2", "-o", "{dir}/says", "{programs}/says.c"]],
         needs=("cc",), env={"OTEL_LOGS_EXPORTER": "none"}, logs=[]),
    shell("shell", "lines of a shell, halves of lines, and a last one that has no end",
          "echo one; printf 'two '; echo halves; cd nowhere; printf 'no end'; false",
          [out("one"), out("two halves"), err("bash: line 1: cd: nowhere: No such file or directory"), out("no end")],
          status=1, expect=[process(id="process", parent=ROOT, exit_code=1)]),
    shell("redirected", "a descriptor is what its number says, wherever it leads", "echo up >&2; echo into >file; :",
          [out("up"), out("into")]),
    shell("exec", "a half line ends where the program becomes another one", "printf half; exec /bin/echo ' the other'",
          [out("half"), out(" the other")]),
    said("fork", "a child does not tell its parent's half line", ["{python}", "-c", FORKED],
         [out("the child's"), out("half the parent's")]),
    said("ls", "a GNU tool writes its newlines past every function", ["ls", "{dir}/www"], files={
        "www/one": "", "www/two": "", "www/three": ""}, logs=[out("one"), out("two"), out("three")]),
    said("seq", "a buffer that is written out many times", ["seq", "1", "900"], [], exact_logs=False,
         check=numbers(900)),
    said("long", "a line longer than a record", ["{python}", "-c", "print('\\u20ac' * 10000)"], [],
         env={"PYTHONIOENCODING": "utf-8"}, exact_logs=False, check=whole),
    said("closed", "stdout that is closed, and one that is full", [
        "bash", "-c", "ls / >&-; ls / >/dev/full; echo said; :"], [out("said", within=None)], needs=("bash",), exact=False,
        exact_logs=False),
]
