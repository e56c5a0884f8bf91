#!/usr/bin/env python3
# timeout: 90
"""impaired.py - a link with delay, loss, reordering, duplicates and damage before a kernel."""
import hashlib
import os

from interop import Exchange, events_of, expert_of
from peer import (KERNELS, OURS, OURS6, SCRATCH, Peer, finish, report,
                  skip_without_namespaces)

SIZE = 1000 * 1000
LINK = "delay=2ms,jitter=1ms,loss=2%,reorder=5%,reorder_delay=2ms,duplicate=1%,corrupt=0.2%"


def make_root():
    root = os.path.join(SCRATCH, "root")
    os.makedirs(root)
    data = os.urandom(3 * SIZE)
    with open(os.path.join(root, "big.bin"), "wb") as f:
        f.write(data)
    return root, data


def link_works(capture):
    lines = events_of(capture)
    seen = {word: sum(f" {word} " in line for line in lines)
            for word in ("link_new", "link_set", "link_fly", "link_drop")}
    report("the capture tells of the link: its qualities, each flight, each loss",
           seen["link_new"] == 1 and seen["link_set"] == 2 and seen["link_drop"] > 20
           and seen["link_fly"] > 2000, seen)
    both = {host for line in lines if "why=link-loss" in line for host in ("host=1", "host=2")
            if host in line}
    report("both directions lose frames", both == {"host=1", "host=2"}, both)


skip_without_namespaces()
root, data = make_root()
capture = os.path.join(SCRATCH, "impaired.pcapng")
with Peer("--serve", "http:80,echo:7", "--root", root, "--link", LINK, "--seed", "7",
          "-w", capture, six=True) as peer:
    got = peer.run("curl", "-s", "--max-time", "30", f"http://{OURS}/big.bin").stdout
    report("curl fetches 3 MB through it, with the right sha256",
           hashlib.sha256(got).digest() == hashlib.sha256(data).digest(), f"{len(got)} bytes came")
    echo = peer.run("nc", "-N", "-w", "20", OURS6, "7", input=data[:SIZE]).stdout
    report("1 MB comes back from the echo, by IPv6", echo == data[:SIZE], f"{len(echo)} bytes")
    peer.stop()
link_works(capture)
wrong = expert_of(capture)
report("tshark finds nothing wrong with what we sent", not wrong, "\n".join(wrong))
damage = expert_of(capture, KERNELS)
report("it does find the damage in what reached us",
       any("checksum" in line.lower() for line in damage), "\n".join(damage))

with Exchange(2 * SIZE, 1, "--link", LINK, "--seed", "8") as peer:
    said = peer.exchange(seconds=40)
    status = peer.stop()
    report("the kernel asks us for 2 MB and brings 2 MB, we ask it and bring it: all intact",
           said == {"kernel": [0, 0], "ours": ["intact send", "intact take"]} and status == 0,
           f"{said}\nstatus {status}\n{peer.output}")
finish()
