#!/usr/bin/env python3
# timeout: 90
"""watched.py - `up --view`: a window on a host that runs, and hands on it, its own and others'."""
import itertools
import os
import re
import subprocess
import time

from interop import events_of
from peer import NETGLASS, OURS, OURS6, SCRATCH, Peer, finish, report, skip_without_namespaces
from screen import Screen, until

RECORD = os.path.join(SCRATCH, "watched.pcapng")


hosts = itertools.cycle((OURS, OURS6))


def ping(peer, wait="2"):
    """The round trip in ms, by IPv4 and IPv6 in turn; None: no answer."""
    said = peer.run("ping", "-c", "1", "-W", wait, next(hosts), text=True).stdout
    got = re.search(r"time=([\d.]+)", said)
    return float(got.group(1)) if got else None


def hand(peer, *words):
    return peer.run(NETGLASS, "hand", *words, text=True)


def hands_of_others(peer):
    report("before, it answers at once", (ping(peer) or 99) < 60)
    report("a hand gives its link a delay", hand(peer, "link", "1", "delay=40ms").returncode == 0)
    ms = ping(peer)
    report("and a ping takes twice that", ms is not None and 80 <= ms < 200, ms)
    hand(peer, "link", "1", "delay=0ms")
    for words, says in ((("link", "2", "loss=1%"), "no link 2"), (("dance",), "it knows hold"),
                        (("link", "1", "delay=much"), "no value for delay")):
        got = hand(peer, *words)
        lines = got.stderr.strip().splitlines()
        report(f"hand {' '.join(words)}: one clear line",
               got.returncode == 2 and len(lines) == 1 and says in got.stderr, got.stderr)
    report("it is held", hand(peer, "hold").returncode == 0)
    report("and answers nobody", ping(peer, "1") is None)
    for _ in range(8):
        hand(peer, "step")
    report("let go, it answers", hand(peer, "go").returncode == 0 and ping(peer) is not None)


def is_at_rest(screen):
    before = screen.shot()
    time.sleep(0.5)
    return screen.shot() == before


def hands_on_window(peer, screen):
    # The window comes along at its own pace, and a slider begins where it has come.
    until(lambda: is_at_rest(screen))
    screen.key("w", *["Right"] * 23, "Escape")
    report("a slider changes the link of a host that runs",
           until(lambda: 100 <= (ping(peer) or 0) < 300), ping(peer))
    hand(peer, "link", "1", "delay=1ms")
    before = screen.shot()
    ping(peer)
    report("what happens is seen as it happens", until(lambda: screen.shot() != before))
    screen.key("space")
    time.sleep(0.3)
    panes = 0, 50, 1280, 590  # all but the top bar, and the timeline, which grows
    before = screen.shot(*panes)
    ping(peer)
    time.sleep(0.3)
    report("but not by one who looks back", screen.shot(*panes) == before)
    before = screen.shot()
    screen.key("End")
    report("End goes along again", until(lambda: screen.shot() != before))
    screen.key("p")
    report("p holds the host", until(lambda: ping(peer, "1") is None))
    screen.key("p")
    report("and lets it go", until(lambda: ping(peer, "1") is not None))
    screen.key("q")
    log = os.path.join(SCRATCH, "up.log")
    report("the window is closed, and this is said",
           until(lambda: "The window is closed, the host goes on" in open(log).read()))
    report("the host goes on", ping(peer) is not None)


skip_without_namespaces()
screen = Screen.start()
if screen is None:
    print("1..0 # SKIP it takes Xvfb, xdotool, and a build with a window")
    raise SystemExit
with screen:
    with Peer("--serve", "echo:7", "--link", "delay=0ms", "--view", "-w", RECORD, six=True) as peer:
        report("a window opens on it", screen.find_window())
        hands_of_others(peer)
        hands_on_window(peer, screen)
        status = peer.stop()
        report("Ctrl-C ends it with status 0", status == 0, peer.output)
    lines = [line for line in events_of(RECORD) if " control " in line]
    for key, value in (("link 1", "delay=40ms"), ("link 1", "delay=50000us"), ("clock", "held"),
                       ("clock", "a step"), ("clock", "goes on")):
        report(f"recorded: {key} = {value}",
               any(f'key="{key}" value="{value}"' in line for line in lines), "\n".join(lines))
    with Peer("--serve", "echo:7", "--view") as peer:
        report("a second window opens", screen.find_window())
        report("Ctrl-C ends both", peer.stop() == 0 and not screen.find_window(0.5), peer.output)
env = dict(os.environ)
env.pop("DISPLAY", None)
env.pop("WAYLAND_DISPLAY", None)
got = subprocess.run([NETGLASS, "up", "--tap", "tap9", "--addr", f"{OURS}/24", "--view"], env=env,
                     capture_output=True, text=True, timeout=20)
report("no display: one clear line, and no host", got.returncode == 2
       and len(got.stderr.splitlines()) == 1 and "no display" in got.stderr, got.stderr)
finish()
