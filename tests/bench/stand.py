"""The stand: three variants of one program that differ in their environment alone, the sink that
takes their spans, the load, and what /proc says about who used how much.

bare  without the library       off  preloaded, both exporters none
on    preloaded, every span exported over plain http to the sink on loopback
"""
import contextlib
import os
import pathlib
import re
import statistics
import subprocess
import sys
import urllib.request

from harness import TOP, Failure, Shim, Workspace, end, find_program, listening, wait_for

class Missing(Failure):
    """A program that is measured is not installed."""


VARIANTS = ("bare", "off", "on")
CONNECTIONS, READY_SECONDS, LIFE_SECONDS = 16, 15.0, 600


class Stand:
    """A folder, the sink and the environments. Everything started ends with the stand."""

    def __init__(self, build, **more):
        """more: variables of `on` besides."""
        shim = Shim(build)
        if not shim.path.exists():
            raise Failure(f"{shim.path} is not built")
        self.build = shim.path.parent
        self.work = Workspace(self.build / "bench-run", shim)
        self.sink, self.sink_port = None, 0
        self.notes, self.more = [], more

    def __enter__(self):
        sink = self.work.start("sink", [str(self.build / "bench/sink"), str(LIFE_SECONDS)], self.environment("bare"))
        printed = wait_for(lambda: re.search(r"port (\d+)", self.work.text("sink.out")) or sink.poll() is not None,
                           READY_SECONDS)
        if not isinstance(printed, re.Match):
            raise Failure(f"the sink did not start: {self.work.text('sink.err')}")
        self.sink, self.sink_port = sink, int(printed[1])
        return self

    def __exit__(self, *_):
        self.work.stop_all()

    @contextlib.contextmanager
    def on_one_cpu(self):
        """Servers, load and sink share one CPU: a wake-up that crosses CPUs costs the waker some microseconds
        (more in a virtual machine), and how many do depends on who is faster, not on what is measured."""
        before, one = os.sched_getaffinity(0), {max(os.sched_getaffinity(0))}
        try:
            for pid in (0, self.sink.pid):
                os.sched_setaffinity(pid, one)
            yield
        finally:
            for pid in (0, self.sink.pid):
                os.sched_setaffinity(pid, before)

    def environment(self, variant):
        env = self.work.environment("bench", {}, False)
        env.update(self.variables(variant))
        return env

    def variables(self, variant):
        """What a variant adds to the environment."""
        if variant == "bare":
            return {}
        env = self.work.shim.environment(self.work.folder)
        env["OTEL_METRICS_EXPORTER"] = "none"  # the budgets are of traces; metrics have a measure of their own
        env["OTEL_LOGS_EXPORTER"] = "none"
        if variant == "off":
            env["OTEL_TRACES_EXPORTER"] = "none"
        else:
            env["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{self.sink_port}"
            env.update(self.more)
        return env

    def spans(self):
        """How many spans the sink has received so far."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.sink_port}/", timeout=10) as answer:
            return int(answer.read())

    def collector(self):
        """Port of a collector that speaks gRPC: the tests' own."""
        self.work.start_collector(self.build)
        return self.work.values["collector"]

    def run(self, program, *arguments, variant="bare"):
        """Output of one of tests/bench/*.c."""
        done = subprocess.run([str(self.build / "bench" / program), *map(str, arguments)], check=False, text=True,
                              env=self.environment(variant), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, timeout=120)
        if done.returncode != 0:
            raise Failure(f"{program} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def serve(self, name, command, port, variant, files=None):
        """Starts a server and waits until it listens; its process."""
        if not find_program(command[0]) and not pathlib.Path(command[0]).exists():
            raise Missing(f"{command[0]} is not installed")
        for file, content in (files or {}).items():
            (self.work.folder / file).write_text(content, encoding="utf-8")
        process = self.work.start(name, [str(part) for part in command], self.environment(variant))
        if not wait_for(lambda: listening(port) or process.poll() is not None, READY_SECONDS) or \
                process.poll() is not None:
            raise Failure(f"{name} does not listen: {self.work.text(name + '.err')[-500:]}")
        return process

    def load(self, port, seconds, path="/"):
        """Closed loop over kept connections; how many requests were answered. wrk knows whole seconds only."""
        if find_program("wrk") and seconds >= 1:
            command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{int(seconds)}s", f"http://127.0.0.1:{port}{path}"]
        else:
            command = [self.build / "bench/load", port, CONNECTIONS, seconds, path]
        done = subprocess.run([str(part) for part in command], check=False, text=True, timeout=60 + seconds,
                              env=self.environment("bare"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        found = re.search(r"(\d+) requests in", done.stdout)
        if done.returncode != 0 or not found or int(found[1]) == 0 or re.search("Non-2xx|Socket errors", done.stdout):
            raise Failure(f"the load failed: {done.stdout.strip()[-300:]}")
        return int(found[1])


def stop(work, prefix):
    """Ends what was started under names with this prefix."""
    for name, process in [entry for entry in work.running if entry[0].startswith(prefix)]:
        end(process)
        work.running.remove((name, process))


def worker_of(process):
    """nginx: the one child of the master."""
    def look():
        for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = entry.read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == process.pid and fields[0] != "Z":
                return int(entry.parent.name)
        return 0

    pid = wait_for(look, READY_SECONDS)
    if not pid:
        raise Failure("nginx has no worker")
    return pid


def cpu_ns(pid):
    """Time on CPU: (all threads, of that the library's own one)."""
    total = own = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            ns = int((task / "schedstat").read_text(encoding="ascii").split()[0])
            name = (task / "comm").read_text(encoding="ascii").strip()
        except OSError:
            continue
        total += ns
        own += ns if name == "otel-auto" else 0
    return total, own


def resident(pid):
    """Resident KiB by what is mapped: {group: KiB}."""
    groups, group = {}, "other"
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8", errors="replace").splitlines():
        head = re.match(r"[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+\s*(.*)", line)
        if head:
            group = group_of(head[1])
        elif line.startswith("Rss:"):
            groups[group] = groups.get(group, 0) + int(line.split()[1])
    return groups


def group_of(mapping):
    name = os.path.basename(mapping)
    if name.startswith("libotel-auto.so"):
        return "libotel-auto.so"
    if name.startswith("libotel-auto-sdk.so"):
        return "libotel-auto-sdk.so"
    if "libotel-auto-ring" in name:
        return "ring"
    if re.match(r"lib(protobuf-c|elf|z|zstd)\.so", name):
        return "libraries of the SDK object"
    if ".so" in name:
        return "shared libraries"
    return {"": "anonymous memory, .bss, stacks of threads", "[heap]": "heap"}.get(mapping, "program and stack")


def median(values):
    return statistics.median(values)


def quartiles(values):
    if len(values) < 3:
        return min(values), max(values)
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def say(text):
    """Progress, for whoever waits at a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


__all__ = ["CONNECTIONS", "LIFE_SECONDS", "TOP", "VARIANTS", "Failure", "Missing", "Stand", "cpu_ns", "median", "quartiles",
           "resident", "say", "stop", "worker_of"]
