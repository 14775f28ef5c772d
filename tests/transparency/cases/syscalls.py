"""Probe 6: system calls, by strace: what is added, and how often, stands in a table here with its reason."""
import collections
import re

from harness import Failure
from probe import NONE, OTLP, Probe
from probes import bare_probe

LINE = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?(?:<\.\.\. )?(\w+)(?:\(| resumed>)")

# What may come on top in a process that records, however much it does: the most, and why.
START = {
    "openat": (24, "the objects, /proc/self, release files of the system"), "open": (2, "the same"),
    "read": (24, "the same"), "pread64": (8, "ELF headers by the loader"), "close": (26, "the same"),
    "fstat": (24, "the same"), "newfstatat": (24, "the same"), "statx": (4, "the same"), "lseek": (4, "the same"),
    "mmap": (64, "the ring, the tables, the objects"), "munmap": (32, "the same"), "mprotect": (32, "the objects"),
    "madvise": (12, "pages that are given back"), "mremap": (8, "what is encoded grows"), "brk": (4, "the allocator"),
    "readlink": (4, "the program's own path"), "readlinkat": (4, "the same"), "getdents64": (8, "open descriptors, once"),
    "uname": (2, "host.arch"), "getpid": (6, ""), "gettid": (6, ""), "getuid": (2, "process.owner"), "geteuid": (2, ""),
    "getrandom": (6, "ids"), "prlimit64": (10, "how many descriptors there may be"), "sysinfo": (2, ""),
    "rt_sigprocmask": (24, "a thread that has no signals"), "rt_sigaction": (2, ""), "rt_sigpending": (8, "SIGPIPE of ours"),
    "rt_sigtimedwait": (8, "SIGPIPE of ours"), "sigaltstack": (2, ""), "prctl": (4, "the name of our thread"),
    "clone3": (2, "our thread"), "clone": (2, "our thread"), "set_robust_list": (4, "our thread"), "rseq": (4, "our thread"),
    "set_tid_address": (2, ""), "unshare": (2, "its own table of descriptors"), "close_range": (2, "the same"),
    "sched_getaffinity": (2, ""), "sched_yield": (200, "waiting for our thread to be gone"), "tgkill": (200, "is it gone?"),
    "futex": (60, "waking our thread, waiting for it"), "clock_nanosleep": (8, "our thread"), "exit": (4, "our thread"),
    "socket": (8, "the receiver"), "connect": (8, "the receiver"), "sendto": (12, "the receiver"), "sendmsg": (12, "the receiver"),
    "writev": (12, "the receiver"), "recvfrom": (24, "the receiver"), "poll": (48, "the receiver"), "ppoll": (24, "the receiver"),
    "fcntl": (24, "descriptors of ours are high and close on exec"), "dup": (2, ""), "dup3": (2, ""),
    "setsockopt": (8, "the receiver"), "getsockopt": (24, "a connection's kind and cookie, once"),
    "getsockname": (12, "a connection's addresses, once"), "getpeername": (12, "the same"), "memfd_create": (2, "the ring"),
    "ftruncate": (2, "the ring"), "access": (4, "the loader"), "faccessat2": (2, ""), "arch_prctl": (2, ""), "wait4": (0, ""),
    "restart_syscall": (8, "a wait of our thread that strace broke"), "clock_gettime": (8, "without vDSO"),
    "getcwd": (2, ""), "ioctl": (4, ""), "write": (4, "a line of ours"), "membarrier": (2, ""), "getrusage": (4, "process.cpu"),
}


def counted(text):
    names = collections.Counter()
    for line in text.splitlines():
        found = LINE.match(line)
        if found and "unfinished" not in line:
            names[found[1]] += 1
    return names


def judge(factor):
    def check(bare, outcomes):
        told = []
        was = counted(bare.work.text("trace"))
        for setting, outcome in outcomes.items():
            more = counted(outcome.work.text("trace")) - was
            over = {name: count for name, count in more.items() if count > factor * START.get(name, (0,))[0]}
            if over:
                raise Failure(f"{setting}: added beyond the table: {over}")
            told.append(f"{setting}: {sum(more.values())} added to {sum(was.values())}")
        return "\n".join(told)
    return check


# ---- hot paths: a thousand calls more are a thousand calls more ------------------------------------

def hot(bare, outcomes):
    """Per call on a connection, followed or not, nothing is added: the difference of 1000 and 3000 rounds is the same."""
    was = counted(bare.work.text("trace-3000")) - counted(bare.work.text("trace-1000"))
    for setting, outcome in outcomes.items():
        now = counted(outcome.work.text("trace-3000")) - counted(outcome.work.text("trace-1000"))
        over = {name: count - was[name] for name, count in now.items() if count - was[name] > 100}
        if over:
            raise Failure(f"{setting}: added by 2000 rounds: {over}")
    return f"2000 rounds: {sum(was.values())} calls bare, none added but for our thread's own"


def traced(name, what, *command, factor=1, servers=(), **more):
    return Probe(f"calls-{name}", 6, what, run=["strace", "-f", "-o", "{dir}/trace", *command], servers=list(servers),
                 settings=(NONE, OTLP), needs=("strace",), sanitized=False, check=judge(factor), seconds=40.0, **more)


CASES = [
    traced("true", "`true`", "/bin/true", speaks=True),
    traced("cat", "`cat`", "cat", "/etc/passwd"),
    traced("sh", "`sh` with a child", "sh", "-c", "cat /dev/null; exit 3", status=3, factor=2),
    traced("curl", "`curl` to loopback", "curl", "-s", "-o", "/dev/null", "http://127.0.0.1:{probe}/one",
           servers=[bare_probe("probe")], factor=2),
    traced("python", "a line of Python", "{python}", "-c", "print('hello')", factor=2),
    Probe("calls-hot", 6, "reads and writes of sockets, followed or not: none added", run=[
        "sh", "-c", "for n in 1000 3000; do strace -f -o trace-$n {victims}/hot_calls $n || exit 1; done"],
          settings=(NONE, OTLP), needs=("strace",), sanitized=False, check=hot, seconds=60.0),
]
