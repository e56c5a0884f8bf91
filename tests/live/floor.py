#!/usr/bin/env python3
# timeout: 90
"""floor.py - the kernel as peer over TAP, below TCP: IPv6, fragments, groups, path MTU."""
import os
import re
import shutil
import subprocess
import time

from peer import OURS, SCRATCH, Peer, finish, report, skip_without_namespaces

OURS6 = "fd00:9::2"

ECHO = """
import os, socket, sys
host, family = sys.argv[1], socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM)
s.settimeout(5)
for n in map(int, sys.argv[2:]):
    sent = os.urandom(n)
    s.sendto(sent, (host, 7))
    print(n, s.recv(70000) == sent)
"""


def pings(peer):
    # The kernel asks around for a second whether its own IPv6 address is free; so do we for ours.
    deadline = time.monotonic() + 10
    while not peer.pings(OURS6)[0] and time.monotonic() < deadline:
        time.sleep(0.2)
    for host, most in ((OURS, 65507), (OURS6, 65527)):
        for size in (56, 1452, 1473, 8000, most):
            report(f"ping {host} with {size} bytes", *peer.pings("-s", str(size), host))
    _, both = peer.pings("ff02::1%tap0")
    report("a ping to all nodes is answered by our link-local name",
           re.search(r"\+[1-9] duplicates", both), both)


def datagrams(peer):
    for host, most in ((OURS, 65507), (OURS6, 65527)):
        said = peer.run("python3", "-c", ECHO, host, "1", "1472", "1473", "30000", str(most))
        report(f"datagrams up to {most} bytes are echoed by {host}",
               said.stdout.decode().count("True") == 5, said)


def web(peer):
    page = peer.run("curl", "-s", "-m", "10", f"http://[{OURS6}]/").stdout
    report("curl fetches a page over IPv6", b"Hello from netglass" in page, page)
    big = os.path.join(SCRATCH, "big6.bin")
    with open(big, "wb") as f:
        f.write(os.urandom(1 << 20) * 8)
    up = peer.run("curl", "-s", "-m", "30", "-T", big, f"http://[{OURS6}]/sink").stdout
    report("curl uploads 8 MiB over IPv6", up == b"received 8388608 bytes\n", up)


def refusals(peer):
    for host in (OURS, OURS6):
        family = "-6" if ":" in host else "-4"
        said = peer.run("traceroute", family, "-n", "-w", "2", "-q", "1", "-m", "3", host)
        report(f"traceroute {host} ends at us after one hop",
               said.returncode == 0 and host in said.stdout.decode().splitlines()[-1], said)


def capture_is_sound(path):
    said = subprocess.run(["tshark", "-r", path, "-Y", "_ws.malformed || ip.checksum.status == 0"],
                          capture_output=True, check=False)
    report("tshark sees no malformed packet", said.returncode == 0 and said.stdout == b"", said)


skip_without_namespaces()
FILE = os.path.join(SCRATCH, "floor.pcapng")
with Peer("--addr", f"{OURS6}/64", "--serve", "http:80,echo:7", "--no-offload",
          "-w", FILE) as kernel:
    pings(kernel)
    datagrams(kernel)
    web(kernel)
    if shutil.which("traceroute"):
        refusals(kernel)
    report("netglass ends with 0", kernel.stop() == 0)
    report("nothing was dropped but what is not ours", "fragment" not in kernel.output,
           kernel.output)
capture_is_sound(FILE)
finish()
