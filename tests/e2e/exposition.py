"""What a Prometheus would scrape: fetched, parsed, compared."""
import re
import time
import urllib.request

import harness
from harness import Failure
from points import QUIET, SECONDS

SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: # .*)?$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"(?:,|$)')
OPENMETRICS = "application/openmetrics-text;version=1.0.0"


def fetch(port, accept="", host="127.0.0.1"):
    """(Content-Type, text)"""
    request = urllib.request.Request(f"http://{host}:{port}/metrics", headers={"Accept": accept} if accept else {})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def samples(text):
    found = []
    for line in text.splitlines():
        if line.startswith("#") or not line:
            continue
        match = SAMPLE.match(line)
        if not match:
            raise Failure(f"no sample: {line}")
        found.append((match[1], dict(LABEL.findall(match[2] or "")), float(match[3])))
    return found


def total(text, name, **labels):
    return sum(value for have, given, value in samples(text)
               if have == name and all(given.get(key) == value for key, value in labels.items()))


def lint(text, openmetrics=False):
    """One TYPE and one HELP a family, before its samples; families are not interleaved; buckets add up."""
    seen, family = set(), None
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            family = line.split()[2]
            if family in seen:
                return f"{family} has two TYPE lines"
            seen.add(family)
        elif not line.startswith("#") and family and not line.startswith(family):
            return f"{line.split('{')[0]} stands below {family}"
    counts = {(name[:-6], tuple(sorted(given.items()))): value for name, given, value in samples(text)
              if name.endswith("_count")}
    for name, given, value in samples(text):
        if given.pop("le", None) == "+Inf" and counts.get((name[:-7], tuple(sorted(given.items())))) != value:
            return f"{name}: +Inf is not the count"
    if openmetrics and not text.endswith("\n# EOF\n"):
        return "no # EOF"
    return None


def exposes(port, *wants, accept=""):
    """A check: `wants` are (sample name, labels, total)."""
    def check(result):
        number = result.work.values[port]

        def wrong():
            try:
                _, text = fetch(number, accept)
            except OSError as error:
                return str(error)
            said = lint(text, accept == OPENMETRICS)
            for name, labels, expected in wants:
                have = total(text, name, **result.work.filled(labels))
                if have != expected:
                    said = said or f"{name} {labels} is {have}, not {expected}"
            return said

        harness.wait_for(lambda: wrong() is None, SECONDS, 0.1)
        time.sleep(QUIET)
        if said := wrong():
            raise Failure(said)
    return check
