#!/usr/bin/env python3
# timeout: 90
"""way.py - the kernel as peer with routers between: one of ours, which a traceroute finds, and the
kernel, whose other link grows narrow in the middle of a transfer. Both families."""
import hashlib
import os
import subprocess
import time

from interop import events_of
from peer import KERNELS, OURS, SCRATCH, Peer, finish, report, skip_without_namespaces

OURS6, KERNELS6 = "fd00:9::2", "fd00:9::1"
QUIET = ("--set", "net.ipv6.conf.all.accept_dad=0")
CLIENT = f"ngclient{os.getpid()}"
BIG = 3 << 20


def no_questions(peer):
    for name in ("all", "default"):
        peer.run("sysctl", "-qw", f"net.ipv6.conf.{name}.accept_dad=0", check=True)


def hops(peer, *args):
    said = peer.run("traceroute", "-n", "-w", "2", "-q", "1", "-m", "5", *args).stdout.decode()
    return [line.split()[1] for line in said.splitlines()[1:]]


def behind_a_router():
    """netglass's own router stands at the TAP, and its host behind that."""
    with Peer("--router", "10.8.0.2/24", "--router", "fd00:8::2/64", "--addr", f"{OURS6}/64",
              "--serve", "http:80,echo:7", *QUIET, before=no_questions) as peer:
        peer.run("ip", "route", "add", "10.9.0.0/24", "via", "10.8.0.2", check=True)
        peer.run("ip", "-6", "route", "add", "fd00:9::/64", "via", "fd00:8::2", check=True)
        for router, host in (("10.8.0.2", OURS), ("fd00:8::2", OURS6)):
            back, ping = peer.pings("-s", "4000", host)
            report(f"{host} answers pings of 4,000 bytes through the router",
                   back and "ttl=63" in ping, ping)
            for how in ((), ("-I",)):
                found = hops(peer, *how, host)
                report(f"traceroute {' '.join(how)} {host} finds the router, then the host",
                       found == [router, host], found)
        for url in (f"http://{OURS}/", f"http://[{OURS6}]/"):
            page = peer.run("curl", "-s", "-m", "5", url).stdout
            report(f"curl {url} through the router", b"Hello from netglass" in page, page)
        report("netglass ends with 0", peer.stop() == 0, peer.output)


def client_behind(peer):
    """A client in a namespace of its own; the kernel between it and the TAP is the router."""
    no_questions(peer)
    subprocess.run(["ip", "netns", "add", CLIENT], check=True)
    for command in ("link add far type veth peer name near netns " + CLIENT,
                    "addr add 10.8.0.1/24 dev far", "addr add fd00:8::1/64 dev far nodad",
                    "link set far up"):
        peer.run("ip", *command.split(), check=True)
    for command in ("addr add 10.8.0.2/24 dev near", "addr add fd00:8::2/64 dev near nodad",
                    "link set near up", "route add default via 10.8.0.1",
                    "-6 route add default via fd00:8::1"):
        subprocess.run(["ip", "netns", "exec", CLIENT, "ip", *command.split()], check=True)
    peer.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1",
             check=True)
    # A client that cannot hold it all must wait for the narrow way.
    subprocess.run(["ip", "netns", "exec", CLIENT, "sysctl", "-qw",
                    "net.ipv4.tcp_rmem=4096 131072 262144"], check=True)


def fetch(url):
    return subprocess.Popen(["ip", "netns", "exec", CLIENT, "curl", "-s", "-m", "30",
                             "--limit-rate", "2M", url], stdout=subprocess.PIPE)


def grows_narrow():
    root, capture = os.path.join(SCRATCH, "root"), os.path.join(SCRATCH, "narrow.pcapng")
    os.makedirs(root)
    data = os.urandom(BIG)
    with open(os.path.join(root, "big.bin"), "wb") as f:
        f.write(data)
    try:
        with Peer("--addr", f"{OURS6}/64", "--gw", KERNELS, "--gw", KERNELS6, "--serve", "http:80",
                  "--root", root, "-w", capture, "-s", "100", *QUIET, before=client_behind) as peer:
            running = [fetch(f"http://{host}/big.bin") for host in (OURS, f"[{OURS6}]")]
            time.sleep(0.5)  # a third of it is through
            peer.run("ip", "link", "set", "far", "mtu", "1300", check=True)
            for host, process in zip((OURS, OURS6), running):
                got = process.communicate()[0]
                report(f"3 MiB from {host} are whole, though the way grew narrow half way",
                       hashlib.sha256(got).digest() == hashlib.sha256(data).digest(),
                       f"{len(got)} bytes")
            report("netglass ends with 0", peer.stop() == 0, peer.output)
    finally:
        subprocess.run(["ip", "netns", "del", CLIENT], check=False)
    learned = [line for line in events_of(capture) if " path_mtu " in line]
    for client in ("10.8.0.2", "fd00:8::2"):
        report(f"the router's word on the way to {client} was heard: 1,300 bytes",
               any(f"dst={client} " in line and "mtu=1300" in line for line in learned), learned)


skip_without_namespaces()
behind_a_router()
grows_narrow()
finish()
