#!/usr/bin/env python3
# timeout: 120
"""exports.py - pictures and movies for slides and papers: every pane alone is what the whole shows,
an SVG is well-formed whatever names are in it and looks like the PNG, a movie's frames are
pictures, progress shows on a terminal and nowhere else."""
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import xml.dom.minidom

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))
from peer import NETGLASS, SCRATCH, finish, report  # noqa: E402
from screen import png_rows  # noqa: E402

PANES = {  # x, y, w, h in a picture of 1280x720
    "top": (0, 0, 1280, 44), "client": (6, 50, 316, 396), "server": (958, 50, 316, 396),
    "narration": (328, 50, 624, 28), "ladder": (328, 84, 624, 282), "wire": (328, 372, 624, 74),
    "bytes": (6, 452, 492, 190), "demux": (504, 452, 382, 190), "graph": (892, 452, 382, 190),
    "timeline": (6, 648, 1268, 66)}
NASTY = """local net = netglass.network{ seed = 7 }
local a = net:host("<b>&amp;]]>'\\"", { ip = "10.0.0.1/24" })
local b = net:host("\\xc3\\x28\\x01\\xf0\\x9f\\x98\\x80\\xef\\xbf\\xbf", { ip = "10.0.0.2/24" })
net:link(a, b, { rate = "100Mbit", delay = "10us" })
b:app("]]><script>", function(app)
  local s = app:socket("udp")
  s:bind(53)
  s:recvfrom(100)
end)
a:app("&#0;", function(app) app:socket("udp"):sendto("]]>&<", "10.0.0.2", 53) end)
net:run("1ms")
"""


def path(name):
    return os.path.join(SCRATCH, name)


def record(name, *options, source="two-connections"):
    """The file, or None with a line about it."""
    verb = "view" if source.endswith(".pcapng") else "run"
    done = subprocess.run([NETGLASS, verb, source, "--record", path(name), *options], timeout=100,
                          capture_output=True, text=True)
    if done.returncode == 0:
        return path(name)
    print("# " + done.stderr.strip())
    return None


def cut(rows, x, y, w, h):
    return [row[x * 3:(x + w) * 3] for row in rows[y:y + h]]


def size_of(png):
    with open(png, "rb") as f:
        return struct.unpack(">II", f.read(24)[16:])


def small(*files):
    """The pictures a quarter as wide and high, so that edges weigh little, a byte a pixel."""
    got = subprocess.run(["convert", *files, "-resize", "320x180!", "-colorspace", "gray",
                          "gray:-"], stdout=subprocess.PIPE, timeout=60, check=True).stdout
    return [got[i:i + 320 * 180] for i in range(0, len(got), 320 * 180)]


def distance(x, y):
    """Of two such pictures: 0 same, 1 opposite. A label that is missing or astray somewhere shows
    in the worst of 24x24 fields."""
    fields = {}
    for i, (p, q) in enumerate(zip(x, y)):
        fields.setdefault((i % 320 // 12, i // 320 // 12), []).append(abs(p - q) / 255)
    return max(sum(v) / len(v) for v in fields.values())


def check_panes():
    _, whole = png_rows(record("whole.png", "--at", "117us"))
    for name, place in PANES.items():
        got = record(name + ".png", "--at", "117us", "--pane", name)
        report("--pane %s is that part of the whole, pixel by pixel" % name,
               got is not None and png_rows(got)[1] == cut(whole, *place))
    got = size_of(record("large.png", "--pane", "ladder", "--size", "800x450", "--scale", "2"))
    report("--size is the file's, whatever the scale", got == (800, 450), got)
    got = size_of(record("scaled.png", "--scale", "1.5", "--pane", "wire"))
    report("--scale alone makes the file larger", got == (936, 111), got)
    light = record("a.png", "--theme", "light", "--pane", "wire")
    with open(light, "rb") as a, open(record("b.png", "--light", "--pane", "wire"), "rb") as b:
        report("--theme light is --light", a.read() == b.read())
    with open(light, "rb") as a, open(record("wire.png", "--theme", "dark", "--pane", "wire"),
                                      "rb") as b:
        report("--theme dark is another", a.read() != b.read())


def texts(file):
    """All its text; an exception if it is not well-formed."""
    found = xml.dom.minidom.parse(file).getElementsByTagName("text")
    return ["".join(n.data for n in t.childNodes) for t in found]


def check_svg():
    scene = path("nasty.lua")
    with open(scene, "wb") as f:
        f.write(NASTY.encode("latin-1"))
    for pane in ("whole", "client", "server"):
        got = record("nasty.svg", *([] if pane == "whole" else ["--pane", pane]), source=scene)
        try:
            words = "\n".join(texts(got))
        except Exception as why:  # pylint: disable=broad-except
            words = str(why)
        want = {"client": "<b>&amp;]]>'\"", "server": "]]><script>"}.get(pane, "<b>&amp;]]>'\"")
        report("an SVG of names made of markup is well-formed (%s)" % pane,
               want.lower() in words.lower(), words)
    scripts = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "drill")
    script = os.path.join(scripts, "loss", "after-rto-no-second-recovery.pkt")
    subprocess.run([NETGLASS, "run", script, "-w", path("alone.pcapng")], check=True, timeout=60,
                   stdout=subprocess.DEVNULL)
    words = texts(record("alone.svg", "--at", "10ms", source=path("alone.pcapng")))
    report("a host whose peer nobody saw stands on stage", "Dut" in words and "fd 4" in words
           and "nobody we can see" in words and "PSH,ACK" not in words, words)
    words = texts(record("at-once.svg", source=os.path.join(
        scripts, "handshake", "a-listener-tells-its-queue.pkt")))
    report("a listener of that very instant has its card and its row", words.count("LISTEN") == 2,
           words)
    words = "\n".join(texts(record("cut.svg", "--at", "106ms", source="fragments")))
    report("what a router dropped ends half way, and each message has its own name and fields",
           "too long for a link" in words and "neighbour solicitation" in words
           and "\nTarget\n" in words and "Identifier" not in words, words)
    subprocess.run([NETGLASS, "run", "handshake-and-close", "-D", "ip6=1", "-w",
                    path("six.pcapng")], check=True, timeout=60, stdout=subprocess.DEVNULL)
    words = texts(record("group.svg", "--at", "20us", source=path("six.pcapng")))
    report("a solicitation goes to a group, and is for one where it arrives",
           {"for a group: put on 14 B", "for a group: strip 14 B"} <= set(words), words)
    svg = record("still.svg", "--at", "117us")
    words = texts(svg)
    report("its text is text", "SYN,ACK" in words and "STEP 66" in words, words)
    with open(svg, encoding="utf-8") as f:
        families = set(re.findall(r'font-family="([^"]*)"', f.read()))
    report("with fonts to fall back on", families and all("DejaVu" in f for f in families),
           families)
    if shutil.which("rsvg-convert") is None:
        print("# no rsvg-convert: SVG and PNG are not held against each other")
        return
    for name, source, options in (("dark", "two-connections", ["--at", "117us"]),
                                  ("light", "lost-segment", ["--at", "300.22ms", "--light"])):
        files = [record("one." + kind, *options, source=source) for kind in ("png", "svg")]
        subprocess.run(["rsvg-convert", files[1], "-o", path("drawn.png")], check=True, timeout=60)
        far = distance(*small(files[0], path("drawn.png")))
        report("drawn by another program it looks like the PNG (%s)" % name, far < 0.05, far)


def on_terminal(*options):
    """What a recording says on standard error where that is a terminal."""
    ours, theirs = pty.openpty()
    done = subprocess.Popen([NETGLASS, "run", "udp-echo", *options], stdout=subprocess.DEVNULL,
                            stderr=theirs)
    os.close(theirs)
    said = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        said += part
    os.close(ours)
    return done.wait(), said.decode()


LATE = "60us"  # not long before the end of udp-echo


def frames_of(movie):
    """Two of them, half a second apart."""
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", "-i", movie, "-vf",
                    "select=eq(n\\,0)+eq(n\\,15)", "-vsync", "0", "-vframes", "2",
                    path("frame%d.png")], check=True, timeout=60)
    return path("frame1.png"), path("frame2.png")


def check_movies():
    if shutil.which("ffmpeg") is None:
        print("# no ffmpeg: no movies")
        return
    options = ["--pane", "ladder", "--size", "480x270", "--at", LATE]
    begin = record("begin.png", *options, source="udp-echo")
    for kind, near in (("mp4", 0.03), ("gif", 0.05)):
        movie = path("m." + kind)
        if kind == "mp4":
            status, said = on_terminal("--record", movie, *options)
            report("progress shows on a terminal", status == 0 and
                   re.search(r"recording .*: frame \d+ of \d+, 100%", said), said)
        else:
            done = subprocess.run([NETGLASS, "run", "udp-echo", "--record", movie, *options],
                                  capture_output=True, text=True, timeout=100, check=True)
            report("nothing is said where there is no terminal", done.stderr == "", done.stderr)
        still, first, later = small(begin, *frames_of(movie))
        far = distance(still, first)
        report("%s: its first frame is the picture of that instant" % kind, far < near, far)
        far = distance(still, later)
        report("%s: and it moves" % kind, far > near, far)
    report("no parts of files are left", not [f for f in os.listdir(SCRATCH) if "part" in f])


def check_sanitized():
    """Every pane, the list of keys, a still of each kind and a movie, where ASan and UBSan look."""
    program = next((os.path.abspath(os.path.join(b, "netglass"))
                    for b in os.environ.get("BUILDS", "").split() if b.endswith("san")), None)
    if program is None:
        print("# no sanitized build: not run there")
        return
    folder = path("sanitized")
    os.mkdir(folder)
    keys = "".join("<F%d><C-s><Esc>" % n for n in range(1, 9)) + "".join(
        key + "<C-s>" for key in ("?", "<Esc>t", "g", "f<Right>", "mm", "++++", "/udp<Enter>"))
    runs = ((["fragments", "--at", "110ms", "--keys", keys], "a.svg"),
            (["udp-echo", "--at", "85us", "--pane", "wire", "--scale", "1.5"], "b.gif"))
    for args, name in runs:
        done = subprocess.run([program, "run", *args, "--record", name], cwd=folder, timeout=100,
                              capture_output=True, text=True)
        report("under sanitizers: " + name, done.returncode == 0 and done.stderr == "",
               done.stderr)
    report("and all was saved", len(os.listdir(folder)) == 15 + len(runs), os.listdir(folder))


if shutil.which("convert") is None:
    print("1..0 # SKIP imagemagick is missing")
    sys.exit(0)
probe = subprocess.run([NETGLASS, "view", "-", "--record", path("x.png")], stdin=subprocess.DEVNULL,
                       capture_output=True, text=True)
if "SDL=0" in probe.stderr:
    print("1..0 # SKIP this build has no window")
    sys.exit(0)
check_panes()
check_svg()
check_movies()
check_sanitized()
finish()
