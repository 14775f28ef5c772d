"""What the checks share: the list of our sources, and C text with comments and literals blanked."""
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
SKIP = re.compile(r"^(build|build-san-[^/]*|\.git|shared)/|__pycache__|^tests/fuzz/(corpus|regression)/")

_TOKENS = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def files(*suffixes):
    """Paths from the root of the files that belong to the project (tracked or about to be)."""
    found = []
    if (TOP / ".git").exists():
        text = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=TOP, text=True,
                              stdout=subprocess.PIPE, check=False).stdout
        found = [name for name in text.splitlines() if (TOP / name).is_file()]
    if not found:
        found = [str(path.relative_to(TOP)) for path in TOP.rglob("*") if path.is_file()]
    return sorted(name for name in found if not SKIP.search(name) and (not suffixes or name.endswith(suffixes)))


def read(name):
    return (TOP / name).read_text(encoding="utf-8", errors="replace")


def blank(text):
    """The same text, same line numbers, with comments and the insides of literals as spaces."""
    def spaces(match):
        token = match.group(0)
        inner = re.sub(r"[^\n]", " ", token)
        return inner if token[0] == "/" else token[0] + inner[1:-1] + token[-1]
    return _TOKENS.sub(spaces, text)


def rows(name):
    """Rows of a table: (macro, [columns as written]) without comments."""
    text = re.sub(r"/\*.*?\*/", " ", read(name), flags=re.S)
    out = []
    for match in re.finditer(r"^([A-Z_]+)\((.*)\)\s*$", text, re.M):
        columns = re.findall(r'(?:"(?:\\.|[^"\\])*"|\([^()]*\)|[^,"()])+', match.group(2))
        out.append((match.group(1), [column.strip() for column in columns]))
    return out


class Report:
    """Collects findings; finish() prints them and ends with 1 if there is any."""

    def __init__(self, check):
        self.check, self.found = check, []

    def add(self, where, text):
        self.found.append(f"{where}: {text}")

    def finish(self):
        for line in self.found:
            print(f"{self.check}: {line}")
        sys.exit(1 if self.found else 0)
