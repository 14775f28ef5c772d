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
STDERR = {"OTEL_AUTO_LOG": None, "OTEL_LOG_LEVEL": None}


def says(*texts, without=()):
    def check(result):
        for text in without:
            if text in result.stdout + result.stderr:
                raise Failure(f"{text!r} is in {result.stdout + result.stderr!r}")
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

    Case("launcher-env", "env says what counts and where it comes from, and keeps secrets",
         setup=INSTALLED, same=False, run=[TOOL, "env", "-s", "it's", "-e", "http://u:secret@collector:4318"],
         env={**BARE, **STDERR, "OTEL_EXPORTER_OTLP_HEADERS": "key=secret", "OTEL_ATTRIBUTE_COUNT_LIMIT": "7",
              "OTEL_BSP_SCHEDULE_DELAY": "5s", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "1 s",
              "OTEL_EXPORTER_OTLP_TIMEOUT": "300", "OTEL_TRACES_EXPORTER": "console, OTLP,plugin:/it's.so", "OTEL_LOG_LEVEL": "Warning",
              "OTEL_SERVICE_NAM": "secret", "OTEL_TRACES_SAMPLER": "jaeger_remote",
              "OTEL_TRACES_SAMPLER_ARG": "endpoint=http://u:secret@jaeger:5778/sampling", "OTEL_EXPORTER_JAEGER_ENDPOINT": "http://secret",
              "OTEL_NODE_RESOURCE_DETECTORS": "secret", "OTEL_PYTHON_LOG_LEVEL": "secret"},
         check=says("OTEL_SERVICE_NAME='it'\\''s'  # set\n", "OTEL_EXPORTER_OTLP_ENDPOINT=(set, not shown)  # set\n",
                    "OTEL_EXPORTER_OTLP_HEADERS=(set, not shown)  # set\n",
                    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT='7'  # general, OTEL_ATTRIBUTE_COUNT_LIMIT\n",
                    "OTEL_BSP_SCHEDULE_DELAY='5000'  # default; its own value is invalid and ignored\n",
                    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT='300'  # general, OTEL_EXPORTER_OTLP_TIMEOUT; "
                    "its own value is invalid and ignored\n",
                    "OTEL_TRACES_EXPORTER='console,otlp,plugin:/it'\\''s.so'  # set\n", "OTEL_LOG_LEVEL='warn'  # set, as Warning\n",
                    "OTEL_BSP_MAX_QUEUE_SIZE='2048'  # default\n", "otel-auto: OTEL_BSP_SCHEDULE_DELAY: \"5s\"",
                    "# OTEL_SERVICE_NAM is not known here\n",
                    "# OTEL_EXPORTER_JAEGER_ENDPOINT is not known here: Jaeger takes OTLP\n",
                    "OTEL_TRACES_SAMPLER_ARG=(set, not shown)  # set\n",
                    *(f"# {signal} go to (a URL that is not shown) by http/protobuf, not compressed\n"
                      for signal in ("traces", "metrics", "logs")),
                    "# OTEL_NODE_RESOURCE_DETECTORS is not known here: OTEL_EXPERIMENTAL_RESOURCE_DETECTORS is what counts\n",
                    "# OTEL_PYTHON_LOG_LEVEL is not known here: of the Python agent\n",
                    without=("secret",))),

    Case("launcher-check-static", "check says no and why",
         setup=[*INSTALLED, ["cc", "-static", "-o", "{dir}/still", "-x", "c", "{dir}/still.c"]],
         files={"still.c": "int main(void) { return 0; }\n"},
         same=False, env=BARE, status=1, run=[TOOL, "check", "--json", "{dir}/still"],
         check=says('"static": true', '"preload_ok": false', "linked statically")),
]
