"""Test by test, skips included: what a preloaded run changes about the tests that bare runs agree on."""
import dataclasses


@dataclasses.dataclass
class Difference:
    test: str
    mode: str
    bare: str
    preloaded: str


def stable(bare_runs):
    """({test: status} that every bare run agrees on, tests that differ among bare runs)"""
    names = {name for run in bare_runs for name in run["statuses"]}
    same, flaky = {}, set()
    for name in names:
        statuses = {run["statuses"].get(name) for run in bare_runs}
        if len(statuses) == 1:
            same[name] = statuses.pop()
        else:
            flaky.add(name)
    return same, flaky


def differences(suite, mode, bare_runs, statuses):
    """Of one preloaded run. Tests that see trace context count in mode `plain` alone."""
    same, flaky = stable(bare_runs)
    found = []
    for name in sorted(same.keys() | statuses.keys()):
        before, after = same.get(name, "(absent)"), statuses.get(name, "(absent)")
        if before == after or name in flaky or suite.listed(name, suite.unstable):
            continue
        if mode == "on" and suite.listed(name, suite.sees_context):
            continue
        found.append(Difference(name, mode, before, after))
    return found


def changed_by_context(suite, bare_runs, statuses):
    """Tests on the list that trace context really changed: the exception, seen."""
    same, _ = stable(bare_runs)
    return sorted(name for name, before in same.items()
                  if suite.listed(name, suite.sees_context) and statuses.get(name, "(absent)") != before)


def lasting(first, second):
    """(differences of both runs, those of the first alone)"""
    again = {(row.test, row.mode) for row in second}
    return [row for row in first if (row.test, row.mode) in again], \
        [row for row in first if (row.test, row.mode) not in again]
