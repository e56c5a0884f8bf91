#!/usr/bin/env python3
# timeout: 60
"""dhcp.py - `netglass up --dhcp` against dnsmasq on the kernel's side of a TAP."""
import os

from peer import KERNELS, SCRATCH, Peer, finish, report, skip_without_dnsmasq
from peer import skip_without_namespaces

LOOKUP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lookup.lua")


def kernels_end(peer):
    for command in ("ip tuntap add tap0 mode tap", f"ip addr add {KERNELS}/24 dev tap0",
                    "ip link set tap0 up"):
        peer.run(*command.split(), check=True)


skip_without_namespaces()
skip_without_dnsmasq()
with Peer("--dhcp", "--serve", "http:80", "--run", LOOKUP, "-D", "lease=1", addr=None,
          before=kernels_end) as kernel:
    kernel.dnsmasq("--bind-interfaces", "--dhcp-range=10.9.0.50,10.9.0.60,120",
                   f"--dhcp-option=3,{KERNELS}", "--no-ping", "--dhcp-authoritative",
                   "--local=/example/", f"--host-record=server.example,{KERNELS}",
                   "--dhcp-leasefile=" + os.path.join(SCRATCH, "leases"))
    leased = kernel.wait_for(r"Leased (10\.9\.0\.\d+)/", 30)
    said = kernel.said()
    report("dnsmasq gives a lease with a gateway", leased and f"gateway {KERNELS}" in said, said)
    address = leased.group(1) if leased else "10.9.0.50"
    report("the leased address answers pings", *kernel.pings(address))
    page = kernel.run("curl", "-s", "-m", "5", f"http://{address}/").stdout
    report("and serves a page", b"Hello from netglass" in page, page)
    kernel.wait_for("found\tnobody.example", 10)
    said = kernel.said()
    report("names are asked of the server that came with the lease", f"dns {KERNELS}" in said
           and f"found\tserver.example\tany\t{KERNELS}\tserver.example" in said, said)
    report("netglass ends with 0", kernel.stop() == 0, kernel.output)
finish()
