"""What a probe is: data only. run.py runs it, cases/*.py hold lists of them."""
import dataclasses

# What the library may be told about where telemetry goes. `bare` comes first and is what all others must equal.
NONE = ("none", {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"})
CONSOLE = ("console", {"OTEL_TRACES_EXPORTER": "console", "OTEL_METRICS_EXPORTER": "console",
                       "OTEL_AUTO_CONSOLE": "{dir}/console.json"})
OTLP = ("otlp", {})
DEAF = ("deaf", {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:{closed}", "OTEL_AUTO_EXIT_TIMEOUT": None})
SETTINGS = (NONE, CONSOLE, OTLP, DEAF)


@dataclasses.dataclass
class Probe:
    """`run` is executed bare and then preloaded under every setting, each time in a fresh folder: exit status or signal,
    stdout, stderr and `outputs` must be the same bytes (ports, folder and times aside).

    number    of the probe in the list of the README
    run       the command; a lone word without a slash and a blank is a program of victims/
    outputs   further files of the folder that are compared; one that is missing bare must be missing preloaded
    normal    a function text -> text that takes out what differs from run to run
    changes   another one, of the preloaded side alone: the deliberate changes, and nothing else
    status    the exit status of the bare run; a negative number is a signal
    settings  (name, environment) pairs; placeholders as everywhere; None takes a name away
    env       the environment on both sides; setup: commands run bare before; files: written before; servers: started
              before, preloaded in preloaded runs unless they say shim=False
    speaks    whether a trace of the program's must reach the console and the collector: a library that does
              nothing changes nothing
    check     called with (bare, {setting: Outcome}) when all else holds; raises Failure, or returns what to print
    faults    of fault.c, that this probe must notice (run.py --prove)
    needs     programs that must be installed
    root      needs the rights of root; left out without them
    sanitized True: can be run under the address sanitizer's runtime, which changes most of what probes look at
    """
    name: str
    number: int
    what: str
    run: list = None
    outputs: tuple = ()
    normal: object = None
    changes: object = None
    status: int = 0
    settings: tuple = SETTINGS
    env: dict = dataclasses.field(default_factory=dict)
    files: dict = dataclasses.field(default_factory=dict)
    setup: list = dataclasses.field(default_factory=list)
    servers: list = dataclasses.field(default_factory=list)
    speaks: bool = True
    check: object = None
    faults: tuple = ()
    needs: tuple = ()
    root: bool = False
    sanitized: bool = False
    seconds: float = 20.0


@dataclasses.dataclass
class Outcome:
    """One run: what is compared, by name; how long it took; and its workspace, for checks."""
    texts: dict
    seconds: float
    work: object
