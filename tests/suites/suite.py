"""What a suite is: how to get it, how to build it, how to run it, and how to read which test ended how.

A file of `cases/` holds one or more of these as data, in a list named SUITES. The texts `prepare` and
`run` are for `sh -e`; both start in the unpacked source (or an empty folder) and may use

  $RUN      an empty folder of this run, readable by everybody
  $SOURCE   the unpacked source
"""
import collections
import dataclasses
import fnmatch
import re
from typing import Callable


@dataclasses.dataclass(frozen=True)
class Suite:
    name: str
    about: str                # what of the suite is run: a cell of the table
    run: str
    parse: Callable           # (output, folder of the run) -> {test: status}
    packages: tuple = ()      # Debian packages that must be installed
    source: str = ""          # Debian source package whose .orig archive is unpacked
    prepare: str = ""
    minutes: int = 10         # longest time of one run
    # Tests that look at the bytes of HTTP messages or at a child's whole environment, with the reason. Trace
    # context is the one deliberate change, so these are compared with OTEL_PROPAGATORS=none only.
    sees_context: tuple = ()
    # Tests that depend on time or chance beyond what a few bare runs show, with the reason in a comment.
    unstable: tuple = ()

    def listed(self, test, patterns):
        return any(fnmatch.fnmatchcase(test, pattern) for pattern in patterns)


def numbered(pairs):
    """{name: status} of (name, status); a name that comes again is counted, in the order of the statuses, since suites
    that work in parallel print in any order."""
    found = collections.defaultdict(list)
    for name, status in pairs:
        found[name].append(status)
    return {name if not at else f"{name} ({at + 1})": status
            for name, statuses in found.items() for at, status in enumerate(sorted(statuses))}


def lines(pattern, words=None):
    """A parser: every match of the pattern, with groups `name` and `status`; `words` translates a status."""
    compiled = re.compile(pattern, re.M)

    def parse(output, _folder):
        return numbered((found["name"].strip(), (words or {}).get(found["status"], found["status"]))
                        for found in compiled.finditer(output))
    return parse


PASSED = frozenset(("ok", "PASS", "pass", "passed", "OK", "."))
SKIPPED = frozenset(("skip", "SKIP", "skipped", "S", "ignore"))


def kinds(statuses):
    """(passed, skipped, failed or whatever else)"""
    passed = sum(status in PASSED for status in statuses.values())
    skipped = sum(status in SKIPPED for status in statuses.values())
    return passed, skipped, len(statuses) - passed - skipped
