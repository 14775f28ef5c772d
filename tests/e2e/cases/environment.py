"""The environment, in both directions: what we are told by it, what children find in it, and what
becomes of a program whose surroundings are hostile."""
import os
import re
import signal

from case import Case
from harness import TOP, Failure
from probes import bare_probe, each_names_its_span, requests_at, together
from spans import http_client, process
from telemetry import INTERNAL, PRESENT, ROOT

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED, UNSAMPLED = f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00"
CURL = ["curl", "-s", "http://127.0.0.1:{probe}/one"]
ASKED = [process(id="curl", parent=ROOT), http_client("probe", "/one", parent="curl")]
SHOW = ["sh", "-c", "env | grep -E '^(TRACEPARENT|TRACESTATE|BAGGAGE)=' | sort"]
STDERR = {"OTEL_AUTO_LOG": None, "OTEL_LOG_LEVEL": None}  # our own messages where they go by default


def below_given_parent(result):
    if [(span.trace_id, span.kind) for span in result.spans if span.parent_id == PARENT] != [(TRACE, INTERNAL)]:
        raise Failure(f"not one process below {PARENT}: {result.spans}")


def prints(pattern):
    def check(result):
        if not re.fullmatch(pattern, result.stdout):
            raise Failure(f"{result.stdout!r} does not match {pattern!r}")
    return check


def says(*words):
    """One line of ours for each of the words, and nothing else, on stderr."""
    def check(result):
        lines = result.stderr.splitlines()
        for word in words:
            if sum(word in line for line in lines) != 1:
                raise Failure(f"not one line about {word}: {result.stderr}")
        if len(lines) != len(words) or not all(line.startswith("otel-auto: ") for line in lines):
            raise Failure(f"{len(words)} lines expected:\n{result.stderr}")
    return check


def sends(traceparent):
    def check(result):
        if not re.fullmatch(traceparent, requests_at(result, "probe")[0].one("traceparent")):
            raise Failure(f"{requests_at(result, 'probe')[0].headers} came")
    return check


def not_evil(result):
    (request,) = requests_at(result, "probe")
    if request.all("evil") or "Evil" in str([value for _, value in request.headers]):
        raise Failure(f"{request.headers}")


def logged(text):
    def check(result):
        if result.work.fill(text) not in result.work.text("otel-auto.log"):
            raise Failure(f"our log says {result.work.text('otel-auto.log')!r}")
    return check


def no_header(result):
    if requests_at(result, "probe")[0].all("traceparent"):
        raise Failure("a traceparent was sent")


def asks(name, what, run=None, expect=None, **more):
    more.setdefault("check", each_names_its_span("probe", 1))
    more.setdefault("traces", 1)
    return Case(name, what, servers=[bare_probe("probe")], needs=("curl",), run=run or CURL,
                expect=ASKED if expect is None else expect, **more)


def resource_has(**wanted):
    def check(result):
        for span in result.spans:
            found = {key: span.resource.get(key.replace("_", ".")) for key in wanted}
            if found != wanted:
                raise Failure(f"the resource has {found}")
    return check


def alone(*commands):
    return [["mkdir", "{dir}/alone"], ["cp", "{build}/libotel-auto.so", "{dir}/alone/"], *commands]


ALONE = {"LD_PRELOAD": "{runtime}:{dir}/alone/libotel-auto.so"}
BAD = {"OTEL_TRACES_SAMPLER": "sometimes", "OTEL_BSP_SCHEDULE_DELAY": "soon", "OTEL_BSP_MAX_QUEUE_SIZE": "0",
       "OTEL_EXPORTER_OTLP_PROTOCOL": "smoke", "OTEL_PROPAGATORS": "tracecontext,pigeon", "OTEL_SDK_DISABLED": "yes",
       "OTEL_EXPORTER_OTLP_HEADERS": "no-equals-sign", "OTEL_RESOURCE_ATTRIBUTES": "key=%zz",
       "OTEL_EXPORTER_OTLP_TIMEOUT": "-1"}

CONFIG = """file_format: "1.1"
resource:
  attributes: [{name: service.name, value: client}, {name: team, value: "${TEAM:-none}"}]
propagator: {composite: [tracecontext: , baggage: ]}
instrumentation/development: {general: {http: {client: {request_captured_headers: [Host]}}}}
tracer_provider:
  processors:
    - batch: {exporter: {otlp_http: {endpoint: "http://127.0.0.1:{collector}/v1/traces"}}}
"""


def in_handler(name, what, argument, status):
    """Ten times, since the moment is a matter of luck."""
    return Case(f"{name}-in-handler", what, needs=("cc",), status=status, seconds=10, exact=False,
                setup=[["cc", "-O2", "-o", "{dir}/handler", "{programs}/exit_in_handler.c"]],
                run=["sh", "-c", f"for i in 1 2 3 4 5 6 7 8 9 10; do {{dir}}/handler {argument} && exit 9; status=$?; done; exit $status"])


CASES = [
    Case("traceparent-parent", "TRACEPARENT is the parent of the process", run=["true"], traces=1,
         env={"TRACEPARENT": SAMPLED, "TRACESTATE": "a=1"}, expect=[process()], check=below_given_parent),
    Case("traceparent-invalid", "a TRACEPARENT that is none: a root", run=["true"],
         env={"TRACEPARENT": SAMPLED[:-1]}, expect=[process(parent=ROOT)]),
    Case("traceparent-unsampled", "flags 00 in TRACEPARENT: no span, and children are told", run=SHOW, same=False,
         env={"TRACEPARENT": UNSAMPLED, "TRACESTATE": "a=1", "BAGGAGE": "k=v"},
         check=prints(f"BAGGAGE=k=v\nTRACEPARENT=00-{TRACE}-[0-9a-f]{{16}}-00\nTRACESTATE=a=1\n")),
    Case("traceparent-child", "children find their parent's ids", run=[*SHOW[:2], SHOW[2] + "; :"], same=False,
         env={"TRACEPARENT": SAMPLED, "BAGGAGE": "k=v"}, exact=False, traces=1, expect=[process(id="sh")],
         check=together(prints(f"BAGGAGE=k=v\nTRACEPARENT=00-{TRACE}-(?!{PARENT})[0-9a-f]{{16}}-01\n"),
                        below_given_parent)),
    Case("traceparent-unset", "a program that becomes another without TRACEPARENT keeps its parent",
         run=["env", "-u", "TRACEPARENT", "sh", "-c", "exec true"], env={"TRACEPARENT": SAMPLED}, traces=1,
         expect=[process()], check=below_given_parent),
    Case("traceparent-own", "a TRACEPARENT that a program gives the one that it becomes counts",
         run=["env", f"TRACEPARENT={SAMPLED}", "true"], traces=1, expect=[process()], check=below_given_parent,
         env={"TRACEPARENT": SAMPLED.replace(TRACE, TRACE[::-1])}),
    Case("traceparent-own-late", "but not over one that a child has been given: no child without its parent",
         run=["bash", "-c", f"/bin/true; export TRACEPARENT={SAMPLED.replace(TRACE, TRACE[::-1])}; exec env"], traces=1,
         expect=[process(id="bash", attrs={"process.executable.name": "env"}),
                 process(parent="bash", attrs={"process.executable.name": "true"})],
         env={"TRACEPARENT": SAMPLED}, same=False, check=below_given_parent),
    Case("traceparent-disabled", "OTEL_SDK_DISABLED: children find what we were given", run=SHOW,
         env={"TRACEPARENT": SAMPLED, "TRACESTATE": "a=1", "OTEL_SDK_DISABLED": "true"}),
    Case("traceparent-off", "OTEL_AUTO_PROPAGATE_ENV=false: the environment is passed on as it is", run=SHOW,
         env={"TRACEPARENT": SAMPLED, "OTEL_AUTO_PROPAGATE_ENV": "false"}, exact=False),
    Case("traceparent-none", "OTEL_PROPAGATORS=none: TRACEPARENT is not ours to read or write", run=SHOW,
         env={"TRACEPARENT": SAMPLED, "OTEL_PROPAGATORS": "none"}, exact=False,
         expect=[process(parent=ROOT, attrs={"process.executable.name": "dash"})]),
    asks("process-off", "no process span: a request hangs below TRACEPARENT itself",
         env={"TRACEPARENT": SAMPLED, "OTEL_INSTRUMENTATION_PROCESS_ENABLED": "false"},
         expect=[http_client("probe", "/one")],
         check=lambda result: None if result.spans[0].parent_id == PARENT else below_given_parent(result)),
    asks("exporter-none", "OTEL_TRACES_EXPORTER=none: nothing is sent, the trace travels", expect=[], traces=None,
         env={"OTEL_TRACES_EXPORTER": "none", "TRACEPARENT": SAMPLED}, check=sends(f"00-{TRACE}-[0-9a-f]{{16}}-01")),
    asks("sampler-off", "OTEL_TRACES_SAMPLER=always_off: and says so", expect=[], traces=None,
         env={"OTEL_TRACES_SAMPLER": "always_off"}, check=sends("00-[0-9a-f]{32}-[0-9a-f]{16}-02")),
    asks("sampler-ratio", "a ratio of nothing; the parent's word is not asked", expect=[], traces=None,
         env={"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0", "TRACEPARENT": SAMPLED},
         check=sends(f"00-{TRACE}-[0-9a-f]{{16}}-00")),
    asks("sampler-parent", "a ratio of nothing, but the parent is recorded",
         env={"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0",
              "TRACEPARENT": SAMPLED}, expect=[process(id="curl"), *ASKED[1:]]),
    asks("carrier-attack", "line ends in TRACESTATE and BAGGAGE do not become headers",
         env={"TRACEPARENT": SAMPLED, "TRACESTATE": "a=1\r\nEvil: 1", "BAGGAGE": "k=v\r\nEvil: 2,l=w\n"},
         expect=[process(id="curl"), *ASKED[1:]], check=together(each_names_its_span("probe", 1), not_evil)),
    asks("http-off", "no HTTP spans: the header names the process", check=lambda result: None,
         env={"OTEL_INSTRUMENTATION_HTTP_ENABLED": "false"}, expect=[process(parent=ROOT)]),

    asks("peer-service", "a name for what stands behind an address, and a query parameter that does not leave",
         env={"OTEL_INSTRUMENTATION_COMMON_PEER_SERVICE_MAPPING": "127.0.0.1=any,127.0.0.1:{probe}/one=first",
              "OTEL_INSTRUMENTATION_SANITIZATION_URL_EXPERIMENTAL_SENSITIVE_QUERY_PARAMETERS": "key"},
         run=[*CURL[:2], CURL[2] + "?key=secret&sig=1"],
         expect=[ASKED[0], http_client("probe", "/one?key=REDACTED&sig=1", parent="curl",
                                       attrs={"service.peer.name": "first"})]),

    Case("child-env", "whatever a child is given reaches it, by every way of starting one",
         run=["{python}", "{programs}/child_env.py"], status=5, exact=False, seconds=40,
         expect=[process(exit_code=5, parent=ROOT)]),
    asks("fork", "a forked child that does not exec works for the process that it came from",
         run=["{python}", "{programs}/forks.py", "http://127.0.0.1:{probe}"],
         expect=[process(id="python", parent=ROOT), *(http_client("probe", f"/{who}", parent="python")
                                                      for who in ("before", "child", "after", "thread"))],
         check=each_names_its_span("probe", 4)),

    Case("bad-variables", "one line for each bad variable, and the defaults", run=["true"], same=False,
         env={**STDERR, **BAD}, expect=[process(parent=ROOT)], check=says(*BAD)),
    Case("log-level-none", "OTEL_LOG_LEVEL=none: bad variables are not said", run=["true"],
         env={**STDERR, **BAD, "OTEL_LOG_LEVEL": "none"}, expect=[process(parent=ROOT)]),
    Case("log-level-error", "OTEL_LOG_LEVEL=error: warnings are not said", run=["true"],
         env={**STDERR, **BAD, "OTEL_LOG_LEVEL": "Error"}, expect=[process(parent=ROOT)]),
    Case("log-level-unknown", "a level that is none is said, and the others are as if it were not set", run=["true"],
         same=False, env={**STDERR, **BAD, "OTEL_LOG_LEVEL": "loud"}, expect=[process(parent=ROOT)],
         check=says("OTEL_LOG_LEVEL", *BAD)),
    Case("no-words", "nothing is said, nothing printed, when all is well", run=["true"], env=STDERR,
         expect=[process(parent=ROOT)]),
    Case("stderr-gone", "whoever read stderr has gone: what we say of a bad variable is not the program's end", same=False,
         run=["sh", "-c", "{ sleep 0.2; /bin/true; echo $?; } 2>&1 >{dir}/status | :; cat {dir}/status"], exact=False,
         env={**STDERR, **BAD}, check=prints("0\n")),
    Case("log-fifo", "a pipe that nobody reads is no place for our messages, and nothing to wait for", run=["true"],
         setup=[["mkfifo", "{dir}/fifo"]], env={**BAD, "OTEL_AUTO_LOG": "{dir}/fifo"}, expect=[process(parent=ROOT)],
         seconds=5),
    Case("name-unset", "a service without a name, and resource attributes", run=["true"],
         env={"OTEL_SERVICE_NAME": None, "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=t%20t,team=a"},
         expect=[process("unknown_service:true", parent=ROOT)],
         check=resource_has(deployment_environment_name="t t", team="a", telemetry_distro_name="libotel-auto")),

    Case("entities", "OTEL_ENTITIES: attributes of the resource, but for the part that is malformed", run=["true"],
         same=False, env={**STDERR, "OTEL_ENTITIES": "zone{zone.id=z%20z}[team=a]@https://e/1;bad{};rack{rack.id=7}"},
         expect=[process(parent=ROOT)], check=together(resource_has(zone_id="z z", team="a", rack_id="7"),
                                                       says("OTEL_ENTITIES"))),
    Case("name-script", "a script gives its name to the service that nobody has named, not its interpreter",
         run=["{python}", "{dir}/shop.py"], files={"shop.py": "print('sold')\n"}, env={"OTEL_SERVICE_NAME": None},
         expect=[process("unknown_service:shop.py", parent=ROOT)]),
    Case("name-module", "so does a module", run=["{python}", "-m", "shop"], files={"shop.py": "print('sold')\n"},
         env={"OTEL_SERVICE_NAME": None}, expect=[process("unknown_service:shop", parent=ROOT)]),
    Case("detectors", "detectors that are chosen", run=["true"], env={"OTEL_EXPERIMENTAL_RESOURCE_DETECTORS": "os"},
         expect=[process(parent=ROOT)], check=resource_has(os_type="linux", host_arch=None, process_pid=None)),

    Case("exit-0-said", "OTEL_AUTO_EXIT_TIMEOUT=0: what is not sent is said", run=["true"], same=False, traces=None,
         env={**STDERR, "OTEL_AUTO_EXIT_TIMEOUT": "0"}, expect=[], check=says("1 spans or log records dropped: exit")),
    Case("detectors-keys", "what detectors leave out", run=["true"], expect=[process(parent=ROOT)],
         env={"OTEL_RESOURCE_DISABLED_KEYS": "process.*,os.type,host.id"},
         check=resource_has(os_type=None, process_pid=None, telemetry_sdk_language="c")),

    asks("config-file", "OTEL_CONFIG_FILE decides, and variables that it does not name do not count",
         files={"otel.yaml": CONFIG}, check=together(each_names_its_span("probe", 1), resource_has(team="a,b")),
         env={**STDERR, "OTEL_CONFIG_FILE": "{dir}/otel.yaml", "TEAM": "a,b", "OTEL_TRACES_SAMPLER": "always_off",
              "OTEL_SDK_DISABLED": "perhaps", "OTEL_SERVICE_NAME": "other"},
         expect=[ASKED[0], http_client("probe", "/one", parent="curl",
                                       attrs={"http.request.header.host": PRESENT})]),
    Case("config-file-beside", "a bad variable beside a file is said once, if the file wants it said", run=["true"],
         env={**STDERR, "OTEL_CONFIG_FILE": "{dir}/otel.yaml", "OTEL_AUTO_HTTP_ROUTE": "perhaps"}, same=False,
         files={"otel.yaml": CONFIG}, expect=[process(parent=ROOT)], check=says("OTEL_AUTO_HTTP_ROUTE")),
    Case("config-file-beside-quiet", "a file whose log_level is none speaks for the variables beside it too",
         run=["true"], files={"otel.yaml": CONFIG + "\nlog_level: none\n"}, expect=[process(parent=ROOT)],
         env={**STDERR, "OTEL_CONFIG_FILE": "{dir}/otel.yaml", "OTEL_AUTO_HTTP_ROUTE": "perhaps"}),
    Case("config-file-own-malloc", "a program with an allocator of its own: what libyaml frees is what it was given",
         setup=[["cc", "-O1", "-fno-builtin", "-rdynamic", "-o", "{dir}/own", "{programs}/own_malloc.c"]],
         needs=("cc",), run=["{dir}/own"], files={"otel.yaml": CONFIG}, sanitized=False,
         env={**STDERR, "OTEL_CONFIG_FILE": "{dir}/otel.yaml"}, expect=[process(parent=ROOT)]),
    asks("config-file-excluded", "a program that is left out reads no file", expect=[], traces=None, check=no_header,
         env={**STDERR, "OTEL_CONFIG_FILE": "{dir}/none.yaml", "OTEL_AUTO_EXCLUDE": "curl"}),
    asks("config-file-ignored", "one line says what of a file there is not here", same=False,
         env={**STDERR, "OTEL_EXPERIMENTAL_CONFIG_FILE": "{dir}/otel.yaml"}, files={"otel.yaml": CONFIG + "\nviews: []\n"},
         check=together(each_names_its_span("probe", 1), says("OTEL_CONFIG_FILE: ignored")), expect=ASKED),
    asks("config-file-bad", "a file that is none: one line, no telemetry, and traces pass through", expect=[],
         traces=None, same=False, env={**STDERR, "OTEL_CONFIG_FILE": "{dir}/otel.yaml", "TRACEPARENT": SAMPLED},
         files={"otel.yaml": CONFIG.replace("]", "")}, check=together(sends(SAMPLED), says("OTEL_CONFIG_FILE"))),
    asks("config-file-absent", "a file that is not there", expect=[], traces=None, same=False,
         env={**STDERR, "OTEL_CONFIG_FILE": "{dir}/otel.yaml"}, check=says("otel.yaml cannot be read")),

    asks("sdk-missing", "the second object is not there: the program runs, nothing is sent", setup=alone(), env=ALONE,
         expect=[], check=logged("cannot open {dir}/alone/libotel-auto-sdk.so"), traces=None),
    asks("sdk-damaged", "the second object is no library", env=ALONE, expect=[], traces=None,
         check=logged("cannot open {dir}/alone/libotel-auto-sdk.so"),
         setup=alone(["cp", "{programs}/took.py", "{dir}/alone/libotel-auto-sdk.so"])),
    asks("preload-twice", "our library named twice, and a second copy of it: one of them works", setup=alone(),
         env={"LD_PRELOAD": "{preload}:{preload}:{dir}/alone/libotel-auto.so"}),
    asks("auto-disabled", "OTEL_AUTO_DISABLED: as if not there", env={"OTEL_AUTO_DISABLED": "true"}, expect=[],
         check=no_header, traces=None),

    asks("signals-blocked", "a program that keeps all signals blocked is seen like any other",
         run=["{python}", "{programs}/blocked.py", "http://127.0.0.1:{probe}/one"],
         expect=[process(id="python", parent=ROOT), http_client("probe", "/one", parent="python")]),
    in_handler("exit", "exit in a signal handler, in the middle of malloc: no harm, no hang", "", 3),
    in_handler("raise", "so is a signal that is raised again there", "raise", 128 + signal.SIGALRM),
    in_handler("raise-nodefer", "and where the handler blocks nothing", "nodefer", 128 + signal.SIGALRM),

    asks("limit-files", "eight descriptors are enough", run=["bash", "-c", "ulimit -n 8; exec " + " ".join(CURL)]),
    asks("limit-files-none", "too few even for the program: it fails as it does bare",
         run=["bash", "-c", "ulimit -n 5; exec " + " ".join(CURL)], status=7, exact=False, expect=[], check=None),
    asks("limit-size", "files of no size at all: the program is not killed for ours",
         run=["bash", "-c", "(ulimit -f 0; exec " + " ".join(CURL) + ") | cat; exit ${PIPESTATUS[0]}"], exact=False,
         expect=[process(id="curl", attrs={"process.executable.name": "curl"}),
                 http_client("probe", "/one", parent="curl")]),
    Case("limit-size-console", "nor for what the console exporter would write",
         run=["bash", "-c", "ulimit -f 0; exec true"], env={"OTEL_TRACES_EXPORTER": "console"}),
    asks("limit-memory", "little address space", exact=False, expect=[], check=None, traces=None,
         run=["bash", "-c", "[ \"$ASAN_OPTIONS\" ] || ulimit -v 100000; exec " + " ".join(CURL)]),
    Case("closed-streams", "standard streams that are closed stay so: nothing of ours lands there",
         servers=[bare_probe("probe")], needs=("curl",),
         run=["bash", "-c", " ".join(CURL) + " -o got 0<&- 1>&- 2>&-; cat got"],
         exact=False, expect=ASKED[1:], env=STDERR),
]


if os.geteuid() == 0 and all(os.stat(folder).st_mode & 0o5 == 0o5 for folder in [TOP, *TOP.parents]):
    CASES.append(asks(
        "limit-threads", "no thread may be created: the program runs, with or without telemetry",
        run=["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "bash", "-c",
             "ulimit -u 0; exec " + " ".join(CURL)], exact=False, expect=[], check=None, traces=None))
