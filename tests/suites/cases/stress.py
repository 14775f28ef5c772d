"""stress-ng: kernel interfaces under load, with its own verification; finds races and crashes rather than bytes."""
import re

from suite import Suite

STRESSORS = """sock sockpair sockfd sockmany udp epoll poll pipe fork vfork exec clone daemon dup close eventfd sendfile
 splice tee fifo sigq sigfd pthread seccomp zombie nanosleep""".split()
# A stressor that ran has a row of figures; one that could not says so; one whose checks failed is named with "fail:".
LINE = re.compile(r"^stress-ng: (?:metrc: \[\d+\] (?P<ran>[\w-]+) +\d+ +[\d.]+ +[\d.]+ |fail: +\[\d+\] (?P<failed>[\w-]+):"
                  r"|info: +\[\d+\] (?P<skipped>[\w-]+):? stressor .*skip)", re.M)
WORST = ("ok", "skip", "fail")


def parse(output, _folder):
    found = {"run": "ok" if "successful run completed" in output.replace("unsuccessful", "") else "fail"}
    for line in LINE.finditer(output):
        name = line["ran"] or line["failed"] or line["skipped"]
        status = "ok" if line["ran"] else "fail" if line["failed"] else "skip"
        found[name] = max(found.get(name, "ok"), status, key=WORST.index)
    return found


SUITES = [
    Suite(
        name="stress-ng",
        about=f"stress-ng 0.15: {len(STRESSORS)} stressors, 8 s, verified",
        packages=("stress-ng",),
        run='cd "$RUN" && stress-ng --verify --metrics-brief -t 8 ' + " ".join(f"--{name} 1" for name in STRESSORS),
        parse=parse,
        minutes=3,
    ),
]
