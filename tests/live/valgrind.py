#!/usr/bin/env python3
# timeout: 90
"""valgrind.py - one life on a TAP under valgrind: no bad access, no undefined value, no leak."""
import os
import shutil
import sys

from interop import Exchange, events_of
from peer import OURS, SCRATCH, Peer, finish, report, skip_without_namespaces

MB = 1000 * 1000
LOG = os.path.join(SCRATCH, "valgrind.log")
VALGRIND = ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full",
            "--errors-for-leak-kinds=definite,possible", f"--log-file={LOG}"]

skip_without_namespaces()
if shutil.which("valgrind") is None:
    print("1..0 # SKIP valgrind is missing")
    sys.exit(0)
os.makedirs(os.path.join(SCRATCH, "root"))
big = os.path.join(SCRATCH, "root", "big.bin")
with open(big, "wb") as f:
    f.write(os.urandom(2 * MB))


def verdict(name, peer, status):
    with open(LOG) as log:
        report(name, status == 0 and os.path.getsize(LOG) == 0,
               f"status {status}\n{peer.output}\n{log.read()}")


capture = os.path.join(SCRATCH, "v.pcapng")
with Peer("--serve", "http:80,echo:7,discard:9,chargen:19,daytime:13", "-w", capture,
          "--root", os.path.join(SCRATCH, "root"), wrap=VALGRIND, start_seconds=40) as peer:
    with open(big, "rb") as f:
        want = f.read()
    got = peer.run("curl", "-s", f"http://{OURS}/big.bin").stdout
    posted = peer.run("curl", "-s", "--data-binary", f"@{big}", f"http://{OURS}/sink").stdout
    echo = peer.run("nc", "-N", "-w", "10", OURS, "7", input=want[:100000]).stdout
    peer.run("nc", "-u", "-w", "1", OURS, "7", input=b"hello")
    peer.run("nc", "-d", "-w", "1", OURS, "13")
    peer.run("ping", "-c", "3", "-i", "0.01", OURS)
    peer.run("curl", "-s", f"http://{OURS}:81/")  # refused
    hanging = peer.popen("nc", "-d", OURS, "19", stdout=-3)  # open when the end comes
    status = peer.stop()
    hanging.kill()
    hanging.wait()
    report("2 MB each way and an echo are right under valgrind",
           got == want and posted == b"received 2000000 bytes\n" and echo == want[:100000],
           f"{len(got)} {posted} {len(echo)}")
    verdict("valgrind finds nothing in a server's life, from start to Ctrl-C", peer, status)
report("and its capture is whole", any(" tcp_state " in line for line in events_of(capture)))

with Exchange(MB // 4, 1, "--link", "delay=1ms,loss=2%,duplicate=2%,corrupt=1%", wrap=VALGRIND,
              start_seconds=40) as peer:
    said = peer.exchange(seconds=30)
    status = peer.stop()
    report("transfers through a bad link end well under valgrind",
           said == {"kernel": [0, 0], "ours": ["intact send", "intact take"]}, said)
    verdict("valgrind finds nothing in a script's life on a bad link", peer, status)
finish()
