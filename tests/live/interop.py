"""interop.py - transfers between the kernel and us in both directions and both roles, and what
Wireshark's experts say of our side of them.

    with Exchange(size, times, "--link", "loss=2%") as peer:
        said = peer.exchange(seconds=60)   # {"kernel": [exit statuses], "ours": ["intact send"..]}
"""
import os
import re
import subprocess
import sys
import time

from peer import KERNELS, KERNELS6, NETGLASS, OURS, OURS6, SCRATCH, Peer

HERE = os.path.dirname(os.path.abspath(__file__))
PATTERN = [sys.executable, os.path.join(HERE, "pattern.py")]
OUR_PORT, KERNEL_PORT = 47000, 47001  # no known protocol
SIX = {OURS: OURS6, KERNELS: KERNELS6}

# What sound behaviour on a bad link looks like to Wireshark. A segment that soon comes again looks
# out of order to it, and a peer's lone old byte like a keep-alive. A RST answers what comes twice
# after the end; anywhere else it would have cost the transfer.
SOUND = re.compile(r"retransmission|Duplicate ACK|D-SACK|suspected\) out-of-order|TCP window update"
                   r"|ACK to a TCP keep-alive|window is now completely full|Connection finish"
                   r"|Connection establish (request|acknowledge)"  # of a SYN that went twice
                   r"|TCP Zero Window segment"
                   r"|the connection closing|Connection reset \(RST\)")


def events_of(capture):
    out = subprocess.run([NETGLASS, "view", capture, "--events"], capture_output=True, text=True)
    return out.stdout.splitlines()


def expert_of(capture, address=OURS):
    """What Wireshark complains of in frames we sent, seen at our own interface: one line each."""
    ours = capture + ".ours.pcapng"
    subprocess.run(["tshark", "-n", "-r", capture, "-Y", "frame.interface_id == 0", "-w", ours],
                   capture_output=True, check=True)
    out = subprocess.run(
        ["tshark", "-n", "-r", ours, "-o", "ip.check_checksum:TRUE",
         "-o", "tcp.check_checksum:TRUE", "-T", "fields",
         "-Y", f"(ip.src == {address} || ipv6.src == {SIX[address]}) && "
               "_ws.expert.severity > chat", "-E", "aggregator=|",
         "-e", "frame.number", "-e", "frame.comment", "-e", "_ws.expert.message"],
        capture_output=True, text=True, check=True).stdout
    wrong = []
    for line in out.splitlines():
        number, comment, messages = line.split("\t")
        wrong += [f"{number}: {message}" for message in messages.split("|")
                  if message not in comment and not SOUND.search(message)]
    return wrong


class Exchange(Peer):
    """Serves pattern.lua and asks the kernel's pattern.py `times` times in each direction, while
    as many pattern.py ask us. Every other one speaks IPv6."""
    def __init__(self, size, times, *args, **more):
        self.size, self.times = size, times
        super().__init__("--run", os.path.join(HERE, "pattern.lua"), "-D", f"serve={OUR_PORT}",
                         "-D", f"peer={KERNELS}:{KERNEL_PORT}",
                         "-D", f"peer6=[{KERNELS6}]:{KERNEL_PORT}", "-D", f"size={size}",
                         "-D", f"times={times}", *args, before=Exchange.prepare, six=True, **more)

    def prepare(self):
        self.run("ip", "tuntap", "add", "dev", "tap0", "mode", "tap", check=True)
        for addr in (f"{KERNELS}/24", f"{KERNELS6}/64"):
            self.run("ip", "addr", "add", addr, "dev", "tap0", check=True)
        self.run("ip", "link", "set", "tap0", "up", check=True)
        self.server = self.popen(*PATTERN, "serve", "::", str(KERNEL_PORT),
                                 stdout=subprocess.PIPE)
        self.server.stdout.readline()

    def our_lines(self):
        with open(self.log) as log:
            return sorted(line.replace("\t", " ").strip() for line in log
                          if line.startswith(("intact\t", "damaged\t")))

    def exchange(self, seconds):
        deadline = time.monotonic() + seconds
        verbs = [verb for verb in ("take", "send") for _ in range(self.times)]
        clients = [self.popen(*PATTERN, verb, (OURS, OURS6)[n % 2], str(OUR_PORT), str(self.size))
                   for n, verb in enumerate(verbs)]
        statuses = []
        for client in clients:
            try:
                statuses.append(client.wait(max(0.1, deadline - time.monotonic())))
            except subprocess.TimeoutExpired:
                client.kill()
                statuses.append("no end")
        while len(self.our_lines()) < 2 * self.times and time.monotonic() < deadline:
            time.sleep(0.05)
        return {"kernel": statuses, "ours": self.our_lines()}

    def remove(self):
        if hasattr(self, "server"):
            self.server.kill()
            self.server.wait()
        super().remove()
