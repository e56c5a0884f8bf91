#!/usr/bin/env python3
# timeout: 60
"""dns.py - the resolver against dnsmasq on the kernel's side of a TAP, over both families: A, AAAA,
CNAME, a name that is not there, an answer too long for a datagram; and connect() by name."""
import os
import subprocess
import sys
import time

from peer import KERNELS, SCRATCH, Peer, finish, report, skip_without_dnsmasq
from peer import skip_without_namespaces

OURS6, KERNELS6 = "2001:db8:9::2", "2001:db8:9::1"
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lookup.lua")
HTTP = f"""
import http.server, socket
class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
Server(("{KERNELS6}", 8080), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def servers(peer):
    """dnsmasq and a web server on the kernel's end, which is there before netglass is."""
    for name in ("all", "default"):
        peer.run("sysctl", "-qw", f"net.ipv6.conf.{name}.accept_dad=0", check=True)
    for command in ("tuntap add tap0 mode tap", f"addr add {KERNELS}/24 dev tap0",
                    f"addr add {KERNELS6}/64 dev tap0", "link set tap0 up"):
        peer.run("ip", *command.split(), check=True)
    many = [f"--host-record=many.example,10.1.0.{n}" for n in range(1, 60)]
    peer.dnsmasq("--bind-interfaces", "--local=/example/",
                 f"--host-record=server.example,{KERNELS},{KERNELS6}",
                 "--cname=www.example,server.example", f"--host-record=four.example,{KERNELS}",
                 *many)
    peer.others.append(peer.popen(sys.executable, "-c", HTTP, stderr=subprocess.DEVNULL,
                                  cwd=SCRATCH))
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        bound = peer.run("ss", "-Hltn").stdout.decode()
        if f"{KERNELS}:53" in bound and f"[{KERNELS6}]:53" in bound and ":8080" in bound:
            break
        time.sleep(0.05)


def said_by(server, capture):
    with Peer("--addr", f"{OURS6}/64", "--dns", server, "--run", SCRIPT, "-w", capture,
              "--set", "net.ipv6.conf.all.accept_dad=0", before=servers) as peer:
        try:
            peer.process.wait(20)
        except subprocess.TimeoutExpired:
            pass
        status = peer.stop()
        return status, peer.output
    return None


def seen(capture, what):
    """How many frames a display filter of tshark finds."""
    said = subprocess.run(["tshark", "-r", capture, "-Y", what], capture_output=True, check=True)
    return said.stdout.count(b"\n")


def claims(server):
    capture = os.path.join(SCRATCH, "dns.pcapng")
    status, said = said_by(server, capture)
    for what, line in (
            ("both families", f"found\tserver.example\tany\t{KERNELS} {KERNELS6}\tserver.example"),
            ("AAAA alone", f"found\tserver.example\tip6\t{KERNELS6}\tserver.example"),
            ("CNAME", f"found\twww.example\tip4\t{KERNELS}\tserver.example"),
            ("no AAAA", "found\tfour.example\tip6\tnil\tNODATA"),
            ("no such name", "found\tnobody.example\tany\tnil\tNXDOMAIN"),
            ("an answer too long for a datagram", "many\t16"),
            ("connect() by name, IPv6 first", f"connect\ttrue\npeer\t[{KERNELS6}]:8080"),
            ("and the connection works", "page\tHTTP/1.0")):
        report(f"asked of {server}: {what}", line in said, said)
    report(f"asked of {server}: it ends well", status == 0, said)
    report(f"asked of {server}: the long one was cut, and asked again over TCP",
           seen(capture, "udp && dns.flags.truncated == 1") == 1
           and seen(capture, "tcp && dns.flags.response == 1") == 1)
    report(f"asked of {server}: tshark sees nothing malformed", seen(capture, "_ws.malformed") == 0)


skip_without_namespaces()
skip_without_dnsmasq()
claims(KERNELS)
claims(KERNELS6)
finish()
