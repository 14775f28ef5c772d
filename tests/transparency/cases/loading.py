"""Probe 7: what the loader makes of libraries."""
from probe import Probe

CASES = [
    Probe("deepbind", 7, "whose functions a plug-in calls that is opened with `RTLD_DEEPBIND`",
          files={"inner.c": "int answer(void); int answer(void) { return 2; }\n",
                 "outer.c": "int answer(void); int question(void); int question(void) { return answer(); }\n"},
          setup=[["cc", "-shared", "-fPIC", "-o", "inner.so", "inner.c"],
                 ["cc", "-shared", "-fPIC", "-o", "outer.so", "outer.c", "./inner.so", "-Wl,-rpath,$ORIGIN"]],
          needs=("cc",)),
]
