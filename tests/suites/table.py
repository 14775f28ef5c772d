"""The table of results: on the terminal, and in tests/README.md between its markers."""
import json
import platform
import re
from stand import latest
from stock import TOP

README = TOP / "tests/README.md"
HEAD = ("Suite", "passed", "skipped", "failed", "flaky", "bare runs", "spans", "differ", "context")
MARKERS = re.compile(r"(<!-- begin suites -->\n).*?(<!-- end suites -->)", re.S)


def cells(row, name):
    return (name, *(str(count) for count in row["kinds"]), str(len(row["flaky"])), str(row["bare_runs"]),
            str(row["spans"]), str(len(row["differ"])),
            str(len(row["context"])) if "plain" in row["modes"] else "-")


def text(rows):
    found = [HEAD, *(cells(row, row["suite"]) for row in rows)]
    widths = [max(len(line[at]) for line in found) for at in range(len(HEAD))]
    return "\n".join("  ".join(word.ljust(width) if not at else word.rjust(width)
                               for at, (word, width) in enumerate(zip(line, widths))) for line in found)


def markdown(rows):
    lines = [f"| {' | '.join(HEAD)} |", f"| --- |{' ---: |' * (len(HEAD) - 1)}"]
    lines += [f"| {' | '.join(cells(row, row['about']))} |" for row in rows]
    total = [sum(row["kinds"][at] for row in rows) for at in range(3)]
    lines.append(f"| **{len(rows)} suites** | {' | '.join(str(count) for count in total)} | "
                 f"{sum(len(row['flaky']) for row in rows)} | | {sum(row['spans'] for row in rows)} | "
                 f"{sum(len(row['differ']) for row in rows)} | {sum(len(row['context']) for row in rows)} |")
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    lines.append(f"\nMeasured on {system}, {' '.join(platform.libc_ver())}, {platform.machine()}.")
    return "\n".join(lines)


def write(known):
    """Puts the last result of every suite into the README."""
    rows = [json.loads(path.read_text()) for name in known if (path := latest() / f"{name}.json").exists()]
    before = README.read_text()
    README.write_text(MARKERS.sub(lambda found: found[1] + markdown(rows).rstrip("\n") + "\n" + found[2], before))
    print(f"wrote {len(rows)} rows into {README.relative_to(TOP)}")
    return 0
