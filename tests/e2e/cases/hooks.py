"""What the hooks see of the victims (tests/victims): the transcripts say that nothing changed for the
program, these cases say that everything was seen all the same."""
import collections
import re

from case import Case
from harness import Failure
from telemetry import CLIENT, INTERNAL, ROOT, SERVER, span


def victim(name, what, check, env=None, **more):
    return Case(f"hooks-{name}", what, run=["{build}/victims/" + name + "_victim"], service="victim", same=False,
                exact=False, check=check, seconds=60.0, env={"OTEL_PROPAGATORS": "none", **(env or {})}, **more)


def of(result, kind, **attrs):
    """The spans of a kind with these attributes; _ stands for a dot in their names."""
    return [one for one in result.spans if one.kind == kind and
            all(one.attrs.get(key.replace("__", ".")) == value for key, value in attrs.items())]


def count(result, wanted, kind, **attrs):
    found = of(result, kind, **attrs)
    if len(found) != wanted:
        raise Failure(f"{len(found)} {kind} spans with {attrs}, {wanted} expected")
    return found


def exchanges(result, wanted, **attrs):
    """GET /victim, answered by 200: both ends."""
    count(result, wanted, SERVER, url__path="/victim", http__response__status_code=200, **attrs)
    count(result, wanted, CLIENT, url__full="http://victim.test/victim", http__response__status_code=200)


def fd(result):
    """Two exchanges on each high number that the system allows, 14 while numbers are taken away."""
    high = len(re.findall(r"^descriptor \d+$", result.stdout, re.M))
    exchanges(result, 2 * high + 14)


def sockets(result):
    count(result, 5, CLIENT, error__type="connection_refused", network__transport="tcp")
    if "no ::1 here" not in result.stdout:
        exchanges(result, 1, client__address="::1")


def streams(result):
    """Bodies by sendfile and splice count; what is half a request is nobody's span."""
    for one in count(result, 2, SERVER, url__path="/a", http__response__status_code=200):
        if one.attrs.get("http.request.body.size") != 11:
            raise Failure(f"{one}: a body of 11 bytes was sent")


def messages(result):
    """Descriptors that came over a socket are followed under their new numbers."""
    exchanges(result, 1)


def fortified(result):
    count(result, 1, SERVER, url__path="/fortified", error__type="_OTHER")
    count(result, 1, CLIENT, url__full="http://victim.test/fortified", error__type=None)


def readiness(result):
    count(result, 3, SERVER, url__path="/", http__response__status_code=204)


def lookups(result):
    own = of(result, INTERNAL)
    found = [one for one in result.spans if one.name == "DNS lookup"]
    if len(own) != 1 or any(one.parent_id != own[0].span_id for one in found):
        raise Failure("a look-up does not hang below the process")
    failed = {(one.attrs["dns.question.name"].split(".")[0], one.attrs.get("error.type")) for one in found}
    wanted = {("host", None), ("localhost", None), ("xname", "EAI_NONAME"), ("xname", "HOST_NOT_FOUND"),
              ("sick", "EAI_AGAIN"), ("sick", "TRY_AGAIN"), ("refused", "EAI_AGAIN"), ("empty", "EAI_NODATA"),
              ("empty", "NO_DATA"), ("host", "EAI_SERVICE"), ("host", "EAI_FAMILY"), ("host", "EAI_BADFLAGS")}
    if not wanted <= failed:
        raise Failure(f"missing: {sorted(map(str, wanted - failed))}")
    answers = {tuple(one.attrs["dns.answers"]) for one in found
               if one.attrs["dns.question.name"] == "host.victim.test" and "dns.answers" in one.attrs}
    if not {("192.0.2.7",), ("2001:db8::7",)} <= answers:
        raise Failure(f"host.victim.test is {answers}")


STARTED = 16  # programs started by exec and spawn with the library in their environment


def processes(result):
    """Every program that was started hangs below the first one, and its work below it."""
    first = [one for one in of(result, INTERNAL) if not one.parent_id]
    shown = [one for one in of(result, INTERNAL, process__exit__code=3, process__executable__name="process_victim")]
    if len(first) != 1 or len(shown) != STARTED:
        raise Failure(f"{len(first)} first programs, {len(shown)} started ones, {STARTED} expected")
    children = collections.defaultdict(list)
    for one in result.spans:
        children[one.parent_id].append(one)
    for one in shown:
        clients = [child for child in children[one.span_id] if child.kind == CLIENT]
        if one.parent_id != first[0].span_id or len(clients) != 1 or len(children[clients[0].span_id]) != 1:
            raise Failure(f"{one} is not below the first program, or not above its own work")


def exits(result):
    """Work before the end and in exit handlers is told, whatever the way out: twice by exit, exit(-1) and main, once by
    quick_exit, _exit, _Exit and six signals to itself, twice where such signals change nothing; abort and SIGKILL
    take what was not exported yet."""
    found, told = of(result, SERVER, url__path="/victim"), 2 * 3 + 3 + 6 + 2
    if not told <= len(found) <= told + 2:
        raise Failure(f"{len(found)} requests were told")


INSIDE_NAMESPACES, BY_NUMBER, BEFORE_FILTERS = 9, 3, 4


def sandboxes(result):
    """What was recorded before a filter is told, what came behind it is not."""
    if of(result, SERVER, url__path="/inside"):
        raise Failure("something was recorded behind a filter")
    exchanges(result, INSIDE_NAMESPACES + BY_NUMBER + BY_NUMBER + BEFORE_FILTERS)


def threads(result):
    if len(of(result, SERVER, url__path="/victim")) < 500:
        raise Failure("requests of threads are missing")


def rewritten(result):
    """Each request was given its line, and the program saw nothing of it."""
    if "lines were inserted" in result.stdout or "broken" in result.stdout:
        raise Failure(result.stdout)
    found = [one for one in of(result, CLIENT) if one.attrs.get("url.full", "").startswith("http://victim.test/body/")]
    if len(found) < 399 or len({one.span_id for one in found}) != len(found):
        raise Failure(f"{len(found)} client spans")


def system_log(result):
    """Every message once, but those that are masked or whose format stores (%n)."""
    bodies = collections.Counter(one.body for one in result.logs)
    lines = [f"thread {i}" for i in range(200)]
    if any(bodies[line] != 4 for line in lines) or bodies["masked"] or any("stored" in body for body in bodies):
        raise Failure(str(bodies))
    said = {"plain": 2, "errno is Unknown error 4095, 7 seven 7.50": 2, "list x Unknown error 4095": 2, "checked list x Unknown error 4095": 2,
            "checked x Unknown error 4095": 2, "not masked": 1, "in a handler of 10, Unknown error 4095": 1, "a child Unknown error 4095": 1,
            "bits that are no priority": 1, "nor is this": 1, "opened again": 1, "100% and     3": 2, "": 5, "long " + 8187 * "x": 1}
    wrong = {body: bodies[body] for body in said if bodies[body] != said[body]}
    if wrong or len(result.logs) != 828:
        raise Failure(f"{len(result.logs)} records; {wrong}")
    facilities = collections.Counter(one.attrs.get("syslog.facility") for one in result.logs)
    if facilities != {16: 15, None: 1, 2: 12, 1: 800}:
        raise Failure(f"facilities: {facilities}")


def output(result):
    """Lines of four threads on one stream: each is whole, and there once; and what never passed a function. Lines are put
    together as calls come, not as buffers are written out."""
    bodies = collections.Counter(one.body for one in result.logs)
    said = {"odd": 1000, "even": 1000, "in a handler": 1, "the last words, without a newline": 1, "ends in a child a half line": 1,
            "the child's": 1, "in the file": 2, "x": 2, **{f"line {i} of a terminal": 1 for i in range(50)}}
    wrong = {body: bodies[body] for body in said if bodies[body] != said[body]}
    if wrong or not bodies["past every function"]:
        raise Failure(f"{wrong}, {bodies['past every function']} past every function")


CASES = [
    victim("fd", "descriptors that are copied, renumbered and taken away", fd),
    victim("socket", "connections of every family, refused in every way", sockets),
    victim("stream", "read, write and what goes from descriptor to descriptor", streams),
    victim("message", "messages, and descriptors inside them", messages),
    victim("log", "messages to the system's log", system_log),
    victim("output", "lines on a stdout that is one thing or another", output,
           env={"OTEL_INSTRUMENTATION_STDIO_ENABLED": "true", "OTEL_BLRP_MAX_QUEUE_SIZE": "100000"}),
    victim("fortify", "what fortified programs call", fortified),
    victim("ready", "waits", readiness),
    victim("name", "look-ups: question, answers and errors", lookups, expect=[span(None, INTERNAL, parent=ROOT)]),
    victim("process", "programs that start programs", processes, env={"OTEL_PROPAGATORS": "tracecontext"}, traces=1),
    victim("exit", "ways out", exits),
    victim("loader", "namespaces, calls by number, filters", sandboxes, sanitized=False),
    victim("thread", "threads", threads, sanitized=False),
    victim("rewrite", "requests that get a header on their way", rewritten,
           env={"OTEL_PROPAGATORS": "tracecontext", "VICTIM_INJECTED": "1"}),
    Case("hooks-daemon-threads", "threads that leave by pthread_exit while the interpreter ends", run=["{python}", "{programs}/daemon_threads.py"],
         expect=[span(None, INTERNAL, parent=ROOT)]),
]
