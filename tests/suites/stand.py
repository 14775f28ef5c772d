"""One run of a suite: its environment by mode, the sink that takes the telemetry, time limits, and what is kept.

  bare     without the library
  on       preloaded, everything exported over http to the sink on loopback, all defaults
  plain    the same with OTEL_PROPAGATORS=none: no byte and no variable of the program may differ

Variables given with --with are added to both preloaded modes.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

from stock import Broken, cache

OURS = re.compile(r"^(OTEL_|LD_PRELOAD$|TRACEPARENT$|TRACESTATE$|BAGGAGE$|ASAN_|UBSAN_|.*_proxy$|.*_PROXY$|MAKE|MFLAGS$)")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
MARK = "SUITE_RUN"
LIFE_SECONDS = 24 * 3600


class Stand:
    """The sink and a copy of the library that a build under way cannot change and every user can read."""

    def __init__(self, build, more=None):
        """more: {variable: value} for the preloaded modes."""
        self.more = more or {}
        self.build = pathlib.Path(build).resolve()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="suites."))
        self.folder.chmod(0o755)
        self.sink = None
        self.port = 0

    def __enter__(self):
        for name in ("libotel-auto.so", "libotel-auto-sdk.so"):
            shutil.copy(self.build / name, self.folder / name)
            (self.folder / name).chmod(0o755)
        self.sink = subprocess.Popen([self.build / "bench/sink", str(LIFE_SECONDS)], stdout=subprocess.PIPE,
                                     stdin=subprocess.DEVNULL, start_new_session=True)
        self.port = int(self.sink.stdout.readline().split()[1])
        return self

    def __exit__(self, *_):
        self.sink.terminate()
        self.sink.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def spans(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=20) as answer:
            return int(answer.read())

    def environment(self, mode, scratch, tree):
        env = {key: value for key, value in os.environ.items() if not OURS.match(key)}
        env.update({"RUN": str(scratch), "SOURCE": str(tree), "LC_ALL": "C.UTF-8", MARK: scratch.name})
        if mode != "bare":
            env.update(self.more)
            env["LD_PRELOAD"] = str(self.folder / "libotel-auto.so")
            env["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{self.port}"
        if mode == "plain":
            env["OTEL_PROPAGATORS"] = "none"
        return env

    def run(self, suite, mode, tree, log):
        """Runs it once. {statuses, seconds, exit, spans}; the output stays in the log."""
        scratch = pathlib.Path(tempfile.mkdtemp(prefix="suite."))
        scratch.chmod(0o755)
        spans, began = self.spans(), time.monotonic()
        with open(log, "wb") as file:
            process = subprocess.Popen(["nice", "sh", "-ec", suite.run], cwd=tree, stdout=file, stdin=subprocess.DEVNULL,
                                       stderr=subprocess.STDOUT, start_new_session=True,
                                       env=self.environment(mode, scratch, tree))
            try:
                status = process.wait(suite.minutes * 60)
            except subprocess.TimeoutExpired:
                status = None
            finally:
                end_all(process, scratch.name)
        seconds = time.monotonic() - began
        statuses = suite.parse(COLOUR.sub("", log.read_text(errors="replace")), scratch)
        if not statuses:
            raise Broken(f"no test's name was found in what it printed ({log})")
        shutil.rmtree(scratch, ignore_errors=True)
        return {"statuses": statuses, "seconds": round(seconds), "exit": status, "spans": self.spans() - spans}


def end_all(process, mark):
    """Ends what the run has left behind, by number: its group, and whoever carries its mark in the environment."""
    for _ in range(3):
        left = marked(mark)
        if process.poll() is None:
            left.append(process.pid)
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if not left:
            break
        time.sleep(0.1)
    process.wait()


def marked(mark):
    wanted, found = f"{MARK}={mark}".encode(), []
    for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
        except OSError:
            pass
    return found


class Results:
    """What is kept of a suite: bare runs under the key they are good for, preloaded runs by date."""

    def __init__(self, suite, key):
        self.bare_folder = cache() / "results" / suite.name / f"bare-{key}"
        self.folder = cache() / "results" / suite.name / time.strftime("%Y%m%d-%H%M%S")
        self.bare_folder.mkdir(parents=True, exist_ok=True)

    def bare(self):
        return [json.loads(path.read_text()) for path in sorted(self.bare_folder.glob("*.json"))]

    def path(self, mode):
        """Where the next run of this mode goes, without suffix."""
        folder = self.bare_folder if mode == "bare" else self.folder
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{mode}-{len(list(folder.glob(f'{mode}-*.json'))) + 1}"

    @staticmethod
    def keep(path, result):
        path.with_suffix(".json").write_text(json.dumps(result, indent=1, sort_keys=True))


def latest():
    """Where the last summary of every suite is kept, for the table of the README."""
    path = cache() / "results" / "latest"
    path.mkdir(parents=True, exist_ok=True)
    return path
