"""Probe 7: two copies of the library in one process; the second one does nothing, and its hooks take no room."""
import re

from probe import NONE, OTLP, Probe

COPY = "{dir}/copy/libotel-auto.so"
SETUP = [["mkdir", "copy"], ["cp", "{build}/libotel-auto.so", "{build}/libotel-auto-sdk.so", "copy/"]]
# Either one may be the first, and then the one that works.
BOTH = [(f"{name}-{word}", {**env, "LD_PRELOAD": preload}) for name, env in (NONE, OTLP)
        for word, preload in (("before", f"{COPY}:{{preload}}"), ("behind", f"{{preload}}:{COPY}"))]


def twice(victim, what, **env):
    return Probe(f"copy-{victim}", 7, f"with two copies of the library: {what}", run=[victim], setup=SETUP, settings=BOTH, seconds=60,
                 env={"OTEL_BSP_SCHEDULE_DELAY": "5", "OTEL_PROPAGATORS": "none", "OTEL_AUTO_EXIT_TIMEOUT": "20", **env}, speaks=False)


def without_blocks(text):
    """Each copy's block of 64 bytes is in every thread's stack."""
    return re.sub(r"(?<=: )\d+", lambda found: str(int(found[0]) - 2 * 64), text)


CASES = [
    twice("errno", "value, errno before and after, of every hooked function", OTEL_TRACES_SAMPLER="traceidratio",
          OTEL_TRACES_SAMPLER_ARG="0.02", OTEL_AUTO_METRICS_CARDINALITY_LIMIT="20"),
    twice("small_stacks", "threads with the smallest stack, coroutines on 16 KiB"),
    Probe("stack_use", 9, "the stack that name look-ups take where the library is off, and twice there", setup=SETUP,
          speaks=False, changes=without_blocks,
          settings=(("off", {"OTEL_AUTO_DISABLED": "true", "LD_PRELOAD": f"{COPY}:{{preload}}"}),)),
    twice("fds", "descriptors at main, after traffic, in children and behind an exec"),
]
