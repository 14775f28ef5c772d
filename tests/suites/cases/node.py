"""Node: net, dgram, child processes, cluster, a part of http and tls. The installed node runs Debian's sources of the
tests, one process per file; a file ends with its exit status."""
from suite import Suite, lines

SUITES = [
    Suite(
        name="node",
        about="Node, test/parallel: net, dgram, child-process, cluster, http-[ac]*, tls-c*",
        packages=("nodejs",),
        source="nodejs",
        run=r"""export NODE_TEST_DIR="$RUN"
ls test/parallel/test-net-*.js test/parallel/test-dgram-*.js test/parallel/test-child-process-*.js \
   test/parallel/test-cluster-*.js test/parallel/test-http-[ac]*.js test/parallel/test-tls-c*.js |
xargs -P2 -I{} sh -c 'timeout 60 node $(sed -n "s,^// Flags: ,,p" {}) {} >"$RUN/$(basename {}).log" 2>&1
    status=$?; [ $status = 0 ] && echo PASS {} || echo FAIL:$status {}'""",
        parse=lines(r"^(?P<status>PASS|FAIL:\d+) test/parallel/(?P<name>\S+)$"),
        minutes=20,
        # Compares the names of all headers that a request arrives with.
        sees_context=("test-http-client-default-headers-exist.js",),
    ),
]
