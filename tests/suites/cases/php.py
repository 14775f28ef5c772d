"""PHP: streams, sockets, its built-in web server as a test's peer, and process control."""
from suite import Suite, lines

SUITES = [
    Suite(
        name="php",
        about="PHP 8.2: sockets, standard/{network,streams,http}, pcntl, posix",
        packages=("php-cli",),
        source="php8.2",
        run="php run-tests.php -q --offline --set-timeout 60 -j2 -p /usr/bin/php ext/sockets "
            "ext/standard/tests/network ext/standard/tests/streams ext/standard/tests/http ext/pcntl ext/posix",
        parse=lines(r"^(?P<status>PASS|FAIL|SKIP|WARN|XFAIL|BORK|LEAK|XLEAK|WARN&FAIL) .*?\[(?P<name>[^\]]+\.phpt)\]"),
        minutes=8,
        # These print the requests that arrived, as the server that they start saw them.
        sees_context=tuple(f"ext/standard/tests/http/{name}.phpt" for name in (
            "bug38802", "bug48929", "bug53198", "bug65634", "bug67430", "bug79265", "bug79265_2",
            "ghsa-hgf5-96fm-v528-00[123]", "ignore_errors")),
        # Waits for ever when its child dies before SIGCHLD has a handler, bare too: one run of some tens on a busy machine.
        unstable=("ext/pcntl/tests/002.phpt",),
    ),
]
