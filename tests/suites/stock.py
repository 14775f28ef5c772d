"""Getting a suite: Debian packages, source packages, and the trees they are unpacked to, in a cache outside the project.

Source packages are fetched with apt lists of the cache's own, so that nothing in /etc/apt changes and no root is
needed. A tree is made once per version of its source and text of its `prepare`.
"""
import hashlib
import os
import pathlib
import shutil
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
# What apt says when the way to the archive is closed, as opposed to a fault of ours.
REFUSED = ("Could not resolve", "Temporary failure resolving", "Could not connect", "Cannot initiate the connection",
           "Failed to fetch", "Unable to connect", "403  ", "407  ", "Unable to fetch", "Connection timed out")


class Unavailable(Exception):
    """The suite cannot be had on this machine, through no fault of the project."""


class Broken(Exception):
    """It could be had, but not built or read: somebody has to look."""


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    path = pathlib.Path(base) / "otel-auto"
    path.mkdir(parents=True, exist_ok=True)
    return path


def run(command, log, seconds, **more):
    """True when it worked. The output is appended to the log."""
    with open(log, "ab") as file:
        try:
            return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                                  timeout=seconds, check=False, **more).returncode == 0
        except subprocess.TimeoutExpired:
            file.write(f"\nended after {seconds} s\n".encode())
            return False


def tail(log, count=8):
    return "\n".join(f"    | {line}" for line in log.read_text(errors="replace").splitlines()[-count:])


def give_up(what, log):
    refused = any(word in log.read_text(errors="replace") for word in REFUSED)
    raise (Unavailable if refused else Broken)(f"{what} ({log})\n{tail(log)}")


def versions(packages):
    """{package: version} of those that are installed."""
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version} ${Status}\n", *packages],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    words = [line.split() for line in done.stdout.splitlines()]
    return {word[0]: word[1] for word in words if word[-1] == "installed"}


class Stock:
    def __init__(self):
        self.sources = cache() / "sources"
        self.trees = cache() / "trees"
        self.apt = cache() / "apt"
        for folder in (self.sources, self.trees, self.apt):
            folder.mkdir(exist_ok=True)
        self.listed = False

    def install(self, suite):
        missing = [name for name in suite.packages if name not in versions(suite.packages)]
        if not missing:
            return
        if not shutil.which("apt-get"):
            raise Unavailable(f"no apt-get here to install {' '.join(missing)}")
        if os.geteuid() != 0 and not shutil.which("sudo"):
            raise Unavailable(f"neither root nor sudo here to install {' '.join(missing)}")
        log = self.apt / "install.log"
        log.write_bytes(b"")
        if not run([TOP / "scripts/install-deps", "package", *missing], log, 900):
            give_up(f"cannot install {' '.join(missing)}", log)

    def apt_get(self, *words):
        """apt-get with lists, sources and cache of our own."""
        state = self.apt / "state"
        for folder in ("lists/partial", "cache/archives/partial"):
            (state / folder).mkdir(parents=True, exist_ok=True)
        options = {"Dir::State::lists": state / "lists", "Dir::Cache": state / "cache",
                   "Dir::Etc::SourceList": self.apt / "sources.list", "Dir::Etc::SourceParts": "/dev/null",
                   "APT::Sandbox::User": "root", "Acquire::Retries": "2", "Acquire::http::Timeout": "20"}
        return ["apt-get", "-q", *(word for key, value in options.items() for word in ("-o", f"{key}={value}")), *words]

    def list_sources(self):
        """Takes the deb-src lines from the machine's own deb lines; the main suite only, which keeps its files."""
        if self.listed:
            return
        form = "$(REPO_URI) $(CODENAME) $(COMPONENT) $(ORIGIN)"
        if not shutil.which("apt-get"):
            raise Unavailable("no apt-get here to fetch sources with")
        done = subprocess.run(["apt-get", "indextargets", "--format", form, "Created-By: Packages"],
                              stdout=subprocess.PIPE, text=True, check=False)
        rows = {tuple(line.split()[:3]) for line in done.stdout.splitlines() if line.endswith(" Debian")}
        rows = {row for row in rows if "-" not in row[1] and row[2] == "main"}
        if not rows:
            raise Unavailable("this machine names no archive of Debian's to fetch sources from")
        key = "/usr/share/keyrings/debian-archive-keyring.gpg"
        signed = f"[signed-by={key}] " if os.path.exists(key) else ""
        (self.apt / "sources.list").write_text("".join(f"deb-src {signed}{' '.join(row)}\n" for row in sorted(rows)))
        log = self.apt / "update.log"
        log.write_bytes(b"")
        if not run(self.apt_get("update", "--error-on=any"), log, 300):
            give_up("cannot read the list of sources", log)
        self.listed = True

    def archive(self, source):
        """The .orig archive, fetched when it is not here yet."""
        found = self.find(source)
        if found:
            return found
        self.list_sources()
        log = self.sources / f"{source}.log"
        log.write_bytes(b"")
        worked = run(self.apt_get("source", "--download-only", source), log, 600, cwd=self.sources)
        if not self.find(source):
            give_up(f"cannot download the source of {source}" + ("" if worked else ": apt-get failed"), log)
        return self.find(source)

    def find(self, source):
        found = [path for path in self.sources.glob(f"{source}_*.orig.tar.*") if path.suffix in (".gz", ".xz", ".bz2")]
        return max(found, key=lambda path: path.stat().st_mtime, default=None)

    def tree(self, suite):
        """The folder to run in, unpacked and prepared."""
        archive = self.archive(suite.source) if suite.source else None
        made = hashlib.sha256(f"{archive and archive.name}\n{suite.prepare}".encode()).hexdigest()[:12]
        tree = self.trees / f"{suite.name}-{made}"
        stamp = tree / ".otel-auto-prepared"
        if stamp.exists():
            return tree
        shutil.rmtree(tree, ignore_errors=True)
        tree.mkdir()
        log = self.trees / f"{suite.name}.log"
        log.write_bytes(b"")
        if archive and not run(["tar", "xf", archive, "--strip-components=1", "--no-same-owner", "-C", tree], log, 300):
            raise Broken(f"cannot unpack {archive}\n{tail(log)}")
        if suite.prepare and not run(["sh", "-ec", suite.prepare], log, 1800, cwd=tree):
            raise Broken(f"cannot be built ({log})\n{tail(log)}")
        stamp.touch()
        return tree

    def key(self, suite):
        """What bare results depend on: suite, versions, machine."""
        machine = [os.uname().release, str(os.cpu_count()), str(os.geteuid()), pathlib.Path("/etc/machine-id").read_text()
                   if os.path.exists("/etc/machine-id") else os.uname().nodename]
        archive = self.find(suite.source) if suite.source else None
        parts = [suite.run, suite.prepare, archive.name if archive else "", *machine,
                 *(f"{name} {version}" for name, version in sorted(versions(suite.packages).items()))]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
