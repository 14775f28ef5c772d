"""PostgreSQL: the whole regression schedule against a temporary server of the packaged programs. It refuses to run as
root, so root hands it to the user whom the package made."""
from suite import Suite, lines

SUITES = [
    Suite(
        name="postgres",
        about="PostgreSQL 15: parallel_schedule",
        packages=("postgresql-15", "postgresql-server-dev-15", "gcc", "libc6-dev"),
        source="postgresql-15",
        prepare="cd src/test/regress && gcc -shared -fPIC -I/usr/include/postgresql/15/server -o regress.so regress.c",
        run=r"""cp -r src/test/regress "$RUN/in"; mkdir "$RUN/out"
as=; if [ "$(id -u)" = 0 ]; then chown -R postgres "$RUN"; as="setpriv --reuid=postgres --regid=postgres --clear-groups"; fi
cd "$RUN/out"
$as env HOME="$RUN/out" /usr/lib/postgresql/15/lib/pgxs/src/test/regress/pg_regress --inputdir="$RUN/in" \
    --outputdir="$RUN/out" --bindir=/usr/lib/postgresql/15/bin --dlpath="$RUN/in" --temp-instance="$RUN/out/inst" \
    --port=56432 --max-connections=8 --schedule="$RUN/in/parallel_schedule" """,
        parse=lines(r"^(?:test)?\s+(?P<name>\S+)\s+\.\.\. (?P<status>ok|FAILED)"),
        minutes=10,
    ),
]
