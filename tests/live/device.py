#!/usr/bin/env python3
# timeout: 120
"""device.py - the kernel as peer over other devices than a plain TAP: a VLAN of it, a TUN, and
MTUs from the least to the greatest; each carries both families, with offload and without."""
import hashlib
import os
import subprocess
import sys
import time

from peer import KERNELS, NETGLASS, OURS, SCRATCH, Peer, finish, report, skip_without_namespaces

OURS6, KERNELS6 = "fd00:9::2", "fd00:9::1"
SERVE = ("--serve", "http:80,echo:7", "--set", "net.ipv6.conf.all.accept_dad=0")
BIG, MAC = 4 << 20, "02:00:0a:09:00:02"
HERE = os.path.dirname(os.path.abspath(__file__))
ports = []


def no_questions(peer):
    """Nobody asks for a second whether an IPv6 name is free."""
    for name in ("all", "default"):
        peer.run("sysctl", "-qw", f"net.ipv6.conf.{name}.accept_dad=0", check=True)


# One at a time: for the last of several, ping waits no longer than for the others before it.
def ping(peer, host, *args, wait="4"):
    said = peer.run("ping", "-c", "1", "-W", wait, *args, host).stdout.decode()
    return " 0% packet loss" in said


def wait_for_ping(peer, host, *args):
    deadline = time.monotonic() + 8
    while not ping(peer, host, *args, wait="0.2"):
        if time.monotonic() > deadline:
            return False
    return True


def transfers(peer, what, hosts=(OURS, f"[{OURS6}]")):
    """Both ways, with the right bytes."""
    for host in hosts:
        got = peer.run("curl", "-s", "-m", "20", f"http://{host}/big.bin").stdout
        report(f"{what}: curl fetches 4 MiB from {host}",
               hashlib.sha256(got).hexdigest() == DIGEST, f"{len(got)} bytes")
        up = peer.run("curl", "-s", "-m", "20", "-T", FILE, f"http://{host}/sink").stdout
        report(f"{what}: and uploads as many", up == b"received %d bytes\n" % BIG, up)


def kernel_has_vlans(peer):
    made = peer.run("ip", "link", "add", "link", "tap0", "name", "probe", "type", "vlan", "id", "5")
    peer.run("ip", "link", "del", "probe")
    return made.returncode == 0


def vlan_ends(peer, number, *addresses):
    """The kernel's end in a VLAN; a kernel that was built without them gets one of our own."""
    name = f"tap0.{number}"
    if kernel_has_vlans(peer):
        peer.run("ip", "link", "add", "link", "tap0", "name", name, "type", "vlan", "id",
                 str(number), check=True)
    else:
        port = peer.popen(sys.executable, os.path.join(HERE, "vlan_port.py"), str(number),
                          stdout=subprocess.PIPE)
        ports.append(port)
        port.stdout.readline()
    for address in addresses:
        peer.run("ip", "addr", "add", address, "dev", name,
                 *(["nodad"] if ":" in address else []), check=True)
    peer.run("ip", "link", "set", name, "up", check=True)


def vlans(*offload):
    what = "VLAN without offload" if offload else "VLAN"
    capture = os.path.join(SCRATCH, "vlan.pcapng")
    with Peer("--vlan", "10", "--addr", f"{OURS6}/64", *SERVE, "--root", ROOT, "-w", capture,
              "-s", "100", *offload, before=no_questions) as peer:
        vlan_ends(peer, 10, f"{KERNELS}/24", f"{KERNELS6}/64")
        for host in (OURS, OURS6):
            report(f"{what}: {host} answers pings", wait_for_ping(peer, host))
            report(f"{what}: and long ones", ping(peer, host, "-s", "8000"))
        transfers(peer, what)
        if offload:
            peer.run("ip", "link", "set", "tap0.10", "down")
            vlan_ends(peer, 11, f"{KERNELS}/24")
            report("another VLAN does not reach us", not ping(peer, OURS, wait="0.5"))
            peer.run("ip", "link", "set", "tap0.11", "down")
            peer.run("ip", "addr", "add", f"{KERNELS}/24", "dev", "tap0")
            report("nor does what has no tag", not ping(peer, OURS, wait="0.5"))
        report(f"{what}: netglass ends with 0", peer.stop() == 0, peer.output)
        if offload:
            report("what was in no VLAN of ours was dropped for that reason",
                   "It belongs to another VLAN, or to none." in peer.output, peer.output)
    check_frames(what, capture, bool(offload))


def check_frames(what, capture, whole):
    said = subprocess.run(
        ["tshark", "-r", capture, "-T", "fields", "-e", "_ws.malformed", "-e", "eth.src", "-e",
         "vlan.id", "-e", "ipv6.src", "-e", "tcp.len"], capture_output=True, text=True, check=False)
    frames = [line.split("\t") for line in said.stdout.splitlines()]
    bad = [f for f in frames if f[0] or (f[1] == MAC and f[2] != "10")]
    report(f"{what}: tshark sees our tag in all we sent, and nothing malformed",
           said.returncode == 0 and frames and not bad, bad[:3] or said.stderr)
    for out in (True, False):
        for six in (True, False):
            large = [f for f in frames if int(f[4] or 0) > 9000 and f[2] == "10"
                     and (f[1] == MAC) == out and bool(f[3]) == six]
            report(f"{what}: tagged frames of many segments go {'out' if out else 'in'} by "
                   f"IPv{6 if six else 4}: {'none' if whole else 'some'}", bool(large) != whole,
                   large[:3])


def tuns(*offload):
    what = "TUN without offload" if offload else "TUN"
    with Peer("--addr", f"{OURS6}/64", *SERVE, "--root", ROOT, *offload, kind="--tun",
              tap="tun0", before=no_questions) as peer:
        for host in (OURS, OURS6):
            report(f"{what}: {host} answers pings", wait_for_ping(peer, host))
            report(f"{what}: and long ones", ping(peer, host, "-s", "65507"))
        transfers(peer, what)
        kind = peer.run("cat", "/sys/class/net/tun0/tun_flags").stdout
        report(f"{what}: it is one", int(kind, 16) & 3 == 1, kind)
        report(f"{what}: netglass ends with 0", peer.stop() == 0, peer.output)
        left = peer.run("ip", "-br", "link").stdout.decode()
        report(f"{what}: and it is gone", "tun0" not in left, left)


def add_tun(peer):
    peer.run("ip", "tuntap", "add", "dev", "tun0", "mode", "tun", check=True)
    peer.run("ip", "addr", "add", f"{KERNELS}/24", "dev", "tun0", check=True)
    peer.run("ip", "link", "set", "tun0", "mtu", "1400", check=True)
    peer.found = state_of(peer)


def state_of(peer):
    link = peer.run("ip", "-br", "link", "show", "tun0").stdout.decode().split()[1]
    return [link] + [peer.run("cat", f"/sys/class/net/tun0/{name}").stdout
                     for name in ("tun_flags", "mtu", "owner", "flags")]


def left_as_found():
    with Peer(*SERVE, "--mtu", "9000", kind="--tun", tap="tun0", before=add_tun) as peer:
        hello = peer.run("curl", "-s", f"http://{OURS}/").stdout
        report("a TUN that was there before works as well", b"Hello from netglass" in hello, hello)
        report("with the MTU we want", peer.run("cat", "/sys/class/net/tun0/mtu").stdout
               == b"9000\n")
        peer.stop()
        after = state_of(peer)
        report("and is left as it was found", after == peer.found, f"{peer.found}\n{after}")


def mtus():
    """Pings of one byte less, as many, and one byte more than fit in a packet."""
    for kind, tap, mtu, families in (
            ("--tap", "tap0", 68, "4"), ("--tap", "tap0", 65521, "46"),
            ("--tun", "tun0", 1280, "46"), ("--tun", "tun0", 65535, "46")):
        more = ["--addr", f"{OURS6}/64"] if "6" in families else []
        with Peer("--mtu", str(mtu), *more, *SERVE, "--root", ROOT, "--no-offload", kind=kind,
                  tap=tap, before=no_questions) as peer:
            for family in families:
                host, fits = (OURS, mtu - 28) if family == "4" else (OURS6, mtu - 48)
                wait_for_ping(peer, host)
                sizes = [n for n in (fits - 1, fits, fits + 1) if n <= 65507]
                good = [ping(peer, host, "-s", str(n)) for n in sizes]
                report(f"{tap} with an MTU of {mtu}: pings of {sizes} bytes to {host}", all(good),
                       good)
            if mtu != 68:
                transfers(peer, f"{tap} with an MTU of {mtu}", (OURS,))


def refusals():
    with Peer(*SERVE) as peer:
        for args, word in ((("--tap", "tap1", "--mtu", "65535"), "cannot have an MTU of 65535"),
                           (("--tap", "tap1", "--mtu", "67"), "is not a number from 68 to 65535"),
                           (("--tap", "tap1", "--vlan", "4095"), "is not a number from 1 to 4094"),
                           (("--tun", "tun1", "--vlan", "5"), "without Ethernet"),
                           (("--tun", "tap0"), "is no single-queue TUN"),
                           (("--tap", "tap1", "--tun", "tun1"), "one device is enough")):
            got = peer.run(NETGLASS, "up", *args, "--addr", "10.9.1.2/24", timeout=20)
            report(f"{' '.join(args)}: {word}", got.returncode == 2 and word in got.stderr.decode(),
                   got)
        links = peer.run("ip", "-br", "link").stdout.decode()
        report("whoever could not be leaves no device", "tap1" not in links and "tun1" not in links,
               links)


skip_without_namespaces()
ROOT = os.path.join(SCRATCH, "root")
os.makedirs(ROOT)
FILE = os.path.join(ROOT, "big.bin")
with open(FILE, "wb") as f:
    f.write(os.urandom(1 << 20) * (BIG >> 20))
with open(FILE, "rb") as f:
    DIGEST = hashlib.sha256(f.read()).hexdigest()
try:
    vlans()
    vlans("--no-offload")
finally:
    for process in ports:
        process.kill()
        process.wait()
tuns()
tuns("--no-offload")
left_as_found()
mtus()
refusals()
finish()
