#!/usr/bin/env python3
# timeout: 180
"""hands.py - hands on the window, on a virtual screen: what keys and mouse bring about there is,
pixel by pixel, what the same hands bring about without a screen (--keys).

All is played without a screen first, with Ctrl+S after each step, which saves a picture; then by
hand, with Ctrl+S again. Now and then the screen itself is looked at, too. Then hands are laid on a
run that goes on, on the window's size and scale, and on no screen at all.
"""
import os
import shutil
import signal
import subprocess
import sys
import time

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(TOP, "tests", "live"))
from peer import NETGLASS, SCRATCH, claims, finish, report  # noqa: E402
from screen import Screen, png_rows, until  # noqa: E402

OURS = os.path.abspath(NETGLASS)
KEEP = os.path.abspath(os.path.join(os.environ.get("BUILD", "build"), "pictures"))
LONG = os.path.abspath(os.path.join(TOP, "tests/golden/scenes/long.lua"))

ASIDE, AWAY = "<Hover 3 400>", ["mousemove 3 400"]  # where the mouse disturbs nobody


def at(x, y, button=1):
    return [f"mousemove {x} {y}", "sleep 0.02", f"click {button}", *AWAY]


# What holds, the hands as --keys has them, the same as xdotool has them, and whether the screen is
# looked at as well.
STEPS = (
    ("at rest it shows what --record draws", ASIDE, ["mousemove 2 399", *AWAY], True),
    ("Right steps on", "<Right><Right><Right>", ["key Right Right Right"], False),
    ("Shift and Left step along the connection", "<S-Left>", ["key shift+Left"], False),
    ("e goes to a change of state; x and l say that there is nothing", "exl", ["key e x l"], False),
    ("the timeline is scrubbed", "<Click 620 690>" + ASIDE,
     ["mousemove 500 690", "mousedown 1", "mousemove 560 660", "mousemove 620 690", "mouseup 1",
      *AWAY], True),
    ("a click selects the client's second socket", "<Click 150 215>" + ASIDE, at(150, 215), False),
    ("a click selects one of the server's", "<Click 1100 265>" + ASIDE, at(1100, 265), False),
    ("a click selects an arrow of the ladder", "<Click 560 150>" + ASIDE, at(560, 150), False),
    ("a click selects a frame on the wire", "<Click 620 408>" + ASIDE, at(620, 408), False),
    ("a click finds a byte's field", "<Click 200 535>" + ASIDE, at(200, 535), False),
    ("and a field's bytes", "<Click 400 525>" + ASIDE, at(400, 525), False),
    ("a click selects a row of the demultiplexer", "<Click 700 538>" + ASIDE, at(700, 538), False),
    ("a click chooses a graph", "<Click 950 467>" + ASIDE, at(950, 467), False),
    ("a click sets the pace", "<Click 760 28>" + ASIDE, at(760, 28), False),
    ("a filter is typed", "/tcp port 80 and len > 70<Enter>",
     ["key slash", "type tcp port 80 and len > 70", "key Return"], True),
    ("n goes to what it passes", "n", ["key n"], False),
    ("a filter that is none is told of", "/<C-u>port http<Enter>",
     ["key slash ctrl+u", "type port http", "key Return"], False),
    ("and an empty one takes it back", "<Esc>/<C-u><Enter>", ["key Escape slash ctrl+u Return"],
     False),
    ("breakpoints are set by word and by click",
     "<Home>bstate FIN-WAIT-1<Enter><RightClick 1042 690>" + ASIDE,
     ["key Home b", "type state FIN-WAIT-1", "key Return", *at(1042, 690, 3)], False),
    ("playing stops at the breakpoint", "]]]]]]B", ["key" + 6 * " bracketright" + " space"], True),
    ("Tab, arrows and Enter select without a mouse", "<Tab><Down><Down><Enter>",
     ["key Tab Down Down Return"], False),
    ("F2 shows the ladder alone", "<Esc><Esc><F2>", ["key Escape Escape F2"], False),
    ("Esc brings all panes back; the theme is the other", "<Esc>t", ["key Escape t"], True),
    ("a tip comes to a mouse that rests", "<Hover 150 215>",
     ["mousemove 149 214", "mousemove 150 215", "sleep 0.8"], False),
    ("the challenge asks and is answered", ASIDE + "t<Home>c2", [*AWAY, "key t Home c 2"], False),
    ("Enter goes on; Esc ends it; ? lists the keys", "<Enter><Esc>?",
     ["key Return Escape question"], False),
    ("a click beside a row closes the list", "<Click 30 250>" + ASIDE, at(30, 250), False),
    ("a packet is followed", "<Esc>f<Right>", ["key Escape f Right"], False),
    ("a recording has no sliders, and says so", "<Esc>w", ["key Escape w"], False),
)


def path(name):
    return os.path.join(SCRATCH, name)


def netglass(*args, folder=None, check=True):
    done = subprocess.run([OURS, *args], cwd=folder, capture_output=True, text=True, timeout=100,
                          check=False)
    assert done.returncode == 0 or not check, done.stderr
    return done


def same(a, b):
    with open(a, "rb") as f, open(b, "rb") as g:
        return f.read() == g.read()


def whole(name):
    """A file appears under its name when it is whole."""
    return until(lambda: os.path.exists(name))


class Window:
    """A netglass that shows one, in a folder where it may save pictures."""

    def __init__(self, screen, claim, *args, folder=SCRATCH):
        self.screen = screen
        self.told, self.said = open(path("told"), "w+"), open(path("said"), "w+")
        self.process = subprocess.Popen([OURS, *args], cwd=folder, stdout=self.told,
                                        stderr=self.said, stdin=subprocess.DEVNULL)
        report(claim, screen.find_window())

    def do(self, *hands):
        """xdotool's words, with keys and places told to the window."""
        words = []
        for hand in hands:
            word, _, rest = hand.partition(" ")
            words += [word]
            if word in ("key", "keydown", "keyup", "mousemove", "type", "windowsize"):
                words += ["--window", self.screen.window] if word != "windowsize" else [
                    self.screen.window]
            if word in ("key", "type"):
                words += ["--delay", "4"]
            words += ["--args", "1", rest] if word == "type" else rest.split()
        self.screen.do(*words)

    def quit(self):
        """A key told to a window that closes on it is not released, and the next would get it."""
        self.do("key q")
        self.ended()
        self.screen.do("keyup", "q")

    def ended(self):
        """Its status, and what it has said."""
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.told.seek(0)
        self.said.seek(0)
        return self.process.returncode, self.told.read(), self.said.read()


def keep(screen, want, got):
    """For whoever looks why."""
    os.makedirs(KEEP, exist_ok=True)
    stem = os.path.join(KEEP, "hands-%d-" % (len(claims) + 1))
    shutil.copyfile(want, stem + "wanted.png")
    if got is None:
        screen.save(stem + "shown.png")
    elif os.path.exists(got):
        shutil.copyfile(got, stem + "shown.png")
    return "see %s*.png" % stem


def step(window, number, hands, look):
    """None, or what is wrong."""
    want, got = (path("%s/two-connections-%d.png" % (where, number)) for where in ("want", "got"))
    if look:
        window.do(*hands)
        picture = png_rows(want)
        if not until(lambda: window.screen.shows(*picture)):
            return keep(window.screen, want, None)
        hands = []
    window.do(*hands, "key ctrl+s")
    return None if whole(got) and same(want, got) else keep(window.screen, want, got)


def on_a_recording(screen):
    capture = path("run.pcapng")
    netglass("run", "two-connections", "-w", capture)
    for folder in ("want", "got"):
        os.mkdir(path(folder))
    keys = "".join(hands + "<C-s>" for _, hands, _, _ in STEPS)
    want = subprocess.Popen([OURS, "view", capture, "--at", "117us", "--keys", keys, "--record",
                             "last.png"], cwd=path("want"))
    window = Window(screen, "a window opens", "view", capture, "--at", "117us", folder=path("got"))
    report("the same hands are laid on no screen", want.wait(60) == 0)
    for number, (what, _, hands, look) in enumerate(STEPS, 1):
        wrong = step(window, number, hands, look)
        if not report(what, wrong is None, wrong):
            break  # what follows stands on what went before
    # All that was typed comes at once, Ctrl last: it must not count for what was typed before it.
    window.do("key Escape Escape slash ctrl+u Escape")
    window.process.send_signal(signal.SIGSTOP)
    window.do("key slash", "type udp", "keydown ctrl")
    window.process.send_signal(signal.SIGCONT)
    window.do("keyup ctrl", "key Return ctrl+s")
    got, want = path("got/two-connections-%d.png" % (len(STEPS) + 1)), path("typed.png")
    netglass("view", capture, "--at", "117us", "--keys", keys.replace("<C-s>", "")
             + "<Esc><Esc>/<C-u><Esc>/udp<Enter>", "--record", want)
    report("a hand that is quicker than the window is understood",
           whole(got) and same(want, got), want)
    window.quit()
    status, told, said = window.ended()
    report("q ends it with status 0", status == 0, status)
    report("and it has said nothing", told + said == "", told + said)
    return capture


def on_a_run(screen):
    """A slider changes its link, and what was done is done again exactly."""
    live, again = path("live.pcapng"), path("again.pcapng")
    window = Window(screen, "a window opens on a run", "run", "lost-segment", "--at", "90us",
                    "--view", "-w", live)
    window.do("key w Right Escape")
    time.sleep(0.3)
    window.do("key s")
    whole(path("lost-segment-1.png"))
    window.quit()
    status, told, _ = window.ended()
    report("closed, it ends with the run's verdict", status == 0, status)
    report("and has told it", "6 expectations met" in told, told)
    events = netglass("view", live, "--events").stdout
    report("the slider's change is in the recording",
           'control key="link 1" value="delay=15us"' in events)
    netglass("run", "lost-segment", "--hands", live, "-w", again)
    report("done again, it is the same capture, byte by byte", same(live, again))
    netglass("run", "lost-segment", "-w", again)
    report("and another one than without", not same(live, again))
    netglass("view", live, "--at", "90us", "--keys", "<Right>", "--record", path("want.png"))
    report("what the window showed is what the recording shows",
           same(path("want.png"), path("lost-segment-1.png")))


def closed_in_mid_run(screen):
    live, unseen = path("long.pcapng"), path("unseen.pcapng")
    window = Window(screen, "a window opens on a long run", "run", LONG, "--view", "-w", live)
    if os.path.exists(live):
        print("# too fast: it was over before the window was closed")
    window.quit()
    status, told, said = window.ended()
    report("closed in mid-run, the run ends well", status == 0, told + said)
    netglass("run", LONG, "-w", unseen)
    report("and its recording is the one of a run that nobody looked at", same(live, unseen))


def of_any_size(screen, capture):
    def as_recorded(claim, *options):
        netglass("view", capture, "--at", "117us", "--light", "--record", path("size.png"),
                 *options)
        picture = png_rows(path("size.png"))
        good = until(lambda: screen.shows(*picture))
        report(claim, good, "" if good else keep(screen, path("size.png"), None))

    window = Window(screen, "--light: a window opens", "view", capture, "--at", "117us", "--light")
    as_recorded("it shows what --light records")
    window.do("key ctrl+plus")
    as_recorded("Ctrl and + make all larger", "--size", "1280x720", "--scale", "1.1")
    window.do("key ctrl+0", "windowsize 960 600")
    as_recorded("the smallest window is the picture of that size", "--size", "960x600")
    window.process.send_signal(signal.SIGTERM)
    status, told, said = window.ended()
    report("to be told to go is no failure", status == 0 and told + said == "", (status, said))


def without_a_screen(capture):
    os.environ.update(DISPLAY=":4711", XDG_RUNTIME_DIR="")
    got = netglass("view", capture, check=False)
    report("no screen: exit status 2", got.returncode == 2, got.returncode)
    report("no screen: one line", len(got.stderr.splitlines()) == 1, got.stderr)
    os.environ["PATH"] = SCRATCH
    got = netglass("demo", "--out", path("demo"), check=False)
    report("no screen: the demo renders instead", got.returncode == 0, got.stderr)
    report("no screen: and says why", "display" in got.stderr, got.stderr)
    report("no screen: a picture is there", os.path.exists(path("demo/two-connections.png")))
    report("no screen: what to try next needs none", "pcapng --ladder" in got.stdout, got.stdout)
    report("no ffmpeg: no movie", not os.path.exists(path("demo/two-connections.mp4")))
    report("no ffmpeg: it says what to install", "apt install ffmpeg" in got.stdout, got.stdout)


display = Screen.start()
if display is None:
    print("1..0 # SKIP it takes Xvfb, xdotool, and a build with a window")
    sys.exit(0)
with display:
    recorded = on_a_recording(display)
    on_a_run(display)
    closed_in_mid_run(display)
    of_any_size(display, recorded)
without_a_screen(recorded)
finish()
