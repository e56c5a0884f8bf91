"""screen.py - a screen that nobody sits at: an Xvfb, and hands and eyes on the one window there."""
import hashlib
import os
import shutil
import subprocess
import time

from peer import NETGLASS, SCRATCH

TOOLS = ("Xvfb", "xdotool", "import")


class Screen:
    @staticmethod
    def start():
        """None: it cannot be had here, or this build has no window."""
        said = subprocess.run([NETGLASS, "view", "-", "--record", os.path.join(SCRATCH, "n.png")],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if "SDL=0" in said.stderr or not all(shutil.which(tool) for tool in TOOLS):
            return None
        return Screen()

    def __enter__(self):
        out, inner = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(inner), "-screen", "0", "1280x720x24", "-nolisten", "tcp",
             "-noreset"], pass_fds=[inner], stderr=subprocess.DEVNULL)
        os.close(inner)
        with os.fdopen(out) as f:
            os.environ["DISPLAY"] = ":" + f.readline().strip()
        os.environ.pop("WAYLAND_DISPLAY", None)
        return self

    def __exit__(self, *_):
        self.server.kill()
        self.server.wait()
        os.environ.pop("DISPLAY", None)

    def find_window(self, pid, seconds=20):
        """Of a process, or (0) of anyone: the last one that came."""
        del pid  # it may run in a namespace of its own: there is one window here anyway
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "netglass"],
                                   capture_output=True, text=True, check=False).stdout.split()
            if found:
                self.window = found[-1]
                subprocess.run(["xdotool", "windowfocus", self.window], check=False,
                               stderr=subprocess.DEVNULL)
                return True
            time.sleep(0.05)
        return False

    def key(self, *keys):
        subprocess.run(["xdotool", "key", "--window", self.window, "--delay", "20", *keys],
                       check=False, stderr=subprocess.DEVNULL)

    def shot(self, region="1280x720+0+0"):
        """What the window shows there, as a number: the same again, or another."""
        got = subprocess.run(["import", "-window", self.window, "-crop", region, "rgb:-"],
                             capture_output=True, check=False).stdout
        return hashlib.sha256(got).hexdigest()
