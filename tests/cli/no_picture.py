#!/usr/bin/env python3
# timeout: 120
"""no_picture.py - where a picture or a movie cannot be made, one line says why, the exit status is
2, and nothing half-written is left: no ffmpeg, no fonts, no display, no room, no right, no
sense."""
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))
from peer import NETGLASS, SCRATCH, finish, report  # noqa: E402

OURS = os.path.abspath(NETGLASS)


def path(name):
    return os.path.join(SCRATCH, name)


def run(*args, wrap=(), **env):
    return subprocess.run([*wrap, OURS, *args], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **env})


def refuses(name, got, *words, folder=SCRATCH, status=2):
    """One line, the status, and no file that was not there before."""
    lines = got.stderr.strip().splitlines()
    left = [f for f in os.listdir(folder) if f.startswith("out")]
    report(name, got.returncode == status and len(lines) == 1 and not left
           and all(word in got.stderr for word in words),
           f"status {got.returncode}, left {left}\nstderr: {got.stderr}")


if "SDL=0" in run("view", "-", "--record", path("x.png"), wrap=()).stderr:
    print("1..0 # SKIP this build has no window")
    sys.exit(0)

capture = path("whole.pcapng")
run("run", "slow-reader", "-w", capture)
whole = open(capture, "rb").read()

# --- what is asked for ----------------------------------------------------------------------------
refuses("a kind of file that there is not", run("view", capture, "--record", path("out.bmp")),
        ".png", ".svg", ".mp4", ".gif")
refuses("a pane that there is not", run("view", capture, "--record", path("out.png"), "--pane",
                                        "cellar"), "cellar", "ladder")
for option, value in (("--size", "0x0"), ("--size", "99999x9"), ("--scale", "9"),
                      ("--theme", "blue"), ("--at", "soon")):
    refuses(f"{option} {value}", run("view", capture, "--record", path("out.png"), option, value),
            option, value)
refuses("a size too large to be had",
        run("view", capture, "--record", path("out.png"), "--size", "16000x9000"), "8192")
refuses("a key that there is not",
        run("view", capture, "--record", path("out.gif"), "--keys", "<Warp>"), "Warp")

# --- what is read ---------------------------------------------------------------------------------
open(path("noise.pcapng"), "wb").write(b"no capture at all, whatever its name says")
refuses("noise", run("view", path("noise.pcapng"), "--record", path("out.png")), "noise.pcapng")
open(path("empty.pcapng"), "wb").close()
refuses("an empty file", run("view", path("empty.pcapng"), "--record", path("out.svg")), "empty")
refuses("a file that is not there", run("view", path("none.pcapng"), "--record", path("out.png")),
        "none.pcapng", "No such file")
for name, damaged in (("cut", whole[:len(whole) * 3 // 4]),
                      ("corrupt", whole[:len(whole) // 2] + bytes(4000))):
    open(path(name + ".pcapng"), "wb").write(damaged)
    for kind in ("png", "svg"):
        got = run("view", path(name + ".pcapng"), "--record", path("part." + kind), "--at", "0s")
        shown = open(path("part." + kind), "rb").read() if got.returncode == 2 else b""
        report(f"a {name} recording is shown as far as it goes ({kind}), and told",
               got.returncode == 2 and got.stderr.count("\n") == 1 and name in got.stderr
               and (shown.endswith(b"IEND\xaeB`\x82") or shown.endswith(b"</svg>\n")), got.stderr)

# --- what is missing ------------------------------------------------------------------------------
os.mkdir(path("bin"))
for kind in ("mp4", "gif"):
    refuses(f"no ffmpeg: no {kind}", run("view", capture, "--record", path("out." + kind),
                                         PATH=path("bin")), "ffmpeg", "apt install ffmpeg")
got = run("view", capture, "--record", path("still.png"), PATH=path("bin"))
report("no ffmpeg: a PNG needs none", got.returncode == 0, got.stderr)
refuses("no display: no window", run("view", capture, DISPLAY="", WAYLAND_DISPLAY=""), "display",
        "--record")
got = run("view", capture, "--record", path("still.png"), DISPLAY=":4711", WAYLAND_DISPLAY="none")
report("no display: a PNG needs none", got.returncode == 0 and got.stderr == "", got.stderr)
refuses("a folder of fonts that is none", run("view", capture, "--record", path("out.png"),
                                              NETGLASS_FONT_DIR=path("nowhere")), "nowhere")
open(path("bin/ffmpeg"), "w").write("#!/bin/sh\nhead -c 100 > /dev/null\necho broken pipes >&2\n"
                                    "exit 1\n")
os.chmod(path("bin/ffmpeg"), 0o755)
refuses("an ffmpeg that gives up", run("view", capture, "--record", path("out.mp4"),
                                       PATH=path("bin") + ":/usr/bin:/bin"), "broken pipes")

if shutil.which("ffmpeg"):
    view = subprocess.Popen([OURS, "view", capture, "--record", path("out.mp4")],
                            stderr=subprocess.PIPE)
    part, late = f"out.mp4.{view.pid}.part", time.monotonic() + 20
    while part not in os.listdir(SCRATCH) and time.monotonic() < late:
        time.sleep(0.02)
    begun = part in os.listdir(SCRATCH)
    view.terminate()
    view.communicate(timeout=20)
    left = [f for f in os.listdir(SCRATCH) if f.startswith("out")]
    report("told to end in the middle of a movie, it leaves no half of one",
           begun and view.returncode == -15 and not left, f"{begun} {view.returncode} {left}")

# --- where it goes --------------------------------------------------------------------------------
KINDS = ["png", "svg"] + (["mp4", "gif"] if shutil.which("ffmpeg") else [])
for kind in KINDS:
    refuses(f"a folder that is not there ({kind})",
            run("view", capture, "--record", path("no/such/out." + kind)), "No such file")


def can_mount():
    os.makedirs(path("disk"))
    return subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", path("disk")],
                          capture_output=True).returncode == 0


def on_disk(options, *args):
    """In a mount namespace of its own, with a tmpfs on SCRATCH/disk; then what is left there."""
    script = ('mount -t tmpfs -o "$1" tmpfs "$2"; shift 2; "$@"; s=$?; '
              'ls -A "$OLD" >&3; exit $s')
    read, write = os.pipe()
    got = subprocess.run(["unshare", "-m", "sh", "-c", f"exec 3>&{write}; " + script, "sh", options,
                          path("disk"), OURS, *args], capture_output=True, text=True, timeout=60,
                         pass_fds=(write,), env={**os.environ, "OLD": path("disk")})
    os.close(write)
    left = os.fdopen(read).read().split()
    return got, left


if os.geteuid() == 0 and can_mount():
    for kind in KINDS:
        # The movie needs more room than the tmpfs has; so do the pictures.
        got, left = on_disk("size=16k", "view", capture, "--record", path("disk/out." + kind),
                            "--at", "1.6s")
        lines = got.stderr.strip().splitlines()
        report(f"a full disk ({kind}): one line, status 2, nothing left", got.returncode == 2
               and len(lines) == 1 and "No space left" in got.stderr and left == [],
               f"{got.returncode} {got.stderr} left {left}")
        got, left = on_disk("ro", "view", capture, "--record", path("disk/out." + kind))
        lines = got.stderr.strip().splitlines()
        report(f"a disk that is read-only ({kind})", got.returncode == 2 and len(lines) == 1
               and "Read-only" in got.stderr and left == [],
               f"{got.returncode} {got.stderr} {left}")
    got = run("view", capture, "--record", path("still.png"), wrap=(
        "unshare", "-m", "sh", "-c", "mount -t tmpfs tmpfs /usr/share/fonts; unset "
        'NETGLASS_FONT_DIR; exec "$@"', "sh"))
    report("no fonts: the built-in strokes draw it", got.returncode == 0 and got.stderr == ""
           and os.path.getsize(path("still.png")) > 10000, got.stderr)
else:
    print("# not root: full and read-only disks are left out")
finish()
