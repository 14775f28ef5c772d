"""Log records as the fake collector wrote them, or as OTLP in JSON: reading, and comparing with what a case expects."""
import dataclasses

import telemetry
from telemetry import ROOT, attributes, get, ident, shown, value_of


@dataclasses.dataclass
class Log:
    body: object
    severity: int
    severity_text: str
    event_name: str
    time: int # 0: not known
    observed: int
    trace_id: str # "": no span was at work
    span_id: str
    flags: int
    attrs: dict
    resource: dict
    service: str
    scope: str
    dropped: int = 0 # attributes

    def __str__(self):
        more = " ".join(f"{key}={value}" for key, value in sorted(self.attrs.items()))
        return f"[{self.service}] {self.scope} {self.severity}{self.severity_text and f' ({self.severity_text})'} " \
               f"{self.body!r} {more} {self.trace_id and f'in {self.span_id}'}".rstrip()


def log_of(item, resource, scope):
    return Log(
        body=value_of(item.get("body")), severity=int(get(item, "severity", "severityNumber", default=0)),
        severity_text=item.get("severityText", ""), event_name=item.get("eventName", ""),
        time=int(get(item, "time", "timeUnixNano", default=0)),
        observed=int(get(item, "observed", "observedTimeUnixNano", default=0)),
        trace_id=ident(item.get("traceId", ""), 16), span_id=ident(item.get("spanId", ""), 8),
        flags=int(item.get("flags", 0)), attrs=attributes(item.get("attributes", [])), resource=resource,
        service=str(resource.get("service.name", "")), scope=scope,
        dropped=int(get(item, "droppedAttributes", "droppedAttributesCount", default=0)))


def logs_in(item):
    """Every log record of a JSON value: one as the fake collector writes it, or a request in OTLP/JSON."""
    if "resourceLogs" not in item:
        return [log_of(item, attributes(item["resource"]), item["scope"])] if "observed" in item else []
    return [log_of(record, attributes(block["resource"]["attributes"]), scope["scope"]["name"])
            for block in item["resourceLogs"] for scope in block["scopeLogs"] for record in scope["logRecords"]]


def load(path):
    return telemetry.load(path, logs_in)


# ---- what a case expects ------------------------------------------------------------------------

FIELDS = ("body", "severity", "severity_text", "event_name", "scope", "service")


@dataclasses.dataclass
class Expected:
    body: object = None
    severity: int = None
    severity_text: str = None
    event_name: str = None
    scope: str = None
    service: str = None
    within: object = None
    attrs: dict = dataclasses.field(default_factory=dict)
    exact_attrs: bool = False


def log(body=None, severity=None, **more):
    """What one log record must look like. body: text or a compiled pattern. within: the id of an expected span whose
    trace and span id it has, or ROOT: no ids. attrs as in telemetry.span()."""
    return Expected(body, severity, **more)


def filled(work, want):
    return telemetry.filled(work, want, "body", "service")


def differences(want, have, spans):
    """What keeps `have` from being `want`. spans: by the ids of the case."""
    out = telemetry.differences(want, have, FIELDS)
    if want.within is ROOT and have.span_id:
        out.append(f"it is in {have.span_id}")
    elif want.within not in (None, ROOT):
        span = spans[want.within]
        if (have.trace_id, have.span_id) != (span.trace_id, span.span_id):
            out.append(f"it is in {have.span_id or 'no span'}, not in {span.name}")
    return out


def missing(expected, logs, spans):
    """Lines that tell which expected records have no partner of their own; [] if all have one."""
    left, lines = list(logs), []
    for want in sorted(expected, key=lambda one: sum(not differences(one, have, spans) for have in logs)):
        partner = next((have for have in left if not differences(want, have, spans)), None)
        if partner:
            left.remove(partner)
            continue
        best = min((differences(want, have, spans) for have in left), key=len, default=["none is left"])
        lines.append(f"missing: {shown(want.body)}: the nearest one: " + "; ".join(best or ["is another one's"]))
    return lines


def unsound(logs):
    """What holds for every record of every case."""
    for have in logs:
        wrong = ("no observed time" if not have.observed else
                 "observed before it happened" if have.time > have.observed else
                 "one id without the other" if bool(have.trace_id) != bool(have.span_id) else
                 "flags without a span" if have.flags and not have.span_id else
                 f"flags are {have.flags:#x}" if have.flags > 0xff else
                 f"severity {have.severity}" if not 0 <= have.severity <= 24 else
                 "no service.name" if not have.service else
                 "no scope" if not have.scope else None)
        if wrong:
            return f"{have}: {wrong}"
    return None
