#!/usr/bin/env python3
# timeout: 90
"""up.py - the kernel as peer over TAP: curl, ping, nc against `netglass up`."""
import hashlib
import os
import re
import subprocess
import time

from peer import (KERNELS, NETGLASS, OURS, OURS6, SCRATCH, Peer, finish, report,
                  skip_without_namespaces)

MB = 1000 * 1000
WEB = f"http://{OURS}", f"http://[{OURS6}]"  # by one family as well as by the other
SERVE = "http:80,echo:7,discard:9,chargen:19,daytime:13"


def make_root():
    root = os.path.join(SCRATCH, "root")
    os.makedirs(os.path.join(root, "sub dir"))
    big = os.urandom(MB) * 50
    with open(os.path.join(root, "big.bin"), "wb") as f:
        f.write(big)
    with open(os.path.join(root, "sub dir", "a&b.txt"), "w") as f:
        f.write("hello\n")
    with open(os.path.join(SCRATCH, "secret.txt"), "w") as f:
        f.write("secret")
    os.symlink("../secret.txt", os.path.join(root, "link.txt"))
    return root, hashlib.sha256(big).hexdigest()


def curl(peer, *args, **more):
    return peer.run("curl", "-gs", "--max-time", "50", *args, **more)


def transfers(peer, root, digest):
    got = curl(peer, f"{WEB[0]}/big.bin").stdout
    report("curl fetches 50 MB with the right sha256, by IPv4",
           hashlib.sha256(got).hexdigest() == digest, f"{len(got)} bytes came")
    big = os.path.join(root, "big.bin")
    up = curl(peer, "--data-binary", f"@{big}", f"{WEB[1]}/sink").stdout
    report("curl posts 50 MB and the sink counts them all, by IPv6",
           up == b"received 50000000 bytes\n", up)
    with open(big, "rb") as f:
        up = curl(peer, "-T", "-", f"{WEB[0]}/sink", stdin=f).stdout
    report("curl uploads 50 MB in chunks", up == b"received 50000000 bytes\n", up)
    two = curl(peer, f"{WEB[1]}/sub%20dir/a&b.txt", f"{WEB[1]}/sub%20dir/").stdout
    report("one connection carries two requests; folders are listed",
           two.startswith(b"hello\n") and b"a&amp;b.txt" in two, two)


def escapes(peer):
    paths = ("/../secret.txt", "/%2e%2e/secret.txt", "/sub%20dir/../../secret.txt", "/link.txt",
             "/%00", "//../secret.txt")
    statuses = [curl(peer, "--path-as-is", "-o", "/dev/null", "-w", "%{http_code}",
                     WEB[n % 2] + path).stdout.decode() for n, path in enumerate(paths)]
    report("no path and no symbolic link escapes the root",
           statuses == ["400", "400", "400", "403", "400", "400"], statuses)


def small_services(peer):
    # For the last one ping waits as long as between two: others follow those that count.
    ping = peer.run("ping", "-c", "150", "-i", "0.002", OURS).stdout.decode()
    back = {int(n) for n in re.findall(r"icmp_seq=(\d+)", ping)}
    report("ping -i 0.002 loses none of a hundred", back >= set(range(1, 101)), ping)
    udp = peer.run("nc", "-u", "-w", "1", OURS6, "7", input=b"hello over udp\n").stdout
    report("nc -u gets its UDP echo, by IPv6", udp == b"hello over udp\n", udp)
    data = os.urandom(300000)
    echo = peer.run("nc", "-N", "-w", "10", OURS, "7", input=data).stdout
    report("nc gets 300 kB echoed over TCP", echo == data, f"{len(echo)} bytes")
    day = peer.run("nc", "-d", "-w", "5", OURS6, "13").stdout
    report("daytime tells the time, by IPv6",
           re.fullmatch(rb"\w{3} \w{3} .\d [\d:]{8} \d{4} UTC\r\n", day) is not None, day)
    refused = [curl(peer, f"{web}:81/").returncode for web in WEB]
    report("a connection to a closed port is refused, by both families", refused == [7, 7], refused)


def sequential(peer):
    urls = [f"{web}/sub%20dir/a&b.txt" for web in WEB]
    said = peer.run("sh", "-c", 'for i in $(seq 100); do curl -gs -m 5 "$0"; curl -gs -m 5 "$1"; '
                    'done', *urls).stdout
    report("200 sequential connections are all served, every other one by IPv6",
           said == b"hello\n" * 200, len(said))


def sockets_left(capture):
    """Every connection that came is gone at the end, by the capture's own events."""
    events = subprocess.run([NETGLASS, "view", capture, "--events"], capture_output=True, text=True)
    alive, born = set(), 0
    for line in events.stdout.splitlines():
        conn = re.search(r"\bconn=(\d+)", line)
        if " sock_new " in line and "listener=0" not in line and conn:
            alive.add(conn.group(1))
            born += 1
        if " sock_gone " in line and conn:
            alive.discard(conn.group(1))
    return born, alive


skip_without_namespaces()
root, digest = make_root()
capture = os.path.join(SCRATCH, "seq.pcapng")
with Peer("--serve", SERVE, "--root", root, six=True) as peer:
    transfers(peer, root, digest)
    escapes(peer)
    small_services(peer)
    taps = peer.run("ip", "-br", "link").stdout.decode()
    report("the TAP is there while netglass is up", "tap0" in taps, taps)
    status = peer.stop()
    taps = peer.run("ip", "-br", "link").stdout.decode()
    report("Ctrl-C ends it with status 0, and its TAP is gone", status == 0 and "tap0" not in taps,
           f"status {status}\n{peer.output}\n{taps}")

with Peer("--serve", "http:80", "--root", root, "-w", capture, six=True) as peer:
    sequential(peer)
    time.sleep(0.3)  # curl is gone before the last ACK of its connection is
    peer.stop()
born, alive = sockets_left(capture)
report("200 sequential connections leave no socket behind", born == 200 and not alive,
       f"{born} born, alive {sorted(alive)[:10]}")


def add_tap(peer):
    peer.run("ip", "tuntap", "add", "dev", "tap0", "mode", "tap", check=True)
    peer.run("ip", "addr", "add", f"{KERNELS}/24", "dev", "tap0", check=True)
    peer.found = state_of(peer)


def state_of(peer):
    link = peer.run("ip", "-d", "link", "show", "tap0").stdout.decode()
    addr = peer.run("ip", "addr", "show", "tap0").stdout.decode()
    features = peer.run("ethtool", "-k", "tap0").stdout.decode() if os.path.exists(
        "/usr/sbin/ethtool") else ""
    flags = peer.run("cat", "/sys/class/net/tap0/tun_flags").stdout.decode()
    # Once a link was up, the kernel keeps the queueing discipline it then got.
    keep = [re.sub(r"\bqlen \d+|qdisc \w+|inet6.*|valid_lft.*|state \w+|<.*?>", "", text)
            for text in (link, addr)]
    return keep, re.findall(r"<(.*?)>", link)[0].split(","), features, flags


def complaint(peer, *args):
    """What `netglass up` says when it cannot be: one line, status 2; else everything it said."""
    got = peer.run(NETGLASS, "up", *args, timeout=20)
    lines = got.stderr.decode().splitlines()
    return lines[0] if got.returncode == 2 and len(lines) == 1 and not got.stdout else str(got)


# Its /sys is that of another network namespace, as under `unshare -n`.
elsewhere = ("nsenter", f"--mount=/proc/{os.getpid()}/ns/mnt", f"--wd={os.getcwd()}")
with Peer("--serve", "http:80", before=add_tap, wrap=elsewhere) as peer:
    said = complaint(peer, "--tap", "tap0", "--addr", "10.9.0.3/24")
    report("a TAP that another program holds", "another program holds it" in said, said)
    said = complaint(peer, "--tap", "tap1", "--addr", f"{KERNELS}/24")
    report("an address that the kernel has", "is in use" in said and "tap0" in said, said)
    for name, bits in (("10.9.1.2", 24), ("fd00:9:1::2", 64)):
        said = complaint(peer, "--tap", "tap1", *["--addr", f"{name}/{bits}"] * 2)
        report(f"{name} is given twice", f"--addr {name}: it was given already" in said, said)
    said = complaint(peer, "--tap", "tap1", "--addr", "10.9.1.2/24", "--serve", "http:80,echo:80")
    report("a port that is in use", "port 80: the port is in use" in said, said)
    script, old = (os.path.join(SCRATCH, name) for name in ("bad.lua", "old.pcapng"))
    for name, text in ((script, "host:frob()\n"), (old, "old")):
        with open(name, "w") as f:
            f.write(text)
    got = peer.run(NETGLASS, "up", "--tap", "tap1", "--addr", "10.9.1.2/24", "--run", script, "-w",
                   old, timeout=20)
    with open(old) as f:
        report("a script that cannot begin leaves the capture of before", f.read() == "old"
               and got.returncode == 2 and b"bad.lua:1" in got.stderr, got)
    links = peer.run("ip", "-br", "link").stdout.decode()
    report("whoever could not be leaves no TAP behind", "tap1" not in links, links)
    hello = curl(peer, f"http://{OURS}/").stdout
    report("a TAP that was there before works as well", b"Hello from netglass" in hello, hello)
    peer.stop()
    after = state_of(peer)
    report("a TAP that was there is left as it was found",
           (peer.found[0], peer.found[2], peer.found[3]) == (after[0], after[2], after[3])
           and ("UP" in peer.found[1]) == ("UP" in after[1]), f"{peer.found}\n{after}")

finish()
