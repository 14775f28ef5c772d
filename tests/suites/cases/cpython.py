"""CPython's own tests of what touches sockets, processes, threads and signals, run by Debian's interpreter."""
import pathlib
import re
import xml.etree.ElementTree as xml

from suite import Suite, numbered

CORE = "test_socket test_subprocess test_asyncio"
MODULES = CORE + """ test_ssl test_httplib test_http_cookiejar test_httpservers test_urllib2_localnet
 test_urllib2 test_select test_selectors test_epoll test_poll test_socketserver test_os test_posix test_signal
 test_threading test_threadsignals test_fork1 test_wait3 test_wait4 test_popen test_io test_file test_fcntl test_pty
 test_ftplib test_smtplib test_poplib test_imaplib test_telnetlib test_xmlrpc test_asynchat test_asyncore test_eintr
 test_faulthandler"""
MODULE = re.compile(r"^\S+(?: load avg: \S+)? \[\s*\d+/\d+(?:/\d+)?\] (?P<name>test_\w+)(?P<status> [^(\n]*)?", re.M)
RUNNING = re.compile(r" *-- running: .*") # others that take long: said behind the result of this one
ELEMENTS = {"failure": "fail", "error": "error", "skipped": "skip"}


def parse(output, folder):
    """One row per module, from what is printed, and one per test, from the report."""
    pairs = [(found["name"], (found["status"] or "").strip() or "ok") for found in MODULE.finditer(output)]
    pairs = [(name, RUNNING.sub("", status)) for name, status in pairs]
    pairs = [(name, "ok" if status == "passed" else status) for name, status in pairs]
    report = pathlib.Path(folder) / "report.xml"
    if report.exists():
        for case in xml.parse(report).iter("testcase"):
            status = next((ELEMENTS[child.tag] for child in case if child.tag in ELEMENTS), "ok")
            pairs.append((case.get("name"), status))
    return numbered(pairs)


def command(modules, jobs):
    # VSOCK waits for ever in a machine that has the family but no peer.
    return (f"/usr/bin/python3.11 -m test -j{jobs} -u network --timeout 300 -i ThreadedVSOCKSocketStreamTest "
            f"--tempdir $RUN --junit-xml $RUN/report.xml {' '.join(modules.split())}")


SUITES = [
    Suite(
        name="cpython-core",
        about=f"CPython 3.11: {' '.join(CORE.split())}",
        packages=("python3.11", "libpython3.11-testsuite"),
        run=command(CORE, 2),
        parse=parse,
        minutes=6,
    ),
    Suite(
        name="cpython",
        about=f"CPython 3.11: {len(MODULES.split())} modules, test_socket to test_faulthandler",
        packages=("python3.11", "libpython3.11-testsuite"),
        run=command(MODULES, 2),
        parse=parse,
        # A server that compares all the headers it is sent.
        sees_context=("test_xmlrpc", "test.test_xmlrpc.HeadersServerTestCase.*"),
        minutes=20,
    ),
]
