"""What a case is: data only. run.py runs it, cases/*.py hold lists of them."""
import dataclasses
import importlib.util
import pathlib


@dataclasses.dataclass
class Case:
    """`run` is executed under the shim and, if `same` is set, bare as well with bare servers: then
    status, stdout and stderr must be equal (ports and folder aside).

    expect  spans that must come (telemetry.span); with exact=True no other span may come
    logs    log records that must come (logs.log), and with exact_logs=True no other; None = not looked at
    traces  how many trace ids there may be in all, None = not looked at
    status  exit status of the run
    check   called with a Result after everything else holds; raises Failure
    setup   commands run bare before anything is started
    needs   programs that must be installed (servers name theirs themselves)
    sanitized  False: the program cannot run under the address sanitizer's runtime; left out there
    """
    name: str
    what: str
    run: list
    expect: list = dataclasses.field(default_factory=list)
    logs: list = None
    exact_logs: bool = True
    servers: list = dataclasses.field(default_factory=list)
    service: str = "client"
    env: dict = dataclasses.field(default_factory=dict)
    files: dict = dataclasses.field(default_factory=dict)
    setup: list = dataclasses.field(default_factory=list)
    collector: tuple = ()
    needs: tuple = ()
    exact: bool = True
    same: bool = True
    traces: int = None
    status: int = 0
    check: object = None
    sanitized: bool = True
    seconds: float = 20.0


@dataclasses.dataclass
class Result:
    """What a check looks at."""
    spans: list
    logs: list
    status: int
    stdout: str
    stderr: str
    work: object


def load_cases(folder):
    """All CASES of the folder's files, in order; no two have one name."""
    cases = []
    for path in sorted(pathlib.Path(folder).glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"cases_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        cases += getattr(module, "CASES", [])
    names = [case.name for case in cases]
    for name in names:
        if names.count(name) > 1:
            raise SystemExit(f"two cases are called {name}")
    return cases
