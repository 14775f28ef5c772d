"""Ruby: sockets, Net::HTTP and friends, processes and IO."""
import re

from suite import Suite

# A line of ours may stand behind the name: children with an emptied environment tell standard error about themselves.
TEST = re.compile(r"^\[\s*\d+/\d+\] (?P<name>\w[\w:]*#\S+?)(?:otel-auto: .*|#<Thread:.*| =.*)?$", re.M)
REPORT = re.compile(r"^\s*\d+\) (?P<status>Failure|Error|Skipped):\n(?P<name>\w[\w:]*#\S+?):?(?: \[|$)", re.M)
WORDS = {"Failure": "fail", "Error": "error", "Skipped": "skip"}


def parse(output, _folder):
    """Every test is named when it begins; those that did not pass are told about once more."""
    found = {test["name"]: "ok" for test in TEST.finditer(output)}
    found.update((test["name"], WORDS[test["status"]]) for test in REPORT.finditer(output))
    return found


SUITES = [
    Suite(
        name="ruby",
        about="Ruby 3.1: test/socket, test/net, test_process, test_io",
        packages=("ruby",),
        source="ruby3.1",
        run="ruby -Itest/lib -Itool/lib test/runner.rb --ruby=/usr/bin/ruby -v --show-skip test/socket test/net "
            "test/ruby/test_process.rb test/ruby/test_io.rb",
        parse=parse,
        # They compare the bytes of CONNECT requests.
        sees_context=("HTTPSProxyTest#test_https_proxy_authentication", "TestNetHTTPS#test_get_SNI_proxy"),
        minutes=10,
    ),
]
