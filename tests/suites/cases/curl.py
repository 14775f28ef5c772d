"""curl: tests 1 to 300, each with servers of its own that compare every byte of the requests."""
from suite import Suite, lines

SUITES = [
    Suite(
        name="curl",
        about="curl 7.88: tests 1 to 300",
        packages=("autoconf", "automake", "libtool", "pkg-config", "gcc", "libc6-dev", "make", "perl", "libssl-dev",
                  "zlib1g-dev"),
        source="curl",
        prepare="autoreconf -fi && ./configure --with-openssl --disable-ldap --without-libpsl && make -j2 && "
                "make -C tests",
        run="cd tests && ./runtests.pl -n -a -am '!flaky' 1 to 300",
        # Nearly every test compares what came over HTTP, byte for byte.
        sees_context=("*",),
        parse=lines(r"^(?P<status>PASS|FAIL|SKIP): (?P<name>\d+)"),
        minutes=15,
    ),
]
