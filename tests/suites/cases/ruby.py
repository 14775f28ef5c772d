"""Ruby: sockets, Net::HTTP and friends, processes and IO."""
from suite import Suite, lines

SUITES = [
    Suite(
        name="ruby",
        about="Ruby 3.1: test/socket, test/net, test_process, test_io",
        packages=("ruby",),
        source="ruby3.1",
        run="ruby -Itest/lib -Itool/lib test/runner.rb --ruby=/usr/bin/ruby -v test/socket test/net "
            "test/ruby/test_process.rb test/ruby/test_io.rb",
        parse=lines(r"^(?:\[\s*\d+/\d+\]\s*)?(?P<name>\w[\w:]*#\w\S*) = [\d.]+ s = (?P<status>[.FES])\s*$",
                    {"F": "fail", "E": "error"}),
        minutes=10,
    ),
]
