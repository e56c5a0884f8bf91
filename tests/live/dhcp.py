#!/usr/bin/env python3
# timeout: 60
"""dhcp.py - `netglass up --dhcp` against dnsmasq on the kernel's side of a TAP."""
import os
import shutil
import subprocess
import sys
import time

from peer import NETGLASS, SCRATCH, finish, report, skip_without_namespaces

skip_without_namespaces()
if not shutil.which("dnsmasq"):
    print("1..0 # SKIP there is no dnsmasq")
    sys.exit(0)
NETNS, LOG = f"ngdhcp{os.getpid()}", os.path.join(SCRATCH, "dhcp.log")
LOOKUP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lookup.lua")
INSIDE = ["ip", "netns", "exec", NETNS]


def run(*command):
    return subprocess.run(INSIDE + list(command), capture_output=True, text=True, check=False)


def wait_for(word, seconds):
    deadline = time.monotonic() + seconds
    while word not in open(LOG).read() and time.monotonic() < deadline:
        time.sleep(0.1)
    return word in open(LOG).read()


subprocess.run(["ip", "netns", "add", NETNS], check=True)
running = []
try:
    for command in ("ip link set lo up", "ip tuntap add tap0 mode tap",
                    "ip addr add 10.9.0.1/24 dev tap0", "ip link set tap0 up"):
        subprocess.run(INSIDE + command.split(), check=True)
    with open(LOG, "w") as log:
        up = subprocess.Popen(INSIDE + [NETGLASS, "up", "--tap", "tap0", "--dhcp", "--serve",
                                        "http:80", "--run", LOOKUP, "-D", "lease=1"],
                              stdout=log, stderr=subprocess.STDOUT)
    running.append(up)
    wait_for("Ctrl-C", 10)
    running.append(subprocess.Popen(
        INSIDE + ["dnsmasq", "-k", "-C", "/dev/null", "-u", "root", "-R", "-h", "-i", "tap0",
                  "--bind-interfaces", "--dhcp-range=10.9.0.50,10.9.0.60,120",
                  "--dhcp-option=3,10.9.0.1", "--no-ping", "--dhcp-authoritative",
                  "--local=/example/", "--host-record=server.example,10.9.0.1", "-x",
                  os.path.join(SCRATCH, "dnsmasq.pid"), "--dhcp-leasefile=" +
                  os.path.join(SCRATCH, "leases")], stderr=subprocess.DEVNULL))
    leased = wait_for("Leased 10.9.0.", 30)
    said = open(LOG).read()
    report("dnsmasq gives a lease with a gateway", leased and "gateway 10.9.0.1" in said, said)
    address = said.split("Leased ")[1].split("/")[0] if leased else "10.9.0.50"
    ping = run("ping", "-c", "3", "-i", "0.2", address).stdout
    report("the leased address answers pings", " 0% packet loss" in ping, ping)
    page = run("curl", "-s", "-m", "5", f"http://{address}/").stdout
    report("and serves a page", "Hello from netglass" in page, page)
    wait_for("found\tnobody.example", 10)
    said = open(LOG).read()
    report("names are asked of the server that came with the lease", "dns 10.9.0.1" in said
           and "found\tserver.example\tany\t10.9.0.1\tserver.example" in said, said)
    up.terminate()
    report("netglass ends with 0", up.wait(10) == 0)
finally:
    for process in running:
        if process.poll() is None:
            process.terminate()
            process.wait(10)
    subprocess.run(["ip", "netns", "del", NETNS], check=False)
finish()
