"""Data points as the fake collector wrote them, and what cases expect of their totals.

A total is what a backend would show: per process the last point of a cumulative series, or the sum of the points
of a delta series; then the sum over all processes.
"""
import dataclasses
import json
import time

import harness
import telemetry
from harness import Failure
from telemetry import ABSENT, agrees

SECONDS, QUIET = 10.0, 0.5
DELTA = 1


@dataclasses.dataclass
class Want:
    metric: str
    service: str
    attrs: dict
    count: object = None
    value: object = None
    series: int = None
    more: object = None


def point(metric, service, attrs=None, **more):
    """What the points of one instrument add up to: `count` of a histogram, `value` of a sum, over the series whose
    attributes agree. series: how many there are. more: called with the list of last points."""
    return Want(metric, service, attrs or {}, **more)


def load(path):
    return telemetry.load(path, lambda item: [item])


def series_of(points):
    """(instance, metric, attributes) -> its points, oldest first."""
    series = {}
    for item in points:
        key = (item["resource"].get("service.instance.id"), item["metric"],
               json.dumps(item["attributes"], sort_keys=True))
        series.setdefault(key, []).append(item)
    return series


def total(items, field):
    if items[-1]["temporality"] == DELTA:
        return sum(item.get(field, 0) for item in items)
    return items[-1].get(field, 0)


def matching(want, points):
    return [items for items in series_of(points).values()
            if items[-1]["metric"] == want.metric and items[-1]["resource"].get("service.name") == want.service and
            all(agrees(value, items[-1]["attributes"].get(key)) for key, value in want.attrs.items())]


def trouble(want, points):
    found = matching(want, points)
    label = f"{want.metric} of {want.service} {({k: v for k, v in want.attrs.items() if v is not ABSENT})}"
    for field in ("count", "value"):
        expected = getattr(want, field)
        have = sum(total(items, field) for items in found)
        if expected is not None and have != expected:
            return f"{label}: {field} is {have}, not {expected}"
    kinds = {tuple(sorted(items[-1]["attributes"].items(), key=str)) for items in found}
    if want.series is not None and len(kinds) != want.series:
        return f"{label}: {len(kinds)} series, not {want.series}"
    if want.more and found and (said := want.more(found)):
        return f"{label}: {said}"
    return None if found else f"{label}: no such point came"


def sound(points):
    """What holds for every series of every case."""
    for (_, name, attrs), items in series_of(points).items():
        end = 0
        for item in items:
            if item["kind"] != "gauge" and not 0 < item["start"] <= item["time"]:
                return f"{name} {attrs}: starts at {item['start']}, is of {item['time']}"
            if item["time"] < end or (item["temporality"] == DELTA and item["start"] < end):
                return f"{name} {attrs}: the intervals are not in order"
            end = item["time"]
            if "buckets" in item and sum(item["buckets"]) + item.get("zero", 0) != item["count"]:
                return f"{name} {attrs}: the buckets do not add up to {item['count']}"
            if "bounds" in item and len(item["buckets"]) != len(item["bounds"]) + 1:
                return f"{name} {attrs}: {len(item['buckets'])} buckets for {len(item['bounds'])} boundaries"
        if items[-1]["temporality"] != DELTA and len({item["start"] for item in items}) != 1 and items[-1]["kind"] != "gauge":
            return f"{name} {attrs}: a cumulative series changed its start"
        if items[-1]["monotonic"] and items[-1]["temporality"] != DELTA and \
                any(a["value"] > b["value"] for a, b in zip(items, items[1:])):
            return f"{name} {attrs}: a counter went back"
    return None


def metrics_are(*wants, then=None):
    """A check: all totals come, and are still the same a moment later."""
    def check(result):
        filled = [Want(result.work.filled(want.metric), result.work.filled(want.service), result.work.filled(want.attrs),
                       want.count, want.value, want.series, want.more) for want in wants]

        def wrong():
            points = load(result.work.metrics_file)
            return next((said for said in (trouble(want, points) for want in filled) if said), None)

        harness.wait_for(lambda: wrong() is None, SECONDS, 0.1)
        time.sleep(QUIET)
        if said := wrong() or sound(load(result.work.metrics_file)):
            raise Failure(said)
        if then:
            then(result)
    return check
