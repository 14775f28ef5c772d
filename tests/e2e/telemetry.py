"""Spans as the fake collector wrote them: reading, comparing with what a case expects, drawing.

A case expects a list of span(...). Each must be matched by a span of its own; parents are named by the
id of another expected span, so that one list describes the whole tree.
"""
import base64
import dataclasses
import json
import pathlib
import re

KINDS = {0: "unspecified", 1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}
STATUSES = {0: "unset", 1: "ok", 2: "error"}
INTERNAL, SERVER, CLIENT = "internal", "server", "client"
ROOT = object()       # parent=ROOT: no parent at all
ABSENT = object()     # attrs={"key": ABSENT}: the attribute must not be there
PRESENT = object()    # attrs={"key": PRESENT}: any value


@dataclasses.dataclass
class Event:
    name: str
    time: int
    attrs: dict
    dropped: int = 0 # attributes


@dataclasses.dataclass
class Link:
    trace_id: str
    span_id: str
    flags: int
    tracestate: str
    attrs: dict


@dataclasses.dataclass
class Span:
    trace_id: str
    span_id: str
    parent_id: str
    name: str
    kind: str
    service: str
    status: str
    start: int
    end: int
    attrs: dict
    resource: dict
    scope: str = ""
    tracestate: str = ""
    flags: int = 0
    dropped: int = 0 # attributes
    dropped_events: int = 0
    dropped_links: int = 0
    events: list = dataclasses.field(default_factory=list)
    links: list = dataclasses.field(default_factory=list)

    def __str__(self):
        shown = " ".join(f"{key}={value}" for key, value in sorted(self.attrs.items()))
        return f"[{self.service}] {self.name} {self.kind} {self.status} {shown}"


def value_of(value):
    """An OTLP AnyValue (JSON mapping) as a Python value."""
    if not isinstance(value, dict):
        return value
    for key, inner in value.items():
        name = key.replace("_", "").lower()
        if name == "intvalue":
            return int(inner)
        if name == "doublevalue":
            return float(inner)
        if name == "arrayvalue":
            return [value_of(item) for item in inner.get("values", [])]
        if name == "kvlistvalue":
            return attributes(inner.get("values", []))
        return inner
    return None


def attributes(items):
    if isinstance(items, dict):
        return {key: value_of(value) for key, value in items.items()}
    return {item["key"]: value_of(item.get("value")) for item in items or ()}


def ident(text, size):
    """Ids are hexadecimal in OTLP/JSON; base64 is what a careless encoder writes."""
    if not text or re.fullmatch(r"[0-9a-fA-F]+", text) and len(text) == 2 * size:
        return "" if not text or not text.strip("0") else text.lower()
    return base64.b64decode(text).hex()


def word(value, table):
    if isinstance(value, str) and not value.isdigit():
        return value.rsplit("_", 1)[-1].lower()
    return table.get(int(value or 0), str(value))


def get(item, *names, default=None):
    for name in names:
        if name in item:
            return item[name]
    return default


def event_of(item):
    return Event(name=item.get("name", ""), time=int(get(item, "timeUnixNano", "time", default=0)),
                 attrs=attributes(item.get("attributes", [])),
                 dropped=int(get(item, "droppedAttributes", "droppedAttributesCount", default=0)))


def link_of(item):
    return Link(trace_id=ident(item.get("traceId", ""), 16), span_id=ident(item.get("spanId", ""), 8),
                flags=int(item.get("flags", 0)), tracestate=item.get("traceState", "") or "",
                attrs=attributes(item.get("attributes", [])))


def span_of(item, resource, scope):
    return Span(
        trace_id=ident(get(item, "traceId", "trace_id", default=""), 16),
        span_id=ident(get(item, "spanId", "span_id", default=""), 8),
        parent_id=ident(get(item, "parentSpanId", "parent_span_id", "parent_id", default=""), 8),
        name=item.get("name", ""), kind=word(item.get("kind", 0), KINDS),
        status=word(get(item.get("status") or {}, "code", default=0)
                    if isinstance(item.get("status"), dict) else item.get("status", 0), STATUSES),
        start=int(get(item, "startTimeUnixNano", "start_time_unix_nano", "start", default=0)),
        end=int(get(item, "endTimeUnixNano", "end_time_unix_nano", "end", default=0)),
        attrs=attributes(get(item, "attributes", "attrs", default=[])), resource=resource,
        service=str(resource.get("service.name", "")), scope=scope,
        tracestate=get(item, "traceState", "trace_state", default="") or "", flags=int(item.get("flags", 0)),
        dropped=int(get(item, "droppedAttributes", "droppedAttributesCount", default=0)),
        dropped_events=int(get(item, "droppedEvents", "droppedEventsCount", default=0)),
        dropped_links=int(get(item, "droppedLinks", "droppedLinksCount", default=0)),
        events=[event_of(event) for event in item.get("events", [])],
        links=[link_of(link) for link in item.get("links", [])])


def spans_in(item):
    """Every span of a JSON value: one span as the fake collector writes it (attributes and resource
    are plain objects), or, at any depth, OTLP/JSON trace requests (what the console exporter writes)."""
    if isinstance(item, list):
        return [span for inner in item for span in spans_in(inner)]
    if not isinstance(item, dict):
        return []
    if "spanId" in item:
        return [span_of(item, attributes(item.get("resource", {})), item.get("scope", ""))]
    blocks = get(item, "resourceSpans", "resource_spans")
    if blocks is None:
        return [span for inner in item.values() for span in spans_in(inner)]
    found = []
    for block in blocks:
        resource = attributes((block.get("resource") or {}).get("attributes", []))
        for scope in get(block, "scopeSpans", "scope_spans", default=[]):
            name = (scope.get("scope") or {}).get("name", "")
            found += [span_of(span, resource, name) for span in scope.get("spans", [])]
    return found


def values(text):
    """JSON values written one after another, with any white space between them."""
    decoder, at = json.JSONDecoder(), 0
    while True:
        at += len(text[at:]) - len(text[at:].lstrip())
        if at >= len(text):
            return
        value, at = decoder.raw_decode(text, at)
        yield value


def load(path, read=spans_in):
    """What a file of lines holds, by default spans. A line still being written is left for the next look."""
    found = []
    try:
        lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return found
    for line in lines:
        try:
            found += read(json.loads(line))
        except json.JSONDecodeError:
            continue
    return found


# ---- what a case expects ------------------------------------------------------------------------

@dataclasses.dataclass
class Expected:
    name: object = None
    kind: str = None
    service: str = None
    status: str = None
    parent: object = None
    id: str = None
    attrs: dict = dataclasses.field(default_factory=dict)
    exact_attrs: bool = False


def span(name=None, kind=None, **more):
    """What one span must look like. name: text or a compiled pattern. parent: the id of another
    expected span, or ROOT. attrs: exact values, patterns, PRESENT or ABSENT; with exact_attrs=True
    no attribute besides these may be there."""
    return Expected(name, kind, **more)


def filled(work, want, *fields):
    """The same with the placeholders of these fields and of attributes filled in."""
    attrs = {key: value if value in (PRESENT, ABSENT) else work.filled(value) for key, value in want.attrs.items()}
    return dataclasses.replace(want, attrs=attrs, **{field: work.filled(getattr(want, field)) for field in fields})


def agrees(want, have):
    if want is PRESENT:
        return have is not None
    if want is ABSENT:
        return have is None
    if isinstance(want, re.Pattern):
        return isinstance(have, str) and bool(want.search(have))
    if isinstance(want, bool) or isinstance(have, bool):
        return want is have
    return want == have


def differences(want, have, fields=("name", "kind", "service", "status")):
    """What keeps `have` from being `want`, parents aside."""
    out = []
    for field in fields:
        wanted = getattr(want, field)
        if wanted is not None and not agrees(wanted, getattr(have, field)):
            out.append(f"{field} is {getattr(have, field)!r}, not {shown(wanted)}")
    for key, wanted in want.attrs.items():
        if not agrees(wanted, have.attrs.get(key)):
            out.append(f"{key} is {have.attrs.get(key)!r}, not {shown(wanted)}")
    if want.exact_attrs:
        out += [f"{key}={have.attrs[key]!r} should not be there" for key in have.attrs if key not in want.attrs]
    return out


def shown(want):
    names = {id(PRESENT): "present", id(ABSENT): "absent", id(ROOT): "none"}
    if isinstance(want, re.Pattern):
        return f"/{want.pattern}/"
    return names.get(id(want), repr(want))


def parent_agrees(want, have, chosen):
    if want.parent is None:
        return True
    if want.parent is ROOT:
        return not have.parent_id
    parent = chosen.get(want.parent)
    return parent is None or (have.parent_id == parent.span_id and have.trace_id == parent.trace_id)


def assign(expected, spans):
    """A span for every expected one, or None. Depth first: the lists are short."""
    candidates = [[have for have in spans if not differences(want, have)] for want in expected]
    order = sorted(range(len(expected)), key=lambda index: len(candidates[index]))
    chosen, used, result = {}, set(), {}

    def consistent():
        return all(parent_agrees(expected[index], result[index], chosen) for index in result)

    def place(at):
        if at == len(order):
            return True
        index = order[at]
        want = expected[index]
        for have in candidates[index]:
            if id(have) in used:
                continue
            used.add(id(have))
            result[index] = have
            if want.id:
                chosen[want.id] = have
            if consistent() and place(at + 1):
                return True
            used.discard(id(have))
            del result[index]
            chosen.pop(want.id, None)
        return False

    return [result[index] for index in range(len(expected))] if place(0) else None


def explain(expected, spans):
    """Lines that tell which expected span has no partner, and how near the best one came."""
    lines = []
    for want in expected:
        label = " ".join(shown(part) for part in (want.id, want.name, want.kind, want.service) if part is not None)
        best = min((differences(want, have) for have in spans), key=len, default=None)
        if best is None:
            lines.append(f"missing: {label}: no span came")
        elif best:
            lines.append(f"missing: {label}: the nearest one differs: " + "; ".join(best))
    if not lines:
        lines.append("every expected span came, but their parents differ")
    return lines


# ---- drawing ------------------------------------------------------------------------------------

def tree(spans):
    """Lines: each trace as a tree, oldest first."""
    by_id = {(item.trace_id, item.span_id): item for item in spans}
    children, roots = {}, []
    for item in sorted(spans, key=lambda one: one.start):
        if (item.trace_id, item.parent_id) in by_id:
            children.setdefault((item.trace_id, item.parent_id), []).append(item)
        else:
            roots.append(item)
    width = max((len(item.service) for item in spans), default=0)
    lines, shown_trace = [], None

    def draw(item, prefix, branch, deeper):
        took = f"{(item.end - item.start) / 1e6:.2f} ms"
        lines.append(f"  {item.service:<{width}}  {prefix}{branch}{describe(item)}  {took}")
        inner = children.get((item.trace_id, item.span_id), [])
        for index, child in enumerate(inner):
            last = index == len(inner) - 1
            draw(child, prefix + deeper, "`- " if last else "|- ", "   " if last else "|  ")

    for root in sorted(roots, key=lambda one: (min(other.start for other in spans if other.trace_id == one.trace_id),
                                               one.trace_id, one.start)):
        if root.trace_id != shown_trace:
            shown_trace = root.trace_id
            lines.append(f"trace {root.trace_id}")
        draw(root, "", "", "")
    return lines


def describe(item):
    parts = [item.name, item.kind.upper()]
    for key in ("url.full", "url.path", "http.response.status_code", "process.exit.code", "error.type"):
        if key in item.attrs:
            parts.append(str(item.attrs[key]) if key != "process.exit.code" else f"exit={item.attrs[key]}")
    if item.status == "error":
        parts.append("ERROR")
    return " ".join(parts)
