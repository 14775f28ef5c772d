"""Starts `env -0` in every way and says what reached the child besides, or instead of, what it was given.

Variables of ours may be added: with the library or without it, the same lines are printed."""
import os
import re
import subprocess
import sys

OURS = re.compile(rb"(OTEL_\w+|LD_PRELOAD|TRACEPARENT|TRACESTATE|BAGGAGE|_|PWD|SHLVL|ASAN_OPTIONS|UBSAN_OPTIONS)=")
SHOW = ["/usr/bin/env", "-0"]
os.environb[b"ODD"] = b"a=b\xff\n two lines"
os.environb[b"EMPTY"] = b""
WHOLE = dict(os.environb)
GIVEN = {b"ONE": b"1", b"ODD": b"\x01\xfe"}
MANY = {b"N%d" % number: b"v" * 40 for number in range(3000)}


def from_pipe(start):
    """Runs start(fd) with the pipe's end, returns what came."""
    out, into = os.pipe()
    pid = start(into)
    os.close(into)
    with open(out, "rb") as pipe:
        text = pipe.read()
    if pid:
        os.waitpid(pid, 0)
    return text


def forked(env, call):
    def start(into):
        pid = os.fork()
        if pid == 0:
            os.dup2(into, 1)
            call("/usr/bin/env", SHOW, env)
        return pid
    return from_pipe(start)


def spawned(env, call):
    return from_pipe(lambda into: call("env", SHOW, env, file_actions=[(os.POSIX_SPAWN_DUP2, into, 1)]))


def ran(env):
    return subprocess.run(SHOW, env=env, stdout=subprocess.PIPE, check=True).stdout


def spawn_by_path(name, *rest, **more):
    return os.posix_spawn("/usr/bin/" + name, *rest, **more)


WAYS = {
    "subprocess": lambda env: ran(env),
    "fork and execve": lambda env: forked(env, os.execve),
    "fork and execvpe": lambda env: forked(env, os.execvpe),
    "posix_spawn": lambda env: spawned(env, spawn_by_path),
    "posix_spawnp": lambda env: spawned(env, os.posix_spawnp),
}
INHERITED = {
    "subprocess": lambda: ran(None),
    "popen": lambda: subprocess.run("exec env -0", shell=True, stdout=subprocess.PIPE, check=True).stdout,
    "system": lambda: from_pipe(lambda into: os.system(f"/usr/bin/env -0 >&{into}") if not os.set_inheritable(
        into, True) else 0),
    "execv": lambda: forked(None, lambda path, args, _: os.execv(path, args)),
    "execvp": lambda: forked(None, lambda path, args, _: os.execvp(path, args)),
}


def told(way, given, text):
    entries = [entry for entry in text.split(b"\0") if entry and not OURS.match(entry)]
    wanted = [key + b"=" + value for key, value in given.items() if not OURS.match(key + b"=")]
    extra = [entry for entry in entries if entry not in wanted]
    lost = [entry for entry in wanted if entry not in entries]
    print(way, len(given) if given is not WHOLE else "all", "extra", extra, "lost", lost,
          "in order" if entries == wanted or given is WHOLE else "out of order", flush=True)


KEPT = {key: value for key, value in WHOLE.items() if key in (b"ASAN_OPTIONS", b"UBSAN_OPTIONS")}
for name, way in WAYS.items():
    for given in ({}, GIVEN, MANY, WHOLE):
        told(name, given, way({**given, **KEPT}))
for name, way in INHERITED.items():
    told(name + " inherited", WHOLE, way())
sys.exit(5)
