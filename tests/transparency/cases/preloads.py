"""Probe 7: whatever else is preloaded, however the program was linked, and in narrow places."""
import glob
import re

from probe import CONSOLE, NONE, OTLP, Probe
from probes import bare_probe

SETTINGS = (NONE, CONSOLE, OTLP)
ASKS = ["{dir}/asks", "{probe}"]
BEFORE = 'LD_PRELOAD="$LIB${LD_PRELOAD:+:$LD_PRELOAD}" exec "$@"'
BEHIND = 'LD_PRELOAD="${LD_PRELOAD:+$LD_PRELOAD:}$LIB" exec "$@"'


def build(*flags, cc="cc"):
    return [[cc, "-O1", "-g", *flags, "-o", "{dir}/asks", "{programs}/asks_once.c"]]


def no_date(text):
    return re.sub(r"(?m)^Date: .*\n", "", text)


def asks(name, what, run=None, flags=(), then=(), **more):
    more.setdefault("needs", ("cc",))
    more.setdefault("status", 3)
    more.setdefault("settings", SETTINGS)
    more.setdefault("normal", no_date)
    return Probe(f"load-{name}", 7, what, servers=[bare_probe("probe")], setup=[*build(*flags), *then], run=run or ASKS, **more)


def library(name, pattern):
    """Among other preloaded libraries, before them and behind. A machine without the library is no failure: the name says it."""
    found = next(iter(sorted(glob.glob(pattern))), None)
    if not found:
        return []
    return [asks(f"{name}-{word}", f"{name} preloaded {word} us", ["sh", "-c", script, "sh", *ASKS], env={"LIB": found},
                 sanitized=False) for word, script in (("before", BEFORE), ("behind", BEHIND))]


def limited(name, what, limits, **more):
    return asks(f"limit-{name}", what, ["sh", "-c", f'{limits} && exec "$@"', "sh", *ASKS], sanitized=False, **more)


# gdb's and valgrind's own words are not what is compared.
GDB = ["gdb", "-nx", "-q", "-batch", "-return-child-result", "-ex", "set startup-with-shell off", "-ex", "run", "--args", *ASKS]
VALGRIND = ["valgrind", "-q", "--error-exitcode=99", "--suppressions=/dev/null", *ASKS]


def without_gdb(text):
    return no_date(re.sub(r"(?m)^(\[(Inferior|Thread|New|Detaching)|Using host libthread|warning: Error disabling).*\n|^\s*\n", "",
                          text))


# A program that is stopped when the tracer attaches, and again when it is told to leave.
LATER = ('sh -c \'kill -STOP $$; exec "$@"\' sh "$@" & p=$!; until grep -q "^State:.*stopped" /proc/$p/status; do :; done; '
         'strace -f -o calls -p $p 2>/dev/null & s=$!; until grep -q "^TracerPid:.*[1-9]" /proc/$p/status; do :; done; '
         'kill -CONT $p; wait $p; r=$?; wait $s; exit $r')

LIB = "/usr/lib/*-linux-gnu"
CASES = [
    asks("plain", "nothing special"),
    asks("bind-now", "LD_BIND_NOW", env={"LD_BIND_NOW": "1"}),
    asks("now-relro", "-z now, -z relro, not position independent", flags=("-no-pie", "-Wl,-z,now,-z,relro")),
    asks("lazy", "lazy binding, without relro", flags=("-Wl,-z,lazy,-z,norelro",)),
    *library("jemalloc", f"{LIB}/libjemalloc.so.2"),
    *library("tcmalloc", f"{LIB}/libtcmalloc_minimal.so.4"),
    *library("libfaketime", f"{LIB}/faketime/libfaketime.so.1"),
    *library("libeatmydata", f"{LIB}/libeatmydata.so*"),
    asks("fakeroot", "below fakeroot", ["fakeroot", *ASKS], needs=("cc", "fakeroot"), sanitized=False),
    asks("asan", "a program with the address sanitizer in it", flags=("-fsanitize=address", "-static-libasan"),
         env={"ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}, sanitized=False),
    asks("asan-gzip", "the same, and what is exported is packed", flags=("-fsanitize=address",), settings=(NONE, OTLP),
         env={"ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"}, sanitized=False),
    asks("tsan", "the thread sanitizer in it: we stand down", flags=("-fsanitize=thread",), speaks=False, sanitized=False),
    asks("tsan-static", "the same, inside the executable", flags=("-fsanitize=thread", "-static-libtsan"), speaks=False,
         sanitized=False),
    asks("ubsan", "a program with UBSan in it", flags=("-fsanitize=undefined",), sanitized=False),
    asks("static", "a static program", flags=("-static",), speaks=False),
    asks("static-pie", "a static program at no fixed place", flags=("-static-pie",), speaks=False),
    asks("valgrind", "below valgrind's memcheck", VALGRIND, needs=("cc", "valgrind"), sanitized=False, seconds=60.0),
    asks("gdb", "below gdb", GDB, needs=("cc", "gdb"), normal=without_gdb, sanitized=False, seconds=60.0),
    asks("strace", "below strace", ["strace", "-f", "-o", "{dir}/calls", *ASKS], needs=("cc", "strace"), sanitized=False),
    asks("strace-p", "a tracer that comes later, and leaves again", ["sh", "-c", LATER, "sh", *ASKS], needs=("cc", "strace"),
         sanitized=False),
    asks("perf", "below perf", ["perf", "stat", "-e", "task-clock", "-o", "{dir}/counts", *ASKS], needs=("cc", "perf"),
         sanitized=False),
    asks("setuid", "a program that is set-uid, started by somebody else: we stand down",
         ["setpriv", "--reuid=65534", "--clear-groups", "--regid=65534", "sh", "-c",
          "{dir}/asks {probe}; echo status $?"], then=[["chmod", "u+s", "{dir}/asks"]], root=True, needs=("cc", "setpriv"), status=0,
         speaks=False, sanitized=False),
    limited("nofile", "eight descriptors", "ulimit -n 8"),
    limited("as", "200 MB of address space", "ulimit -v 200000"),
    asks("limit-fsize", "no file may grow", ["sh", "-c", '{ ulimit -f 0; "$@"; echo status $?; } | cat', "sh", *ASKS], status=0,
         settings=(NONE, OTLP), sanitized=False),
    # No helper, hence no telemetry either: the library stands down.
    asks("limit-nproc", "no further task", ["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups", "prlimit",
                                            "--nproc=1:1", *ASKS], root=True, needs=("cc", "setpriv", "prlimit"),
         settings=(NONE, OTLP), speaks=False, sanitized=False),
    limited("small-stack", "a stack of 128 KiB", "ulimit -s 128"),
    limited("endless-stack", "a stack without end", "ulimit -s unlimited"),
    limited("core", "no core, nothing locked", "ulimit -c 0 && ulimit -l 0"),
    asks("no-proc", "without /proc",
         ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh", *ASKS], root=True,
         needs=("cc", "unshare"), sanitized=False),
    asks("read-only", "a root that is read-only",
         ["unshare", "-m", "sh", "-c", 'mount -o remount,ro,bind / && exec "$@"', "sh", *ASKS], root=True,
         needs=("cc", "unshare"), settings=(NONE, OTLP), sanitized=False),
]
