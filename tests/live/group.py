#!/usr/bin/env python3
# timeout: 60
"""group.py - multicast with the kernel, both ways and in both families: who joined hears, reports
it by IGMPv3 and MLDv2, and hears no more after it left."""
import os
import subprocess

from peer import OURS, SCRATCH, Peer, finish, report, skip_without_namespaces

OURS6 = "fd00:9::2"
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "group.lua")
# Sends words to the group and prints what the group says to the port beside it.
TALK = """
import socket, struct, sys
group, words = sys.argv[1], sys.argv[2:]
family, link = (socket.AF_INET6 if ":" in group else socket.AF_INET), socket.if_nametoindex("tap0")
ears = socket.socket(family, socket.SOCK_DGRAM)
ears.bind(("", 5001))
ears.settimeout(1)
if family == socket.AF_INET6:
    ears.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                    socket.inet_pton(family, group) + struct.pack("@I", link))
    ears.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, link)
else:
    way = socket.inet_aton(group) + socket.inet_aton("0.0.0.0") + struct.pack("@I", link)
    ears.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, way)
    ears.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, way)
for word in words:
    ears.sendto(word.encode(), (group, 5000))
    try:
        print(ears.recvfrom(2000)[0].decode())
    except TimeoutError:
        print("silence")
"""


def no_questions(peer):
    for name in ("all", "default"):
        peer.run("sysctl", "-qw", f"net.ipv6.conf.{name}.accept_dad=0", check=True)


def seen(what):
    said = subprocess.run(["tshark", "-r", FILE, "-Y", what], capture_output=True, check=True)
    return said.stdout.count(b"\n")


skip_without_namespaces()
FILE = os.path.join(SCRATCH, "group.pcapng")
with Peer("--addr", f"{OURS6}/64", "--run", SCRIPT, "--serve", "echo:7", "-w", FILE, "--set",
          "net.ipv6.conf.all.accept_dad=0", before=no_questions) as peer:
    for group in ("239.1.2.3", "ff15::77"):
        said = peer.run("python3", "-c", TALK, group, "hello", "leave", "too late").stdout.decode()
        report(f"a netglass socket in {group} hears the kernel, and a kernel's hears netglass",
               said.splitlines()[:2] == ["netglass heard: hello", "netglass heard: leave"], said)
        report(f"who left {group} hears no more", said.splitlines()[2:] == ["silence"], said)
    report("netglass ends with 0", peer.stop() == 0, peer.output)
    report("both joins were well", "joined\ttrue\ttrue" in peer.output, peer.output)
report("the joins were reported by IGMPv3 and MLDv2, and so were the leaves",
       seen(f"igmp.type == 0x22 && ip.src == {OURS} && igmp.maddr == 239.1.2.3") >= 2
       and seen("icmpv6.type == 143 && icmpv6.mldr.mar.multicast_address == ff15::77") >= 2)
report("tshark sees nothing malformed", seen("_ws.malformed") == 0)
finish()
