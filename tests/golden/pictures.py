#!/usr/bin/env python3
# timeout: 240
"""pictures.py - the window's scenes are the pictures in tests/golden, pixel by pixel.

Each scene is a run or a capture, an instant, and how it is looked at; it is rendered without a
display and held against tests/golden/window-NAME.png. A picture that differs is left in
BUILD/pictures beside one that marks the difference. After a change that was meant:

    tests/golden/pictures.py --accept [NAME ...]

then look at every picture before it is committed. `--list` names the scenes. The pixels depend on
the fonts (fonts-inter, fonts-jetbrains-mono); where those are not installed, all is skipped.
"""
import os
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
GOLDEN = "tests/golden"
SCENES = "tests/golden/scenes"
FONTS = ("/usr/share/fonts/opentype/inter", "/usr/share/fonts/truetype/jetbrains-mono")

# name: (what to see, the scenario that is run or the capture that is viewed, options)
PICTURES = {
    "two-connections": ("the default instant: two connections, one port, data on its way",
                        "two-connections", []),
    "handshake": ("a handshake in mid-flight: the SYN,ACK is on the wire",
                  "handshake-and-close", ["--at", "50us"]),
    "retransmission": ("a loss, a stall, a timer, the same bytes again",
                       "lost-segment", ["--at", "300.22ms"]),
    "zero-window": ("the reader sleeps, the window is shut and probed",
                    "slow-reader", ["--at", "1s"]),
    "time-wait": ("the closer waits for 2 MSL",
                  "handshake-and-close", ["--at", "25s"]),
    "udp": ("datagrams wait whole, in cells", SCENES + "/datagrams.lua", ["--at", "1ms"]),
    "foreign": ("a stranger's capture: what the packets prove",
                SCENES + "/stranger.pcap", ["--at", "23.42ms"]),
    "dense": ("a dense transfer", SCENES + "/dense.lua", ["--at", "60ms"]),
    "filter": ("a filter, and breakpoints", "two-connections",
               ["--at", "100us", "--keys",
                "/tcp port 48659<Enter>bcwnd <lt> 2900<Enter>blost<Enter>b"]),
    "challenge": ("the challenge, answered", "two-connections", ["--at", "60us", "--keys", "c3"]),
    "ladder": ("the ladder alone", "lost-segment", ["--at", "300.22ms", "--keys", "<F2>"]),
    "journeys": ("two hosts with a router between, their frames' whole journeys",
                 SCENES + "/router.lua", ["--at", "94.5174ms"]),
    "network": ("four hosts, their cables and queues; the bottleneck's is full",
                SCENES + "/router.lua", ["--at", "94.5174ms", "--keys", "oo<F8>"]),
    "light": ("the light theme", "two-connections", ["--light"]),
    "ipv6": ("IPv6, and names as long as people give them", SCENES + "/six.lua", ["--at", "1.4ms"]),
    "refused": ("nobody listens: a RST is on its way", SCENES + "/refused.lua", ["--at", "50us"]),
    "unreachable": ("no UDP socket: dropped, and ICMP says so", SCENES + "/refused.lua",
                    ["--at", "80us"]),
    "router": ("three hosts and a router whose queue is full", SCENES + "/router.lua",
               ["--at", "60ms"]),
    "first": ("before anything has arrived", "two-connections", ["--at", "0s"]),
    "last": ("after the last event: TIME-WAIT remains", "two-connections", ["--at", "5s"]),
    "small": ("the smallest window, 960x600", "two-connections", ["--size", "960x600"]),
    "4k": ("a screen of 3840x2160, kept at a quarter of its width", "lost-segment",
           ["--at", "300.22ms", "--size", "3840x2160"]),
}
SHRUNK = {"4k": "25%"}  # what is kept of a picture that is large


def netglass():
    return os.path.abspath(os.environ.get("NETGLASS", "build/netglass"))


def run(argv):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=120)
    return None if done.returncode == 0 else done.stderr.strip() or "exit %d" % done.returncode


def render(source, options, out):
    """None, or why it could not be."""
    verb = "view" if source.endswith((".pcap", ".pcapng")) else "run"
    return run([netglass(), verb, source, "--record", out] + options)


def pixels(path):
    done = subprocess.run(["convert", path, "rgb:-"], stdout=subprocess.PIPE, timeout=60)
    size = subprocess.run(["identify", "-format", "%wx%h", path], stdout=subprocess.PIPE,
                          timeout=60)
    return size.stdout, done.stdout


def differ(golden, got, name, keep):
    """None, or what is different; pictures of it are kept."""
    if not os.path.exists(golden):
        return "there is no %s yet" % golden
    with open(golden, "rb") as a, open(got, "rb") as b:
        if a.read() == b.read():
            return None
    (size_a, a), (size_b, b) = pixels(golden), pixels(got)
    if (size_a, a) == (size_b, b):
        return None
    os.makedirs(keep, exist_ok=True)
    kept = os.path.join(keep, name + ".png")
    shutil.copyfile(got, kept)
    if size_a != size_b:
        return "%s is %s, not %s" % (kept, size_b.decode(), size_a.decode())
    marked = os.path.join(keep, name + "-difference.png")
    subprocess.run(["compare", golden, got, marked], stderr=subprocess.DEVNULL, timeout=60)
    n = sum(a[i:i + 3] != b[i:i + 3] for i in range(0, len(a), 3))
    return "%d pixels differ: see %s and %s" % (n, kept, marked)


def main():
    args = sys.argv[1:]
    os.chdir(TOP)
    if "--list" in args:
        for name, (what, _, _) in PICTURES.items():
            print("%-18s %s" % (name, what))
        return 0
    if not all(os.path.isdir(f) for f in FONTS):
        print("1..0 # SKIP the fonts Inter and JetBrains Mono are not installed")
        return 0
    accepting = "--accept" in args
    names = [a for a in args if not a.startswith("-")] or list(PICTURES)
    keep = os.path.join(os.environ.get("BUILD", "build"), "pictures")
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        for number, name in enumerate(names, 1):
            what, source, options = PICTURES[name]
            got = os.path.join(scratch, name + ".png")
            golden = os.path.join(GOLDEN, "window-%s.png" % name)
            why = render(source, options, got)
            if why is None and name in SHRUNK:
                why = run(["convert", got, "-scale", SHRUNK[name], "-strip", got])
            if why is None and accepting:
                shutil.copyfile(got, golden)
            if why is None:
                why = differ(golden, got, name, keep)
            print("%sok %d - %s" % ("not " if why else "", number, what), flush=True)
            if why:
                failed = 1
                print("# %s: %s" % (name, why.replace("\n", "\n# ")))
    print("1..%d" % len(names))
    if failed:
        print("# meant? tests/golden/pictures.py --accept NAME, and look before you commit")
    return failed


if __name__ == "__main__":
    sys.exit(main())
