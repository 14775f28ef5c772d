"""Processes of a case: a folder, ports, the environment of the shim, servers, the collector.

Everything that is started gets a session of its own and is ended by its own number; every wait has a
bound. Servers listen on loopback only. A listening port is recognised in /proc/net, so that no
connection of ours reaches the server under test.
"""
import dataclasses
import itertools
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
# A shell that starts us in the background has us ignore these, and every program of ours would go on doing so.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
PROGRAMS = pathlib.Path(__file__).resolve().parent / "programs"
READY_SECONDS, STOP_SECONDS = 15.0, 3.0
# ASan's own words where a thread that ASan does not know yet leaves a signal handler: it says nothing of the program.
ASAN_SAYS = re.compile(r"==\d+==WARNING: ASan is ignoring requested __asan_handle_no_return: .*\n"
                       r"False positive error reports may follow\nFor details see .*\n")
# What the thread sanitizer is not asked. A thread of a child that was forked while others ran: it would end it. Threads
# that nobody waits for: our helper ends with the process. Allocations in signal handlers: it runs them late, in frames of
# its own, where no lock of an allocator is held, and oa_life_in_handler() knows the kernel's frames. And what
# tests/support/tsan.supp says. And it would sleep for a second at each end of a process that has threads left.
TSAN_OPTIONS = ("exitcode=0:die_after_fork=0:report_thread_leaks=0:report_signal_unsafe=0:atexit_sleep_ms=0:"
                f"suppressions={TOP}/tests/support/tsan.supp")
TSAN_REPORT = re.compile(r"^WARNING: ThreadSanitizer: .*?^SUMMARY: .*?$", re.M | re.S)
OURS = re.compile(r"^(OTEL_|LD_|TRACEPARENT$|TRACESTATE$|BAGGAGE$|[AT]SAN_|UBSAN_|.*_proxy$|.*_PROXY$|GIT_|NODE_OPTIONS$)")


class Failure(Exception):
    """A case that did not come out as it says; the text is for people."""


def must(truth, said):
    if not truth:
        raise Failure(said)


@dataclasses.dataclass
class Server:
    """A program that listens. command, files and env may hold {placeholders}; every port named in
    `ports` is chosen free and becomes a placeholder. shim=False starts it bare in both runs."""
    name: str
    command: list
    ports: tuple
    files: dict = dataclasses.field(default_factory=dict)
    env: dict = dataclasses.field(default_factory=dict)
    shim: bool = True
    needs: tuple = ()


def find_program(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def python():
    """The interpreter itself: a wrapper of the same name would add processes of its own."""
    return os.path.realpath(sys.executable)


# Below the range that the kernel gives to connections, and none twice: cases run side by side.
PORTS = itertools.cycle(random.sample(range(10240, 32000), 21760))


def free_port():
    for port in PORTS:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def listening(port):
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = pathlib.Path(table).read_text(encoding="ascii").splitlines()[1:]
        except FileNotFoundError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                return True
    return False


def wait_for(question, seconds, every=0.02):
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer or time.monotonic() >= deadline:
            return answer
        time.sleep(every)


def sanitizer_runtime(shim):
    """What an instrumented shim needs before itself in LD_PRELOAD, if anything."""
    text = subprocess.run(["readelf", "-d", str(shim)], check=False, text=True, stdout=subprocess.PIPE).stdout
    runtime = [subprocess.run([os.environ.get("CC", "cc"), f"-print-file-name={name}.so"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout.strip()
               for name in ("libasan", "libtsan") if name in text]
    return runtime + [str(shim.parent / name) for name in ("asan_early.so", "tsan_help.so") if (shim.parent / name).exists()]


class Shim:
    """Where libotel-auto.so is, and what a program's environment needs for it."""

    def __init__(self, build):
        self.path = (TOP / build / "libotel-auto.so").resolve()
        self.runtime = sanitizer_runtime(self.path)
        self.threads = any("libtsan" in name for name in self.runtime)
        # The thread sanitizer's behind us: only so it sees what we ask of libc, our own thread above all.
        self.preload = ":".join([str(self.path), *self.runtime] if self.threads else [*self.runtime, str(self.path)])

    def environment(self, folder):
        """Reports of the thread sanitizer go into the folder: what a program says and how it ends stay its own."""
        env = {"LD_PRELOAD": self.preload}
        if self.threads:
            env["TSAN_OPTIONS"] = f"{TSAN_OPTIONS}:log_path={folder}/tsan"
        elif self.runtime:
            env["ASAN_OPTIONS"] = "detect_leaks=0:verify_asan_link_order=0:handle_segv=0"
            env["UBSAN_OPTIONS"] = "print_stacktrace=1"
        return env


def ours(report):
    """Of code of ours: what has none is of a program that was not built with the sanitizer, and has its own way to keep
    threads in order. And not of descriptors where our helper is one of the threads, for the reason in tsan.supp (which
    keeps the frequent ones from being written down at all: an open report takes a number)."""
    stacks, *rest = re.split(r"^  (?=(?:Location|Mutex|Thread|As if) )", report, flags=re.M)
    places = [part for part in rest if part.startswith("Location is file descriptor ")]
    helpers = [part for part in rest if part.startswith("Thread ") and "'otel-auto'" in part.splitlines()[0]]
    return "libotel-auto" in stacks and not (places and helpers)


def raise_reports(folder):
    """Fails where the thread sanitizer has something to say of the runs in the folder."""
    reports = [report for path in sorted(folder.glob("tsan.*"))
               for report in TSAN_REPORT.findall(path.read_text(encoding="utf-8", errors="replace")) if ours(report)]
    if reports:
        raise Failure(f"{len(reports)} reports\n" + "\n".join(reports)[:8000])


class Tally:
    """A line for each thing that was tried, with what there is to say of it below; how many there were of either end."""

    def __init__(self, kind):
        self.kind, self.passed, self.failed = kind, 0, 0
        sys.stdout.reconfigure(line_buffering=True)

    def add(self, fine, what, more=""):
        print(f"{'ok  ' if fine else 'FAIL'} {self.kind:7} {what}")
        print("".join(f"     | {line}\n" for line in more.splitlines()), end="")
        self.passed, self.failed = self.passed + fine, self.failed + (not fine)

    def end(self):
        """The exit status."""
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0


class Workspace:
    """The folder, placeholders and running processes of one run of one case."""

    def __init__(self, folder, shim):
        self.folder, self.shim, self.running = folder, shim, []
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.values = {"dir": str(folder), "python": python(), "programs": str(PROGRAMS), "top": str(TOP),
                       "build": str(shim.path.parent), "runtime": ":".join(shim.runtime),
                       "preload": shim.preload, "slower": "4" if shim.threads else "1"}
        self.collector_file = folder / "spans.jsonl"
        self.metrics_file = folder / "metrics.jsonl"
        self.logs_file = folder / "logs.jsonl"

    def fill(self, text):
        def one(match):
            return str(self.values.get(match.group(1), match.group(0)))
        return re.sub(r"\{(\w+)\}", one, text)

    def filled(self, want):
        """Placeholders in anything; a text that is one placeholder and names a port is a number."""
        if isinstance(want, str):
            whole = re.fullmatch(r"\{(\w+)\}", want)
            if whole and isinstance(self.values.get(whole.group(1)), int):
                return self.values[whole.group(1)]
            return self.fill(want)
        if isinstance(want, re.Pattern):
            return re.compile(self.fill(want.pattern))
        if isinstance(want, dict):
            return {key: self.filled(value) for key, value in want.items()}
        if isinstance(want, (list, tuple)):
            return [self.filled(item) for item in want]
        return want

    def normal(self, text):
        """Output with what differs from run to run replaced by the placeholder's name."""
        for name, value in self.values.items():
            if isinstance(value, int):
                text = re.sub(rf"\b{value}\b", f"{{{name}}}", text)
        text = re.sub(r"\b\d+ ms\b", "some ms", text)
        if self.shim.runtime:
            text = ASAN_SAYS.sub("", text)
        return text.replace(str(self.folder), "{dir}")

    def write(self, files):
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.fill(content), encoding="utf-8")

    def set_up(self, commands, seconds):
        """What is done before anything is started that is looked at."""
        for command in commands:
            done = subprocess.run(self.filled(command), cwd=self.folder, env=self.environment("", {}, False),
                                  timeout=seconds, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, check=False)
            if done.returncode:
                raise Failure(f"setup {command} failed: {done.stdout.decode(errors='replace')}")

    def choose_ports(self, names):
        for name in names:
            self.values[name] = free_port()

    def environment(self, service, extra, shim):
        env = {key: value for key, value in os.environ.items() if not OURS.match(key)}
        env["PATH"] = env.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"
        env.update({"LC_ALL": "C", "TZ": "UTC", "HOME": str(self.folder), "TMPDIR": str(self.folder),
                    "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "PYTHONDONTWRITEBYTECODE": "1"})
        if shim:
            env.update(self.shim.environment(self.folder))
            env.update({"OTEL_SERVICE_NAME": service, "OTEL_BSP_SCHEDULE_DELAY": "100",
                        "OTEL_BLRP_SCHEDULE_DELAY": "100",
                        "OTEL_AUTO_EXIT_TIMEOUT": "3000",  # a busy machine takes longer than the default
                        "OTEL_AUTO_LOG": str(self.folder / "otel-auto.log"), "OTEL_LOG_LEVEL": "debug",
                        "OTEL_EXPORTER_OTLP_ENDPOINT": self.fill("http://127.0.0.1:{collector}")})
        env.update(self.filled(extra))
        if not shim:
            env["LD_PRELOAD"] = None
        return {key: str(value) for key, value in env.items() if value is not None}

    def start(self, name, command, env, stdout=None):
        out = stdout or open(self.folder / f"{name}.out", "wb")
        with open(self.folder / f"{name}.err", "wb") as err:
            process = subprocess.Popen(command, cwd=self.folder, env=env, stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=err, start_new_session=True)
        if out is not subprocess.PIPE:
            out.close()
        self.running.append((name, process))
        return process

    def start_collector(self, build, options=()):
        built = TOP / build / "support/fake_collector"
        if not built.exists():
            raise Failure(f"{built} is not there: make tests-build")
        process = self.start("collector", [str(built), "--port", "0", "--out", str(self.collector_file),
                                           "--metrics", str(self.metrics_file), "--logs", str(self.logs_file), "--seconds", "120", *options],
                             self.environment("", {}, False))
        printed = wait_for(lambda: re.search(r"port (\d+)", self.text("collector.out")) or process.poll() is not None,
                           READY_SECONDS)
        if not isinstance(printed, re.Match):
            raise Failure(f"the collector did not start: {self.text('collector.err')}")
        self.values["collector"] = int(printed[1])

    def start_server(self, server, shim):
        self.write(server.files)
        process = self.start(server.name, [str(part) for part in self.filled(server.command)],
                             self.environment(server.name, server.env, shim and server.shim))
        for port in server.ports:
            if not wait_for(lambda number=self.values[port]: listening(number) or process.poll() is not None,
                            READY_SECONDS) or process.poll() is not None:
                raise Failure(f"{server.name} does not listen: {self.text(server.name + '.err')[-2000:]}")

    def text(self, name):
        try:
            return (self.folder / name).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def json_lines(self, name):
        return [json.loads(line) for line in self.text(name).splitlines()]

    def stop(self, name):
        for index, (known, process) in enumerate(self.running):
            if known == name:
                end(process)
                del self.running[index]
                return

    def stop_all(self, keep=()):
        for name, process in reversed(self.running):
            if name not in keep:
                end(process)
        self.running = [entry for entry in self.running if entry[0] in keep]


def signal_group(process, number):
    """The process leads a session of its own: its number is its group's."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


def end(process):
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    signal_group(process, signal.SIGKILL)
