"""Probe 7: libraries that are bound deep, little address space."""
from probe import Probe

CASES = [
    Probe("deepbind", 7, "whose functions a plug-in calls that is opened with `RTLD_DEEPBIND`",
          files={"inner.c": "int answer(void); int answer(void) { return 2; }\n",
                 "outer.c": "int answer(void); int question(void); int question(void) { return answer(); }\n"},
          setup=[["cc", "-shared", "-fPIC", "-o", "inner.so", "inner.c"],
                 ["cc", "-shared", "-fPIC", "-o", "outer.so", "outer.c", "./inner.so", "-Wl,-rpath,$ORIGIN"]],
          needs=("cc",)),
    Probe("memory", 7, "what is left of 200 MB of address space after traffic", env={"OTEL_BSP_SCHEDULE_DELAY": "5"},
          run=["/bin/sh", "-c", "ulimit -v 200000; exec {victims}/memory"]),
]
