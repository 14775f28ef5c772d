"""Servers that telemetry is sent to, and what they wrote down of it."""
import harness
from points import SECONDS
from servers import python_program


def receiver(status="200", *answer):
    """It keeps every request, and answers each with the same status and body."""
    return python_program("receiver", "receiver.py", "{dir}/received.jsonl", status, *answer, shim=False)


def notes(result, count=1):
    """What the receiver wrote down, once there is so much of it."""
    def read():
        return result.work.json_lines("received.jsonl")
    harness.wait_for(lambda: len(read()) >= count, SECONDS, 0.05)
    return read()


# For a case's collector: it writes down every request in posts.jsonl.
POSTS = ("--requests-log", "posts.jsonl")


def posts(result, path=""):
    """The requests whose path has this in it."""
    return [post for post in result.work.json_lines("posts.jsonl") if path in post["path"]]
