"""An environment of 200 OTEL_ variables: one for each row of env/vars.def with a value that is accepted, then
names as long as those that are not ours (the search cannot tell them by their length)."""
import re
import sys

from harness import TOP

sys.path.append(str(TOP / "scripts"))
from csource import read, rows  # noqa: E402

MANY = 200
# What changes what the process does, or writes somewhere.
LEFT_OUT = {"OTEL_AUTO_DISABLED", "OTEL_SDK_DISABLED", "OTEL_AUTO_LOG", "OTEL_AUTO_CONSOLE", "OTEL_CONFIG_FILE",
            "OTEL_EXPERIMENTAL_CONFIG_FILE", "OTEL_AUTO_INCLUDE", "OTEL_PROPAGATORS"}


def first_word(kind):
    """The first word of the set ENUM(set)."""
    words = re.search(rf"SET\({kind[5:-1]}\)(.*?)END", read("env/enums.def"), re.S).group(1)
    return re.search(r'WORD\(\w+, \w+, "([^"]+)"\)', words).group(1)


def value_for(kind, initial, constraint):
    if kind == "BOOL":
        return initial
    if kind.startswith("ENUM"):
        return first_word(kind)
    if kind.startswith("LIST"):
        return "none"
    if kind in ("STR", "TEXT"):
        return {"ENDPOINT": "http://collector.example/"}.get(constraint, "key=some%20value")
    return "100"


def many():
    """{name: value}, MANY of them."""
    known = {}
    for macro, (_, name, kind, initial, constraint, *_) in rows("env/vars.def"):
        name = name.strip('"')
        if macro == "VAR" and name not in LEFT_OUT:
            known[name] = value_for(kind, initial, constraint)
    names = [name for name in known if name.startswith("OTEL_")]
    for number in range(MANY - len(known)):
        name = names[number % len(names)]
        known[name[:-3] + f"{number:03}"] = known[name]
    return known
