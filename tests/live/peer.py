"""peer.py - a network namespace whose kernel is the peer of a netglass on a TAP.

    with Peer("--serve", "http:80") as peer:      # netglass up inside a fresh namespace
        peer.run("curl", "-s", "http://10.9.0.2/")

The namespace, and with it the TAP, is gone afterwards whatever happens. Say report() for each claim
and finish() last: TAP on standard output.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

NETGLASS = os.environ.get("NETGLASS", "build/netglass")
SCRATCH = os.environ.get("SCRATCH", "/tmp")
OURS, KERNELS = "10.9.0.2", "10.9.0.1"
OURS6, KERNELS6 = "fd00:9::2", "fd00:9::1"
NO_DAD = "net.ipv6.conf.{}.accept_dad=0"
os.environ["XDG_RUNTIME_DIR"] = SCRATCH  # control sockets stay out of the machine's own folders
claims = []


def report(name, good, detail=""):
    claims.append(good)
    print(f"{'ok' if good else 'not ok'} {len(claims)} - {name}")
    if detail and not good:
        for line in str(detail).splitlines()[:40]:
            print(f"# {line}")
    sys.stdout.flush()
    return good


def finish():
    print(f"1..{len(claims)}")
    sys.exit(0 if all(claims) else 1)


def skip_without_dnsmasq():
    if not shutil.which("dnsmasq"):
        print("1..0 # SKIP there is no dnsmasq")
        sys.exit(0)


def skip_without_namespaces():
    """A machine where namespaces or TAPs cannot be made skips the whole file, and says why."""
    name = f"ngprobe{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    if made.returncode == 0:
        made = subprocess.run(["ip", "netns", "exec", name, "true"], capture_output=True)
        subprocess.run(["ip", "netns", "del", name], check=False)
    if made.returncode != 0 or not os.path.exists("/dev/net/tun"):
        print("1..0 # SKIP it takes root, network namespaces and /dev/net/tun")
        sys.exit(0)


class Peer:
    def __init__(self, *args, wrap=(), tap="tap0", before=None, start_seconds=20, kind="--tap",
                 addr=f"{OURS}/24", six=False):
        """six: with IPv6 addresses too, and none asks for a second whether its own is free."""
        self.args, self.wrap, self.tap, self.before = args, list(wrap), tap, before
        self.addr, self.six = ["--addr", addr] if addr else [], six
        if six:
            self.addr += ["--addr", f"{OURS6}/64", "--set", NO_DAD.format("all")]
        self.start_seconds, self.kind = start_seconds, kind
        self.netns = f"ngtest{os.getpid()}"
        self.output, self.others = "", []

    def __enter__(self):
        subprocess.run(["ip", "netns", "add", self.netns], check=True)
        try:
            self.run("ip", "link", "set", "lo", "up")
            if self.six:
                self.run("sysctl", "-qw", *map(NO_DAD.format, ("all", "default")), check=True)
            if self.before:
                self.before(self)
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def start(self):
        self.log = os.path.join(SCRATCH, "up.log")
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", self.netns, *self.wrap, NETGLASS, "up", self.kind, self.tap,
                 *self.addr, *self.args], stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + self.start_seconds
        while "Ctrl-C" not in self.said():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("netglass up did not start: " + self.said())
            time.sleep(0.02)

    def wait_for(self, pattern, seconds):
        """Until netglass has said it. The match, or None."""
        deadline = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.said())
            if found or time.monotonic() > deadline:
                return found
            time.sleep(0.1)

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def dnsmasq(self, *args):
        """On the kernel's side of the TAP, until the end."""
        self.others.append(self.popen(
            "dnsmasq", "-k", "-C", "/dev/null", "-u", "root", "-R", "-h", "-i", self.tap, "-x",
            os.path.join(SCRATCH, "dnsmasq.pid"), *args, stderr=subprocess.DEVNULL))

    def run(self, *command, timeout=60, **more):
        return subprocess.run(["ip", "netns", "exec", self.netns, *command], capture_output=True,
                              timeout=timeout, **more)

    def pings(self, *args, count=2):
        """Are they answered? And what ping said. For its last one it waits only as long as between
        two, so one more follows those that count."""
        said = self.run("ping", "-c", str(count + 1), "-i", "0.2", *args).stdout.decode()
        back = {int(n) for n in re.findall(r"bytes from .*icmp_seq=(\d+)", said)}
        return back >= set(range(1, count + 1)), said

    def popen(self, *command, **more):
        return subprocess.Popen(["ip", "netns", "exec", self.netns, *command], **more)

    def stop(self, how=signal.SIGINT):
        """Ctrl-C; returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            status = self.process.wait(timeout=self.start_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.output = self.said()
        return status

    def remove(self):
        for process in self.others:
            process.terminate()
            process.wait(10)
        subprocess.run(["ip", "netns", "del", self.netns], check=False)

    def __exit__(self, *_):
        self.stop()
        self.remove()
