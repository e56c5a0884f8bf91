#!/usr/bin/env python3
# timeout: 240
"""fingerprint.py - nmap -sS -sU -O: it finishes with the right ports, over both families, and finds
nothing to crash."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))
from peer import OURS, Peer, finish, report, skip_without_namespaces  # noqa: E402
from scan import OURS6, SERVE, nmap, no_questions  # noqa: E402

skip_without_namespaces()
with Peer("--addr", f"{OURS6}/64", *SERVE, before=no_questions) as peer:
    for family, host in ((), OURS), (("-6",), OURS6):
        found, said = nmap(peer, *family, "-sS", "-sU", "-O", "-p", "T:7,80,81,U:7,9", host,
                           seconds=90)
        report(f"nmap -sS -sU -O {host} finishes, with the right ports",
               "OS detection performed" in said and found == {
                   "7/tcp": "open", "80/tcp": "open", "81/tcp": "closed", "7/udp": "open",
                   "9/udp": "closed"}, said)
    page = peer.run("curl", "-s", "-m", "5", f"http://{OURS}/").stdout
    report("and after all that it serves as before", b"Hello from netglass" in page, page)
    report("netglass ends with 0", peer.stop() == 0, peer.output)
finish()
