"""What is measured, and the budget of each. A measure is a function of (stand, quick) that yields rows;
the runs of the variants are interleaved, and a difference is the median of the differences of runs that
stood next to each other."""
import dataclasses
import os
import subprocess

from harness import PROGRAMS, Failure, free_port
from stand import LIFE_SECONDS, VARIANTS, Missing, cpu_ns, median, quartiles, resident, say, stop, worker_of
from variables import many


@dataclasses.dataclass(frozen=True)
class Effort:
    """How often each measure is repeated, and how much it does at a time. sessions, rounds: see Shape."""
    hooks: int
    calls: int  # rounds of one run of `calls`
    start: int
    sizes: int
    variables: int
    starts: int  # of one run of `spawn` for them
    meter: int
    requests: int  # of one run of `meter`
    encode: int
    batches: int  # of one run of `encode`
    memory: int
    seconds: float = 1  # of load at a time
    sessions: int = None
    rounds: int = None


EFFORTS = {
    "full": Effort(hooks=12, calls=41, start=250, sizes=5, variables=200, starts=24, meter=9, requests=1000000, encode=9,
                   batches=500, memory=3),
    "quick": Effort(hooks=4, calls=41, start=40, sizes=5, variables=40, starts=24, meter=3, requests=1000000, encode=3,
                    batches=500, memory=1, sessions=1, rounds=3),
    "smoke": Effort(hooks=1, calls=1, start=1, sizes=1, variables=1, starts=1, meter=1, requests=1000, encode=1,
                    batches=2, memory=1, seconds=0.05, sessions=1, rounds=1), # figures of this are none
}


@dataclasses.dataclass
class Row:
    """judged: the variant whose difference from bare the budget is about. ratio: the budget is a quotient."""
    name: str
    unit: str
    bare: float
    off: float
    on: float
    difference: float
    spread: tuple # lower and upper quartile of the differences; None: there is only one
    budget: float = None
    ratio: bool = False
    digits: int = 2

    def over(self):
        return self.budget is not None and self.difference > self.budget


def compared(name, unit, runs, budget=None, judged="on", ratio=False, digits=2):
    """runs: one {variant: figure} per round."""
    pairs = [run[judged] / run["bare"] if ratio else run[judged] - run["bare"] for run in runs]
    figures = {variant: median([run[variant] for run in runs]) for variant in VARIANTS}
    return Row(name, unit, **figures, difference=median(pairs), spread=quartiles(pairs) if len(pairs) > 1 else None,
               budget=budget, ratio=ratio, digits=digits)


# ---- hooked calls ------------------------------------------------------------------------------------

HOOKS = (("ignored", "call on a descriptor not followed", 3), ("unknown", "close of an unknown number", 3),
         ("stdio", "call of stdio, lines not recorded", 3), ("body", "recorded call (read of a body)", 60),
         ("request", "whole request, client and server", None))


def calls_requests(rounds):
    """What one run of `calls request` makes by way of the hooks."""
    return rounds * 250 + 62


def hooks(stand, effort):
    """calls compares libc's function with the linked one within a process; here processes are repeated, since
    where things lie in memory counts too. bare: libc's own in a preloaded process."""
    rounds, runs = effort.hooks, {kind: [] for kind, _, _ in HOOKS}
    recorded = stand.spans()
    for count in range(rounds):
        say(f"hooks {count}")
        figures = {kind: {} for kind in runs}
        for variant in VARIANTS:
            for line in stand.run("calls", effort.calls, *runs, variant=variant).splitlines():
                kind, bare, difference = line.split()
                figures[kind][variant] = float(difference)
                figures[kind].setdefault("libc", float(bare))
        for kind, figure in figures.items():
            runs[kind].append({"bare": figure["libc"], "off": figure["libc"] + figure["off"],
                               "on": figure["libc"] + figure["on"], "noise": figure["bare"]})
    share = (stand.spans() - recorded) / (2 * calls_requests(effort.calls) * rounds)
    noise = ", ".join(f"{kind} {median([run['noise'] for run in runs[kind]]):+.2f}" for kind in runs)
    stand.notes.append(f"hooks: without the library the same comparison gives (ns) {noise}; "
                       f"{100 * share:.1f} % of the requests' spans arrived")
    for kind, name, budget in HOOKS:
        yield compared(name, "ns", runs[kind], budget, digits=0 if kind == "request" else 1)


# ---- start-up ----------------------------------------------------------------------------------------

def start(stand, effort):
    """/bin/true: wall and CPU time of one start, and its resident size at exit."""
    rounds, starts = effort.start, 8
    wall, cpu, size = [], [], []
    sent = stand.spans()
    for count in range(rounds):
        say(f"start {count}")
        wall.append({})
        cpu.append({})
        for variant in VARIANTS:
            variables = [f"{name}={value}" for name, value in stand.variables(variant).items()]
            wall[-1][variant], cpu[-1][variant] = map(
                float, stand.run("spawn", starts, *variables, "/bin/true").split())
    sent = stand.spans() - sent
    if sent != rounds * starts:
        stand.notes.append(f"start: {sent} spans arrived of {rounds * starts} starts")
    for _ in range(effort.sizes):
        size.append({})
        for variant in VARIANTS:
            variables = [f"{name}={value}" for name, value in stand.variables(variant).items()]
            size[-1][variant] = float(stand.run("spawn", "rss", *variables, "/bin/true"))
    yield compared("exec /bin/true, nothing to send", "ms", wall, 0.08, judged="off", digits=3)
    yield compared("  the same, CPU time", "ms", cpu, judged="off", digits=3)
    yield compared("  the same, resident size", "KiB", size, 200, judged="off", digits=0)
    yield compared("exec /bin/true, one span sent", "ms", wall, 0.6, digits=3)
    yield compared("  the same, CPU time", "ms", cpu, digits=3)
    yield compared("  the same, resident size", "KiB", size, digits=0)


def variables(stand, effort):
    """/bin/true again: what 200 variables more cost the kernel and the loader (bare), and what the library adds."""
    rounds, starts, more = effort.variables, effort.starts, [f"{name}={value}" for name, value in many().items()]
    runs = []
    for count in range(rounds):
        say(f"variables {count}")
        runs.append({})
        for variant in ("bare", "off"):
            own = [f"{name}={value}" for name, value in stand.variables(variant).items()]
            took = {len(given): float(stand.run("spawn", starts, *own, *given, "/bin/true").split()[0])
                    for given in (((), more) if count % 2 else (more, ()))} # the second of a pair finds warmer caches
            runs[-1][variant] = took[len(more)] - took[0]
        runs[-1]["on"] = runs[-1]["off"] # reading them is the same
    yield compared(f"exec /bin/true, {len(more)} variables more", "ms", runs, 0.05, judged="off", digits=3)


# ---- metrics -----------------------------------------------------------------------------------------

def meter(stand, effort):
    """Recording, collecting and writing, apart from any program (tests/bench/meter.c)."""
    runs = []
    for count in range(effort.meter):
        say(f"meter {count}")
        runs.append(dict(line.split() for line in stand.run("meter", effort.requests).splitlines()))
    rows = (("one request in all its instruments", "ns", lambda run: float(run["record"]), 60, 1),
            ("  the same by 16 threads at once, as a quotient", "", lambda run: float(run["record16"]) / float(run["record"]),
             1.5, 2),
            ("scrape of 2,000 sets of attributes (34,000 lines)", "ms", lambda run: float(run["scrape"]) / 1e6, 5, 2),
            ("memory of a meter that has counted one request", "KiB", lambda run: float(run["memory"]) / 1024, 100, 0))
    for name, unit, figure, budget, digits in rows:
        figures = [figure(run) for run in runs]
        yield Row(name, unit, None, None, None, median(figures), quartiles(figures), budget, unit == "", digits)


def encode(stand, effort):
    """From a record of the ring to what is sent, and to a receiver's answer (tests/bench/encode.c, wire.c)."""
    runs, receivers = [], {"http/protobuf": stand.sink_port, "grpc": stand.collector()}
    for count in range(effort.encode):
        say(f"encode {count}")
        runs.append(dict(line.split() for line in stand.run("encode", 512 * effort.batches).splitlines()))
        for protocol, port in receivers.items():
            runs[-1][protocol] = stand.run("wire", protocol, f"http://127.0.0.1:{port}",
                                       512 * max(1, effort.batches * 2 // 5)).split()[1]
    rows = (("record to protobuf, a span of ten attributes", "us", "protobuf", 1e3, None, 2),
            ("  and sent by http/protobuf", "us", "http/protobuf", 1e3, 0.8, 2),
            ("  and sent by gRPC", "us", "grpc", 1e3, 1.5, 2), ("  and gzip", "us", "gzip", 1e3, None, 2),
            ("  in JSON", "us", "json", 1e3, None, 2), ("  bytes in protobuf", "", "protobuf_bytes", 1, None, 0))
    for name, unit, key, per, budget, digits in rows:
        figures = [float(run[key]) / per for run in runs]
        yield Row(name, unit, None, None, None, median(figures), quartiles(figures), budget, unit == "", digits)


# ---- servers under load ------------------------------------------------------------------------------

NGINX = """
worker_processes 1;
error_log {dir}/{name}.log warn;
pid {dir}/{name}.pid;
daemon off;
{user}
events {{ worker_connections 256; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000000;
    client_body_temp_path {dir}/{name}-body;
    proxy_temp_path {dir}/{name}-proxy;
    fastcgi_temp_path {dir}/{name}-fastcgi;
    uwsgi_temp_path {dir}/{name}-uwsgi;
    scgi_temp_path {dir}/{name}-scgi;
    {outside}
    server {{
        listen 127.0.0.1:{port};
        {inside}
    }}
}}
"""


def nginx(stand, name, variant, inside, outside=""):
    """(process to measure, port) of an nginx with one worker."""
    port, folder = free_port(), stand.work.folder
    text = NGINX.format(dir=folder, name=name, port=port, inside=inside, outside=outside,
                        user="user root;" if os.geteuid() == 0 else "")
    process = stand.serve(name, ["nginx", "-p", folder, "-c", folder / f"{name}.conf", "-e", folder / f"{name}.log"],
                          port, variant, {f"{name}.conf": text})
    return worker_of(process), port


def static(stand, variant):
    (stand.work.folder / "www").mkdir(exist_ok=True)
    (stand.work.folder / "www/hello.txt").write_text("hello\n" * 20, encoding="ascii")
    return nginx(stand, "server-" + variant, variant, f"root {stand.work.folder}/www;")


def upstream(stand):
    return nginx(stand, "server-upstream", "bare", 'location / { return 200 "hello\\n"; }')[1]


def proxy(stand, variant):
    if not any(name == "server-upstream" for name, _ in stand.work.running):
        stand.work.values["upstream"] = upstream(stand)
    back = f"upstream back {{ server 127.0.0.1:{stand.work.values['upstream']}; keepalive 64; " \
           "keepalive_requests 100000000; }"
    inside = 'location / { proxy_pass http://back; proxy_http_version 1.1; proxy_set_header Connection ""; }'
    return nginx(stand, "server-" + variant, variant, inside, back)


def node(stand, variant):
    port = free_port()
    process = stand.serve("server-" + variant, ["node", PROGRAMS / "server.js", port], port, variant)
    return process.pid, port


def hello(stand, variant):
    port = free_port()
    process = stand.serve("server-" + variant, [stand.build / "bench/hello", port, LIFE_SECONDS], port, variant)
    return process.pid, port


@dataclasses.dataclass
class Shape:
    """How a server is measured. sessions: how often the three variants are started anew, so that where things
    lie in memory does not decide; rounds: how often each is loaded in turn within a session."""
    label: str
    begin: object
    path: str
    spans: int
    warm_seconds: int = 1
    sessions: int = 3
    rounds: int = 7


def under_load(stand, shape, effort):
    """[{variant: us of CPU a request}], [us of that on the library's thread], share of spans that arrived."""
    runs, own, sent, answered = [], [], 0, 0
    sessions, rounds = effort.sessions or shape.sessions, effort.rounds or shape.rounds
    for session in range(sessions):
        try:
            servers = {variant: shape.begin(stand, variant) for variant in VARIANTS}
            for _, port in servers.values():
                stand.load(port, shape.warm_seconds * effort.seconds, shape.path)
            for count in range(rounds):
                say(f"{shape.label} {session}.{count}")
                runs.append({})
                spans = stand.spans()
                for variant in VARIANTS if count % 2 else reversed(VARIANTS):
                    pid, port = servers[variant]
                    before = cpu_ns(pid)
                    requests = stand.load(port, effort.seconds, shape.path)
                    after = cpu_ns(pid)
                    runs[-1][variant] = (after[0] - before[0]) / requests / 1e3
                    if variant == "on":
                        own.append((after[1] - before[1]) / requests / 1e3)
                        answered += requests
                sent += stand.spans() - spans
        finally:
            stop(stand.work, "server-")
    return runs, own, sent / (answered * shape.spans)


def loaded(label, name, begin, budget, path="/", spans=1, ratio=False, **more):
    shape = Shape(label, begin, path, spans, **more)

    def measure(stand, effort):
        with stand.on_one_cpu():
            runs, own, share = under_load(stand, shape, effort)
        stand.notes.append(f"{label}: {median(own):.2f} us a request of it on the library's own thread; "
                           f"{100 * share:.1f} % of the spans arrived")
        yield compared(name, "us", runs, budget, ratio=ratio)
    return measure


def sizes_of(stand, begin, path, seconds):
    """{variant: {what: KiB}} after so long under load."""
    try:
        servers = {variant: begin(stand, variant) for variant in VARIANTS}
        for _, port in servers.values():
            stand.load(port, seconds, path)
        return {variant: resident(pid) for variant, (pid, _) in servers.items()}
    finally:
        stop(stand.work, "server-")


def memory(stand, effort):
    """Resident size after load: bare against preloaded, and where the difference lies."""
    for label, begin, path in (("nginx worker", static, "/hello.txt"), ("small C server", hello, "/")):
        sizes = []
        for count in range(effort.memory):
            say(f"memory {label} {count}")
            sizes.append(sizes_of(stand, begin, path, effort.seconds))
        names = {name for size in sizes for groups in size.values() for name in groups}
        more = {name: median([size["on"].get(name, 0) - size["bare"].get(name, 0) for size in sizes])
                for name in names}
        largest = sorted(more, key=more.get, reverse=True)
        parts = ", ".join(f"{name} {more[name]:+.0f}" for name in largest if more[name])
        stand.notes.append(f"memory, {label} (KiB): {parts}")
        totals = [{variant: sum(groups.values()) for variant, groups in size.items()} for size in sizes]
        yield compared(f"resident size, {label}", "KiB", totals, 1536, digits=0)


MEASURES = {
    "hooks": hooks,
    "start": start,
    "variables": variables,
    "memory": memory,
    "meter": meter,
    "encode": encode,
    "static": loaded("static", "nginx, a small file: CPU a request", static, 2.0, "/hello.txt"),
    "proxy": loaded("proxy", "nginx, proxy_pass: CPU a request", proxy, 3.5, spans=2),
    "node": loaded("node", "node, hello: CPU a request", node, 1.10, ratio=True, warm_seconds=2),
}


SILENT = ("variables", "meter") # send no spans


def run(name, stand, effort):
    """Rows of one measure; a measure that cannot run here says so in the notes."""
    try:
        return list(MEASURES[name](stand, effort))
    except (Failure, OSError, ValueError, subprocess.SubprocessError) as failure:
        stand.notes.append(f"{name}: left out, {failure}")
        return []
