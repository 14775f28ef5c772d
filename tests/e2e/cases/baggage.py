"""OTEL_AUTO_SPAN_ATTRIBUTES_FROM_BAGGAGE: entries of the baggage that came become attributes of spans."""
from case import Case
from probes import bare_probe, probe
from spans import http_client, http_server, process
from telemetry import ABSENT, ROOT
from through import BARE, NGINX, PYTHON, ask, through, with_env

KEYS = {"OTEL_AUTO_SPAN_ATTRIBUTES_FROM_BAGGAGE": "user.id, ten*,url.path"}
CAME = "baggage: user.id=al%20ice, tenant=t1;p=1, secret=s, url.path=/theirs"
WANT = {"user.id": "al ice", "tenant": "t1", "secret": ABSENT}
NOTHING = dict.fromkeys(WANT, ABSENT)


def chain(attrs):
    return [http_server("front", "/one", id="server", parent=ROOT, attrs=attrs),
            http_client("probe", "/one", service="front", parent="server", attrs=attrs)]


CASES = [
    *(through(f"baggage-attributes-{word}", f"{word}: the request's span, and the one of what it asks, have them",
              with_env(front, **KEYS), (CAME,), chain(WANT), check=lambda result: None, traces=1)
      for word, front in (("python", PYTHON), ("nginx", NGINX))),
    through("baggage-attributes-all", "a star alone means every key", with_env(
        PYTHON, OTEL_AUTO_SPAN_ATTRIBUTES_FROM_BAGGAGE="*"), (CAME,), chain({**WANT, "secret": "s"}),
        check=lambda result: None, traces=1),
    through("baggage-attributes-unset", "nobody has asked for any", PYTHON, (CAME,), chain(NOTHING),
            check=lambda result: None, traces=1),
    through("baggage-attributes-public", "a stranger's baggage is no attribute of ours",
            with_env(PYTHON, OTEL_AUTO_PUBLIC_ENDPOINT="true", **KEYS), (CAME,), chain(NOTHING),
            check=lambda result: None, traces=1),
    Case("baggage-attributes-curl", "a process and its request have those of the process's baggage", needs=("curl",),
         servers=[bare_probe("probe")], run=ask(port="probe"), env={**KEYS, "BAGGAGE": CAME.split(": ")[1]},
         expect=[process(id="curl", parent=ROOT, attrs=WANT), http_client("probe", "/one", parent="curl", attrs=WANT)]),
    Case("baggage-attributes-server", "a server that asks nobody", needs=("curl",), env=BARE,
         servers=[with_env(probe("probe"), **KEYS)], run=ask(CAME, port="probe"),
         expect=[http_server("probe", "/one", parent=ROOT, attrs=WANT)]),
]
