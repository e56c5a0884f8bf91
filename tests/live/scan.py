#!/usr/bin/env python3
# timeout: 60
"""scan.py - nmap and hping3 at the stack: they finish, they find what is open and what is closed,
and netglass lives on. (nmap -O takes its time: tests/soak/fingerprint.py.)"""
import re
import shutil
import sys

from peer import OURS, Peer, finish, report, skip_without_namespaces

OURS6 = "fd00:9::2"
SERVE = ("--serve", "http:80,echo:7", "--set", "net.ipv6.conf.all.accept_dad=0")


def no_questions(peer):
    for name in ("all", "default"):
        peer.run("sysctl", "-qw", f"net.ipv6.conf.{name}.accept_dad=0", check=True)


def nmap(peer, *args, seconds=20):
    """{"80/tcp": "open", ...}, and all it said."""
    said = peer.run("nmap", "-n", "--host-timeout", f"{seconds}s", *args,
                    timeout=seconds + 20).stdout.decode()
    return dict(re.findall(r"^(\d+/\w+) +(\S+)", said, re.M)), said


def hping(peer, *args):
    said = peer.run("hping3", "-n", "-c", "3", "-i", "u10000", *args, OURS)
    return said.stdout.decode() + said.stderr.decode()


def main():
    skip_without_namespaces()
    if not shutil.which("nmap") or not shutil.which("hping3"):
        print("1..0 # SKIP there is no nmap or no hping3")
        sys.exit(0)
    with Peer("--addr", f"{OURS6}/64", *SERVE, before=no_questions) as peer:
        for family, host in ((), OURS), (("-6",), OURS6):
            found, said = nmap(peer, *family, "-sS", "-sU", "-p", "T:7,9,80,81,U:7,9,53", host)
            report(f"nmap -sS -sU {host} finds what is open and what is closed",
                   found == {"7/tcp": "open", "80/tcp": "open", "9/tcp": "closed",
                             "81/tcp": "closed", "7/udp": "open", "9/udp": "closed",
                             "53/udp": "closed"}, said)
        said = peer.run("hping3", "--scan", "1-200", "-S", OURS)
        answered = re.findall(r"^ *(\d+) .*\.S\.\.A", said.stdout.decode() + said.stderr.decode(),
                              re.M)
        report("hping3 --scan 1-200 finds the two ports that listen", answered == ["7", "80"], said)
        for name, sign, args in (
                ("an open port answers SYN with SYN,ACK", "flags=SA", ("-S", "-p", "80")),
                ("a closed one with RST", "flags=RA", ("-S", "-p", "81")),
                ("a closed UDP port with ICMP", "Port Unreachable", ("-2", "-p", "9")),
                ("pings are answered", "icmp_seq=", ("-1",)),
                ("a SYN in fragments is put together", "flags=SA",
                 ("-S", "-p", "80", "-f", "-d", "100"))):
            said = hping(peer, *args)
            report(name, 3 <= said.count(sign) <= 6, said)  # a SYN,ACK may come twice
        said = hping(peer, "-F", "-P", "-U", "-p", "80")
        report("a Christmas tree at an open port is not answered", "flags=" not in said, said)
        page = peer.run("curl", "-s", "-m", "5", f"http://{OURS}/").stdout
        report("and after all that it serves as before", b"Hello from netglass" in page, page)
        report("netglass ends with 0", peer.stop() == 0, peer.output)
    finish()


if __name__ == "__main__":
    main()
