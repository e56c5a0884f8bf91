#!/usr/bin/env python3
# timeout: 900
"""kernel.py - 20 transfers of 20 MB between the kernel and us through a bad link: in both
directions and both roles, five of each at once. SOAK_MB and SOAK_TIMES change the size."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))
from interop import Exchange, expert_of  # noqa: E402
from peer import SCRATCH, finish, report, skip_without_namespaces  # noqa: E402

SIZE = int(os.environ.get("SOAK_MB", "20")) * 1000 * 1000
TIMES = int(os.environ.get("SOAK_TIMES", "5"))
LINK = "delay=20ms,loss=2%,reorder=5%,duplicate=1%"

skip_without_namespaces()
capture = os.path.join(SCRATCH, "soak.pcapng")
with Exchange(SIZE, TIMES, "--link", LINK, "-w", capture, "--snap", "160") as peer:
    said = peer.exchange(seconds=600)
    status = peer.stop()
    report(f"{2 * TIMES} transfers that the kernel asked for arrive intact, {TIMES} each way",
           said["kernel"] == [0] * 2 * TIMES, f"{said}\n{peer.output}")
    report(f"{2 * TIMES} transfers that we asked for arrive intact, {TIMES} each way",
           said["ours"] == ["intact send"] * TIMES + ["intact take"] * TIMES and status == 0,
           f"{said}\nstatus {status}\n{peer.output}")
wrong = expert_of(capture)
report("tshark's experts name no fault of ours in all of it", not wrong, "\n".join(wrong))
finish()
