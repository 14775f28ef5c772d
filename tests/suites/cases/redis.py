"""Redis: a Tcl driver with many connections against servers that it starts, stops and kills. Nothing is built: the
packaged programs take the place of those that `make` would leave in src/."""
from suite import Suite, lines

UNITS = """unit/protocol unit/keyspace unit/scan unit/auth unit/acl unit/multi unit/pubsub unit/querybuf unit/limits
 unit/networking unit/pause unit/info unit/introspection unit/introspection-2 unit/replybufsize unit/client-eviction
 unit/pendingquerybuf unit/quit unit/shutdown integration/redis-cli integration/redis-benchmark integration/shutdown
 integration/logging""".split()

SUITES = [
    Suite(
        name="redis",
        about=f"Redis 7.0: {len(UNITS)} units, unit/protocol to integration/logging",
        packages=("redis-server", "redis-tools", "tcl"),
        source="redis",
        prepare="for b in redis-server redis-cli redis-benchmark redis-check-aof redis-check-rdb; do "
                'ln -sf "$(command -v $b)" src/$b; done; ln -sf redis-server src/redis-sentinel',
        run="./runtest --clients 4 " + " ".join(f"--single {unit}" for unit in UNITS),
        parse=lines(r"^\[(?P<status>ok|err|exception|skip|ignore)\]: (?P<name>.*?)(?: \(\d+ ms\))?$"),
        minutes=5,
    ),
]
