"""Perl: its IO, Socket and IO::Socket::IP modules, test by test (each file is a process that prints TAP)."""
import re

from suite import Suite, numbered

FILE = re.compile(r"^(?P<file>\S+\.t) \.+ *(?P<rest>.*)$")
TEST = re.compile(r"^(?P<status>ok|not ok) (?P<number>\d+)[^#]*(?P<skip># skip)?", re.I)
ENDS = ("ok", "skipped", "Failed", "Dubious", "No subtests", "All")


def parse(output, _folder):
    """Rows `file` and `file number`: some names hold a process number or the name of a temporary file."""
    pairs, file = [], ""
    for line in output.splitlines():
        begun, test = FILE.match(line), TEST.match(line)
        if begun:
            file, line = begun["file"], begun["rest"]
            test = TEST.match(line)
        if test:
            status = "skip" if test["skip"] else test["status"].lower()
            pairs.append((f"{file} {test['number']}", status))
        elif file and line.startswith(ENDS):
            pairs.append((file, "skip" if line.startswith("skipped") else line.split(":")[0].strip()))
    return numbered(pairs)


SUITES = [
    Suite(
        name="perl",
        about="Perl 5.36: dist/IO, cpan/Socket, cpan/IO-Socket-IP",
        packages=("perl",),
        source="perl",
        run="prove -v dist/IO/t cpan/Socket/t cpan/IO-Socket-IP/t",
        parse=parse,
        minutes=6,
    ),
]
