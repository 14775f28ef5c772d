"""Probe 11: ends. How, with which status, and how much later than bare."""
from harness import Failure, Server
from probe import CONSOLE, DEAF, NONE, OTLP, Probe

ADDED_MS, SLACK_MS = 200, 150  # what the library may add to a program's end, and what a busy machine may

WHAT = "status, signal, buffers and exit handlers of every way out"
BAD = {"slow": "answers after two seconds", "mute": "accepts and never answers", "hole": "is behind a black hole",
       "rude": "accepts and closes", "busy": "answers 503"}


def times_of(outcome):
    lines = (outcome.work.folder / "times").read_text(encoding="ascii").splitlines()
    return {way: int(ms) for way, ms in (line.rsplit(" ", 1) for line in lines)}


def in_time(bare, outcomes):
    """Ends at most ADDED_MS later; what was measured, for the terminal."""
    table, late = [], []
    before = times_of(bare)
    for setting, outcome in outcomes.items():
        after = times_of(outcome)
        table.append(f"{setting:8} " + "  ".join(f"{way} {before[way]}->{after[way]}" for way in before))
        # A child and its parent each have their own end; so have the one before exec and the one behind it.
        late += [f"{setting}: {way} takes {after[way]} ms, {before[way]} bare" for way in before
                 if after[way] > before[way] + ADDED_MS * (2 if way in ("exit in a child", "exec") else 1) + SLACK_MS]
    if late:
        raise Failure("\n".join(late))
    return "\n".join(["milliseconds, bare -> preloaded:", *table])


def bad(how):
    setting = (how, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:{bad}", "OTEL_AUTO_EXIT_TIMEOUT": None})
    server = Server("bad", ["{python}", "{room}/bad_collector.py", "{bad}", how], ports=("bad",), shim=False)
    return Probe(f"ends-{how}", 11, f"the same, and its time, where the collector {BAD[how]}", run=["exits"], status=30,
                 settings=(setting,), servers=[server], check=in_time, speaks=False, seconds=60)


QUICK = [(name, {**env, "OTEL_AUTO_EXIT_TIMEOUT": None}) for name, env in (NONE, CONSOLE, OTLP)]

CASES = [Probe("ends", 11, WHAT + "; its time", run=["exits"], status=30, settings=(*QUICK, DEAF), check=in_time, seconds=60,
               faults=("status", "time")),
         *(bad(how) for how in BAD)]
