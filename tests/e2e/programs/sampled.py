"""Sends requests, and looks at the sampled flag with which each of them reached the probe.

  sampled.py FOLDER URL STEP...

STEPs: `answer=TEXT` is what the server of strategies answers from now on; `until=sampled:/path` asks until ten requests in a row
were sampled; `only=dropped:/path` until for half a second all were dropped. Prints what did not come about.
"""
import http.client
import json
import os
import sys
import time
import urllib.parse

folder, url, *steps = sys.argv[1:]
place = urllib.parse.urlsplit(url)
notes = os.path.join(folder, "probe.jsonl")
count = 0


def ask(path):
    """Was the request sampled?"""
    global count
    count += 1
    target = f"{path}?{count}"
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=5)
    connection.request("GET", target)
    connection.getresponse().read()
    connection.close()
    with open(notes, encoding="utf-8") as file:
        request = next(note for note in map(json.loads, reversed(file.read().splitlines())) if note["target"] == target)
    flags = next(value for name, value in request["headers"] if name.lower() == "traceparent")[-2:]
    return "sampled" if int(flags, 16) & 1 else "dropped"


def until(want, path):
    deadline, in_a_row = time.monotonic() + 10, 0
    while in_a_row < 10 and time.monotonic() < deadline:
        in_a_row = in_a_row + 1 if ask(path) == want else 0
    return in_a_row == 10


def only(want, path):
    """Half a second of nothing else. Another worker may hear of the answer later than the one that `until` met."""
    deadline = time.monotonic() + 10
    since = time.monotonic()
    while time.monotonic() < deadline:
        if ask(path) != want:
            since = time.monotonic()
        elif time.monotonic() - since >= 0.5:
            return True
    return False


for step in steps:
    word, _, rest = step.partition("=")
    if word == "answer":
        with open(os.path.join(folder, "answer.new"), "w", encoding="utf-8") as file:
            file.write(rest)
        os.rename(os.path.join(folder, "answer.new"), os.path.join(folder, "answer"))
    elif not {"until": until, "only": only}[word](*rest.split(":")):
        print("not so:", step)
        sys.exit(1)
