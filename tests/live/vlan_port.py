"""vlan_port.py - a VLAN of tap0 as a device of its own, for kernels that were built without 802.1Q.

    ip netns exec NS python3 vlan_port.py 10       # makes tap0.10, says so, carries

What the kernel sends by tap0.10 leaves by tap0 with the tag; what comes by tap0 with the tag enters
by tap0.10 without it. All else is left alone. The work that is left to do (a checksum, segments to
be cut) crosses with the frame, in the header of virtio-net before it: so it is netglass and the
kernel's own TCP that must agree where in a tagged frame the checksum begins.
"""
import contextlib
import fcntl
import os
import select
import socket
import struct
import sys

TUNSETIFF, IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x400454CA, 2, 0x1000, 0x4000
TUNSETOFFLOAD, CSUM_TSO4_TSO6 = 0x400454D0, 7
SOL_PACKET, PACKET_AUXDATA, PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING = 263, 8, 15, 23
ETH_P_ALL, TAG_LEN, VNET = 3, 4, struct.Struct("=BBHHHH")  # of the last three: hdr, gso, csum
NEEDS_CSUM = 1
SO_RCVBUFFORCE, HAS_TCI = 33, 0x10  # TP_STATUS_VLAN_VALID


def open_tap(name):
    fd = os.open("/dev/net/tun", os.O_RDWR)
    flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
    fcntl.ioctl(fd, TUNSETOFFLOAD, CSUM_TSO4_TSO6)
    return fd


def open_wire(name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    s.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    s.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
    s.bind((name, ETH_P_ALL))
    return s


def untagged(s, vlan):
    """The next frame, if it is of this VLAN; the kernel takes the tag off, and tells it apart."""
    frame, aux, _, _ = s.recvmsg(70000, 256)
    for level, kind, data in aux:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _, _, _, _, tci, _ = struct.unpack("IIIHHHH", data[:20])
            if status & HAS_TCI and tci & 0xfff == vlan:
                return frame
    return None


def tagged(frame, vlan):
    flags, kind, hdr_len, gso_size, csum_start, csum_offset = VNET.unpack_from(frame)
    if flags & NEEDS_CSUM:
        csum_start += TAG_LEN
    vnet = VNET.pack(flags, kind, hdr_len + TAG_LEN if hdr_len else 0, gso_size, csum_start,
                     csum_offset)
    at = VNET.size + 12
    return vnet + frame[VNET.size:at] + struct.pack("!HH", 0x8100, vlan) + frame[at:]


def main():
    vlan = int(sys.argv[1])
    tap, wire = open_tap(f"tap0.{vlan}"), open_wire("tap0")
    print("there", flush=True)
    while True:
        ready, _, _ = select.select([tap, wire], [], [])
        if tap in ready:
            frame = os.read(tap, 70000)
            wire.send(tagged(frame, vlan))
        if wire in ready:
            frame = untagged(wire, vlan)
            with contextlib.suppress(OSError):  # a device that is down takes nothing
                os.write(tap, frame or b"")


with contextlib.suppress(OSError):  # its device is gone
    main()
