"""libuv: the event loop below node, tested one process per test."""
from suite import Suite, numbered
import re

LINE = re.compile(r"^(?P<status>ok|not ok) \d+ - (?P<name>\S+)(?P<skip> # SKIP)?", re.M)


def parse(output, _folder):
    return numbered((found["name"], "skip" if found["skip"] else found["status"]) for found in LINE.finditer(output))


SUITES = [
    Suite(
        name="libuv",
        about="libuv 1.44: all of uv_run_tests",
        packages=("cmake", "gcc", "libc6-dev", "make"),
        source="libuv1",
        prepare="cmake -B build -DBUILD_TESTING=ON && make -C build uv_run_tests",
        run="UV_RUN_AS_ROOT=1 build/uv_run_tests",   # in the source's folder, where some tests look for files
        parse=parse,
        minutes=5,
        # They connect to an address that nobody answers: what comes of it is up to the machine's network.
        unstable=("tcp_close_while_connecting", "tcp_connect_timeout"),
    ),
]
