#!/usr/bin/env python3
# timeout: 120
"""tap.py - TAP throughput with the kernel as the other end, by both families, against tap_ceiling
in the same run.

The kernel's socket asks for CUBIC, Debian's own default: where a machine has BBR for all, the
kernel paces each frame by a timer of its own, and it would be that timer that is measured (seen:
1.6 GB/s with bbr, 7.4 GB/s with cubic or reno, netglass idle a quarter of the time).
"""
import os
import re
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))
from peer import OURS, Peer, finish, report, skip_without_namespaces  # noqa: E402
from stream import CLIENT  # noqa: E402

SECONDS, FLOOR, OURS6 = 3.0, 0.30, "fd00:9::2"


def ceiling():
    name = f"ngceil{os.getpid()}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        program = os.path.join(os.environ.get("BUILD", "build"), "bench", "tap_ceiling")
        out = subprocess.run(["ip", "netns", "exec", name, program], capture_output=True, text=True,
                             timeout=30, check=True).stdout
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False)
    return {way: float(n) for way, n in re.findall(r"(down|up) (\d+)", out)}


def ours(*args):
    with Peer("--addr", f"{OURS6}/64", "--serve", "discard:9,chargen:19", *args) as peer:
        deadline, rates = time.monotonic() + 10, {}
        while peer.run("ping", "-c1", "-W1", OURS6).returncode and time.monotonic() < deadline:
            pass  # until both have asked whether their addresses are free
        for host in (OURS, OURS6):
            for way, word, port in (("up", "to", 9), ("down", "from", 19)):
                run = peer.run("python3", "-c", CLIENT, word, host, str(port), str(SECONDS))
                rates[way, host] = float(run.stdout or 0)
    return rates


skip_without_namespaces()
top, with_offload, without = ceiling(), ours(), ours("--no-offload")
for (way, host), rate in with_offload.items():
    says = "netglass to kernel" if way == "down" else "kernel to netglass"
    says += " by IPv6" if host == OURS6 else " by IPv4"
    share = rate / top[way]
    print(f"# {says}: {rate:.0f} MB/s of {top[way]:.0f} MB/s that move without TCP: {share:.0%} "
          f"(without offload {without[way, host]:.0f} MB/s)")
    report(f"{says}: at least {FLOOR:.0%} of the ceiling", share >= FLOOR)
finish()
