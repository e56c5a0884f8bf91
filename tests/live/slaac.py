#!/usr/bin/env python3
# timeout: 60
"""slaac.py - `netglass up --slaac`, with dnsmasq as the router on the kernel's side of a TAP."""
import os
import re
import shutil
import subprocess
import sys
import time

from peer import NETGLASS, SCRATCH, finish, report, skip_without_namespaces

skip_without_namespaces()
if not shutil.which("dnsmasq"):
    print("1..0 # SKIP there is no dnsmasq")
    sys.exit(0)
NETNS, LOG = f"ngslaac{os.getpid()}", os.path.join(SCRATCH, "slaac.log")
INSIDE = ["ip", "netns", "exec", NETNS]


def run(*command):
    return subprocess.run(INSIDE + list(command), capture_output=True, text=True, check=False)


def wait_for(pattern, seconds):
    deadline = time.monotonic() + seconds
    while True:
        found = re.search(pattern, open(LOG).read())
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


subprocess.run(["ip", "netns", "add", NETNS], check=True)
running = []
try:
    for command in ("ip link set lo up", "ip tuntap add tap0 mode tap",
                    "sysctl -qw net.ipv6.conf.tap0.accept_dad=0",
                    "sysctl -qw net.ipv6.conf.tap0.accept_ra=0",
                    "ip addr add 2001:db8:1::1/64 dev tap0 nodad", "ip link set tap0 up",
                    "ip addr add 2001:db8:2::1/64 dev lo nodad"):
        subprocess.run(INSIDE + command.split(), check=True)
    with open(LOG, "w") as log:
        up = subprocess.Popen(INSIDE + [NETGLASS, "up", "--tap", "tap0", "--slaac", "--serve",
                                        "http:80"], stdout=log, stderr=subprocess.STDOUT)
    running.append(up)
    report("it asks routers", wait_for("netglass is up: asking routers", 10), open(LOG).read())
    running.append(subprocess.Popen(
        INSIDE + ["dnsmasq", "-k", "-C", "/dev/null", "-u", "root", "-R", "-h", "-p", "0", "-i",
                  "tap0", "--enable-ra", "--ra-param=tap0,4,1800", "--dhcp-range=2001:db8:1::,"
                  "ra-only", "-x", os.path.join(SCRATCH, "dnsmasq.pid"), "--dhcp-leasefile=" +
                  os.path.join(SCRATCH, "leases")], stderr=subprocess.DEVNULL))
    named = wait_for(r"We are (2001:db8:1:\S+) by now", 30)
    report("dnsmasq's prefix becomes an address", named, open(LOG).read())
    address = named.group(1) if named else "2001:db8:1::2"
    ping = run("ping", "-6", "-c", "3", "-i", "0.2", address).stdout
    report("which answers pings", " 0% packet loss" in ping, ping)
    page = run("curl", "-g", "-s", "-m", "5", f"http://[{address}]/").stdout
    report("and serves a page", "Hello from netglass" in page, page)
    ping = run("ping", "-6", "-c", "3", "-i", "0.2", "-I", "2001:db8:2::1", address).stdout
    report("and the router is the way to other networks", " 0% packet loss" in ping, ping)
    up.terminate()
    report("netglass ends with 0", up.wait(10) == 0)
finally:
    for process in running:
        if process.poll() is None:
            process.terminate()
            process.wait(10)
    subprocess.run(["ip", "netns", "del", NETNS], check=False)
finish()
