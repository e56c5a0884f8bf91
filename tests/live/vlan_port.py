"""vlan_port.py - a VLAN of tap0 as a device of its own, for kernels that were built without 802.1Q.

    ip netns exec NS python3 vlan_port.py 10       # makes tap0.10, says so, carries

What the kernel sends by tap0.10 leaves by tap0 with the tag; what comes by tap0 with the tag enters
by tap0.10 without it. All else is left alone. Needs frames with no work left to do: --no-offload.
"""
import contextlib
import fcntl
import os
import select
import socket
import struct
import sys

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 2, 0x1000
SOL_PACKET, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING, ETH_P_ALL = 263, 8, 23, 3
SO_RCVBUFFORCE, HAS_TCI = 33, 0x10  # TP_STATUS_VLAN_VALID


def open_tap(name):
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return fd


def open_wire(name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    s.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
    s.bind((name, ETH_P_ALL))
    return s


def untagged(s, vlan):
    """The next frame, if it is of this VLAN; the kernel tells the tag apart from the frame."""
    frame, aux, _, _ = s.recvmsg(70000, 256)
    for level, kind, data in aux:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _, _, _, _, tci, _ = struct.unpack("IIIHHHH", data[:20])
            if status & HAS_TCI and tci & 0xfff == vlan:
                return frame
    return None


def main():
    vlan = int(sys.argv[1])
    tap, wire = open_tap(f"tap0.{vlan}"), open_wire("tap0")
    print("there", flush=True)
    while True:
        ready, _, _ = select.select([tap, wire], [], [])
        if tap in ready:
            frame = os.read(tap, 70000)
            wire.send(frame[:12] + struct.pack("!HH", 0x8100, vlan) + frame[12:])
        if wire in ready:
            frame = untagged(wire, vlan)
            with contextlib.suppress(OSError):  # a device that is down takes nothing
                os.write(tap, frame or b"")


with contextlib.suppress(OSError):  # its device is gone
    main()
