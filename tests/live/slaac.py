#!/usr/bin/env python3
# timeout: 60
"""slaac.py - `netglass up --slaac`, with dnsmasq as the router on the kernel's side of a TAP, and
as the server of names that the router tells of."""
import os

from peer import Peer, finish, report, skip_without_dnsmasq, skip_without_namespaces

LOOKUP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lookup.lua")


def kernels_end(peer):
    for command in ("ip tuntap add tap0 mode tap", "sysctl -qw net.ipv6.conf.tap0.accept_dad=0",
                    "sysctl -qw net.ipv6.conf.tap0.accept_ra=0",
                    "ip addr add 2001:db8:1::1/64 dev tap0 nodad", "ip link set tap0 up",
                    "ip addr add 2001:db8:2::1/64 dev lo nodad"):
        peer.run(*command.split(), check=True)


skip_without_namespaces()
skip_without_dnsmasq()
with Peer("--slaac", "--serve", "http:80", "--run", LOOKUP, "-D", "router=1", addr=None,
          before=kernels_end) as kernel:
    report("it asks routers", kernel.wait_for("netglass is up: asking routers", 10), kernel.said())
    kernel.dnsmasq("--bind-interfaces", "--local=/example/",
                   "--host-record=server.example,2001:db8:1::1", "--enable-ra",
                   "--ra-param=tap0,4,1800",
                   "--dhcp-range=2001:db8:1::,ra-only", "--dhcp-leasefile=/dev/null")
    named = kernel.wait_for(r"We are (2001:db8:1:\S+) by now", 30)
    report("dnsmasq's prefix becomes an address", named, kernel.said())
    address = named.group(1) if named else "2001:db8:1::2"
    report("which answers pings", *kernel.pings(address))
    page = kernel.run("curl", "-g", "-s", "-m", "5", f"http://[{address}]/").stdout
    report("and serves a page", b"Hello from netglass" in page, page)
    report("and the router is the way to other networks",
           *kernel.pings("-I", "2001:db8:2::1", address))
    report("names are asked of the server that the router tells of",
           kernel.wait_for("found\tserver.example\tany\t2001:db8:1::1\tserver.example", 10),
           kernel.said())
    report("netglass ends with 0", kernel.stop() == 0, kernel.output)
finish()
