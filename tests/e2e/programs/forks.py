"""Forks without exec; parent and child ask, a thread of the parent too: forks.py URL."""
import os
import sys
import threading
import urllib.request


def ask(who):
    with urllib.request.urlopen(f"{sys.argv[1]}/{who}", timeout=5) as answer:
        return answer.read().decode()


before = ask("before")
pid = os.fork()
if pid == 0:
    sys.stdout.write(ask("child"))
    sys.stdout.flush()
    os._exit(0)
print(os.waitpid(pid, 0)[1])
answers = [before, ask("after")]
thread = threading.Thread(target=lambda: answers.append(ask("thread")))
thread.start()
thread.join()
print(*answers)
