"""Programs that are interrupted, tidy up, and die of that very signal by their own hand: no exit handler runs there, and what
they recorded is delivered all the same. Nothing is sent before the end: the delay is longer than the case."""
import signal
import subprocess
import time

import harness
from case import Case
from harness import Failure
from points import SECONDS
from probes import bare_probe
from servers import node, python_program
from spans import http_client, process
from telemetry import ROOT, SERVER, load

LATE = {"OTEL_BSP_SCHEDULE_DELAY": "60000"}
URL = "http://127.0.0.1:{probe}/one"
JAVASCRIPT = f"require('http').get('{URL}', (r) => {{ r.resume(); r.on('end', () => process.kill(process.pid, 'SIGTERM')); }})"
PYTHON = f"import urllib.request as u; u.urlopen('{URL}').read(); raise KeyboardInterrupt"
RUBY = f"require 'net/http'; Net::HTTP.get(URI('{URL}')); Process.kill(:INT, $$); sleep 9"
PERL = "use IO::Socket::INET; $s = IO::Socket::INET->new('127.0.0.1:{probe}') or die; $s->print('GET /one HTTP/1.0\r\n\r\n'); " \
       "1 while <$s>; close $s; kill INT => $$; sleep 9"
BASH = f"curl -s {URL}; kill -HUP $$; sleep 9"
BASH_ENDS = process("client", id="bash", exit_code=128 + signal.SIGHUP, parent=ROOT, attrs={"error.type": "SIGHUP"})


def client(name, what, run, by=signal.SIGINT, expect=None, **more):
    own = process(id="it", exit_code=128 + by, parent=ROOT, attrs={"error.type": by.name})
    return Case(f"signal-{name}", what, servers=[bare_probe("probe")], run=run, status=-by, env=LATE,
                expect=expect or [own, http_client("probe", "/one", parent="it")], **more)


def within(name, what, how, status):
    """The handler has interrupted code of ours: what waits is delivered, and nothing more is recorded."""
    return Case(f"signal-within-{name}", what, servers=[bare_probe("probe")], needs=("cc",), status=status, env=LATE,
                setup=[["cc", "-O2", "-o", "{dir}/lookup", "{programs}/ends_in_lookup.c"]],
                run=["{dir}/lookup", "{probe}", how], expect=[http_client("probe", "/one")])


def ended_by(number):
    """A check that asks the server for something and sends it a signal: its span is there then."""
    def check(result):
        work = result.work
        subprocess.run(["curl", "-s", work.fill("http://127.0.0.1:{web}/hello")], check=True, stdout=subprocess.DEVNULL)
        time.sleep(0.2)  # until it waits again: what a handler interrupts is recorded as far as it was
        web = next(process for name, process in work.running if name == "web")
        before = load(work.collector_file)
        web.send_signal(number)
        status = web.wait(SECONDS)
        work.stop("web")
        if before or status != -number:
            raise Failure(f"{len(before)} spans came before the end, which was {status}")
        if not harness.wait_for(lambda: load(work.collector_file), SECONDS):
            raise Failure("no span came")
        (one,) = load(work.collector_file)
        if one.kind != SERVER or one.attrs["url.path"] != "/hello":
            raise Failure(f"{one}")
    return check


def server(name, what, web, number):
    web.env = {**web.env, **LATE}
    return Case(f"signal-{name}", what, servers=[web], needs=("curl",), same=False, exact=False, run=["true"],
                env={"LD_PRELOAD": None}, check=ended_by(number))


CASES = [
    client("python", "KeyboardInterrupt that nobody handles", ["{python}", "-c", PYTHON], same=False),
    client("node", "node raises it again in its handler", ["node", "-e", JAVASCRIPT], by=signal.SIGTERM, needs=("node",)),
    client("ruby", "ruby puts the default action back", ["ruby", "-e", RUBY], needs=("ruby",), same=False),
    client("perl", "perl kills itself", ["perl", "-e", PERL], needs=("perl",)),
    client("bash", "a shell that kills itself, and its child", ["bash", "-c", BASH], by=signal.SIGHUP, needs=("bash", "curl"),
           expect=[BASH_ENDS, process("client", id="curl", parent="bash"), http_client("probe", "/one", parent="curl")]),
    within("exit", "a handler that ends the process by _exit in the middle of a lookup", "exit", 3),
    within("raise", "and by the signal itself", "raise", -signal.SIGALRM),
    server("node-int", "Ctrl-C ends a server in node", node("web", "server.js"), signal.SIGINT),
    server("node-term", "SIGTERM ends a server in node", node("web", "server.js"), signal.SIGTERM),
    server("python-int", "Ctrl-C ends a server in Python", python_program("web", "polite.py"), signal.SIGINT),
]
