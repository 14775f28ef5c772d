"""Programs that start programs: who is whose child, in every way that shells and Python know."""
import re

from case import Case
from harness import Failure
from probes import bare_probe, requests_at
from spans import http_client, process
from telemetry import INTERNAL, ROOT

URL = "http://127.0.0.1:{probe}"
CURL = "curl -s " + URL


def program(name, **more):
    return process(attrs={"process.executable.name": re.compile(f"^{name}")}, **more)


def script(name, what, text, expect, shell="bash", needs=(), **more):
    more.setdefault("traces", 1)
    return Case(name, what, servers=[bare_probe("probe")], needs=("curl", shell, *needs), run=[shell, "-c", text],
                expect=expect, **more)


def one_fetch(path, parent):
    """curl below `parent`, and its request."""
    return [program("curl", id="curl" + path, parent=parent), http_client("probe", path, parent="curl" + path)]


def one_process_per_pid(result):
    pids = [span.attrs["process.pid"] for span in result.spans if span.kind == INTERNAL]
    if len(pids) != len(set(pids)):
        raise Failure(f"a process has two spans: {pids}")


def arrives_without_context(result):
    (request,) = requests_at(result, "probe")
    if request.all("traceparent"):
        raise Failure(f"a program without the library sent {request.headers}")


BASH = program("bash", id="bash", parent=ROOT)

CASES = [
    script("bash-last-command", "bash turns into its last command: one process, one span, named after the end",
           CURL + "/one", [program("curl", id="curl", parent=ROOT), http_client("probe", "/one", parent="curl")]),
    script("bash-exec", "exec: the process keeps its span, from bash's start to curl's end",
           "true; exec " + CURL + "/one",
           [program("curl", id="curl", parent=ROOT), http_client("probe", "/one", parent="curl")],
           check=one_process_per_pid),
    script("bash-pipe", "both ends of a pipe are children of the shell", CURL + "/one | cat; true",
           [BASH, *one_fetch("/one", "bash"), program("cat", parent="bash")]),
    script("bash-subshell", "a subshell that forks and does not exec has no span; its children are the shell's",
           f"( {CURL}/one; {CURL}/two; : ); :", [BASH, *one_fetch("/one", "bash"), *one_fetch("/two", "bash")]),
    script("bash-background", "jobs in the background", f"{CURL}/one >a & {CURL}/two >b & wait; cat a b; :",
           [BASH, *one_fetch("/one", "bash"), *one_fetch("/two", "bash"), program("cat", parent="bash")]),
    script("bash-substitution", "a command substitution", f'echo "$({CURL}/one)"; :',
           [BASH, *one_fetch("/one", "bash")]),
    script("bash-nested", "a shell in a shell", f"bash -c '{CURL}/one; :'; :",
           [BASH, program("bash", id="inner", parent="bash"), *one_fetch("/one", "inner")]),
    script("bash-env-i", "an environment emptied on purpose stays empty",
           f"env -i env; env -i $(command -v curl) -s {URL}/one; :", [BASH], check=arrives_without_context),
    script("bash-unset", "a script that takes our library out means it", f"unset LD_PRELOAD; {CURL}/one; :", [BASH],
           check=arrives_without_context),
    script("bash-xargs", "xargs -P: three at a time",
           f"seq 6 | xargs -P 3 -I% {CURL}/%; true",
           [BASH, program("seq", parent="bash"), program("xargs", id="xargs", parent="bash"),
            *(span for n in range(1, 7) for span in one_fetch(f"/{n}", "xargs"))], same=False),
    script("bash-fails", "exit statuses: of the child, of the shell, not found",
           "/bin/false; no-such-program; exit 3",
           [program("bash", exit_code=3, id="bash", parent=ROOT), program("false", exit_code=1, parent="bash")],
           status=3, traces=None),
    script("bash-signal", "a child that dies by a signal has no exit code, and no span",
           "bash -c 'kill -TERM $$'; echo $?", [BASH], exact=False),
    script("dash-pipe", "dash, which forks by vfork", f"{CURL}/one | cat; true",
           [program("dash", id="dash", parent=ROOT), *one_fetch("/one", "dash"), program("cat", parent="dash")],
           shell="dash"),
    script("make-jobs", "make: three jobs at a time", "make -s -j3 -f {dir}/jobs.mk | sort; :", needs=("make",),
           files={"jobs.mk": "all: 1 2 3\n1 2 3:\n\t@" + CURL + "/$@\n"},
           expect=[BASH, program("sort", parent="bash"), program("make", id="make", parent="bash"),
                   *(span for n in (1, 2, 3) for span in one_fetch(f"/{n}", "make"))]),
    script("find-exec", "find -exec, time, nice, sh -c: each is a program of its own",
           f"find {{dir}}/plain.txt -exec nice sh -c '{CURL}/one; :' \\;; :",
           [BASH, program("find", id="find", parent="bash"), program("dash", id="sh", parent="find"),
            *one_fetch("/one", "sh")], files={"plain.txt": "text\n"}),
]
