"""scripts/otel-auto, as it would be installed: bin/ beside lib/otel-auto/."""
from case import Case
from harness import Failure
from spans import process
from telemetry import ROOT

INSTALLED = [["mkdir", "-p", "{dir}/bin", "{dir}/lib"],
             ["cp", "{top}/scripts/otel-auto", "{dir}/bin/otel-auto"],
             ["ln", "-s", "{build}", "{dir}/lib/otel-auto"]]
BARE = {"LD_PRELOAD": "{runtime}"}
TOOL = "{dir}/bin/otel-auto"


def says(*texts):
    def check(result):
        for text in texts:
            text = result.work.fill(text)
            if text not in result.stdout + result.stderr:
                raise Failure(f"{text!r} is not in {result.stdout + result.stderr!r}")
    return check


def listed_once(result):
    says("deployment.environment.name=test\n")(result)
    entries = result.stdout.split("\n", 1)[0].removeprefix("list=").split(":")
    ours = result.work.fill("{build}/libotel-auto.so")
    if entries.count(ours) != 1 or set(entries) != set(result.work.fill("{preload}").split(":")):
        raise Failure(f"LD_PRELOAD is {entries}")


CASES = [
    Case("launcher-run", "options become variables, the program keeps its exit status, the library is listed once",
         setup=INSTALLED, same=False, env={**BARE, "OTEL_SERVICE_NAME": "other"}, status=7,
         run=[TOOL, "run", "-s", "named", "-r", "deployment.environment.name=test", "--",
              "{dir}/bin/otel-auto", "sh", "-c", "echo list=$LD_PRELOAD; echo $OTEL_RESOURCE_ATTRIBUTES; exit 7"],
         expect=[process("named", exit_code=7, parent=ROOT)], exact=False,
         check=listed_once),

    Case("launcher-not-found", "127 for a program that does not exist",
         setup=INSTALLED, same=False, env=BARE, status=127,
         run=[TOOL, "no-such-program-anywhere"], check=says("no-such-program-anywhere: not found")),

    Case("launcher-not-executable", "126 for a file that cannot be executed",
         setup=INSTALLED, same=False, env=BARE, status=126, files={"plain.txt": "text\n"},
         run=[TOOL, "{dir}/plain.txt"], check=says("cannot be executed")),

    Case("launcher-bad-option", "125 for an error of its own",
         setup=INSTALLED, same=False, env=BARE, status=125,
         run=[TOOL, "-p", "smoke-signals", "true"], check=says("http/protobuf")),

    Case("launcher-check", "check says yes in words",
         setup=INSTALLED, same=False, env=BARE, run=[TOOL, "check", "curl"], needs=("curl",),
         check=says("curl: will be traced")),

    Case("launcher-check-static", "check says no and why",
         setup=[*INSTALLED, ["cc", "-static", "-o", "{dir}/still", "-x", "c", "{dir}/still.c"]],
         files={"still.c": "int main(void) { return 0; }\n"},
         same=False, env=BARE, status=1, run=[TOOL, "check", "--json", "{dir}/still"],
         check=says('"static": true', '"preload_ok": false', "linked statically")),
]
