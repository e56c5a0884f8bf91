#!/usr/bin/env python3
"""suite.py - the wall time of a folder of packetdrill scripts on one core, and the 20 slowest.

SUITE names the folder (`make bench SUITE=DIR`; else tests/drill), SUITE_OPTS what its own runner
would pass. Of our own scripts all must pass; of others it is only told how many do.
"""
import os
import re
import shlex
import subprocess
import sys
import time

OURS = "tests/drill"


def main():
    suite = os.environ.get("SUITE") or OURS
    argv = [os.environ.get("NETGLASS", "build/netglass"), "run", "--slowest", "20"]
    begun = time.monotonic()
    run = subprocess.run(argv + shlex.split(os.environ.get("SUITE_OPTS", "")) + [suite],
                         capture_output=True, text=True, errors="replace", timeout=500)
    wall = time.monotonic() - begun
    lines = run.stdout.splitlines()
    total = re.match(r"(\d+) passed, (\d+) failed, (\d+) broken", lines[-1] if lines else "")
    good = total is not None and (run.returncode == 0 or suite != OURS)
    print("1..1")
    for line in lines:
        if re.match(r"[\d.]+ s  ", line):
            print("#", line)
    said = total.group(0) if total else run.stderr.strip() or "it said nothing"
    print("%s 1 - %s: %.3f s; %s" % ("ok" if good else "not ok", suite, wall, said))
    return not good


sys.exit(main())
