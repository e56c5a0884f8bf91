"""screen.py - a screen that nobody sits at: an Xvfb, and hands and eyes on the one window there.

The screen is as large as the window, and lies in a file, where it is read: no program that takes
pictures is started, which would cost more than the window itself."""
import hashlib
import os
import shutil
import struct
import subprocess
import time
import zlib

from peer import NETGLASS, SCRATCH

TOOLS = ("Xvfb", "xdotool")
WIDTH, HEIGHT = 1280, 720


def png_rows(path):
    """Its width and its rows of RGB; the pictures of netglass have no filter, no palette."""
    with open(path, "rb") as f:
        data = f.read()
    at, packed, width = 8, b"", 0
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, _, depth, colour, _, _, laced = struct.unpack(">IIBBBBB", body)
            assert (depth, colour, laced) == (8, 2, 0)
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    raw, line = zlib.decompress(packed), 1 + 3 * width
    rows = [raw[y:y + line] for y in range(0, len(raw), line)]
    assert all(row[0] == 0 for row in rows)
    return width, [row[1:] for row in rows]


def png_of(width, rows):
    """The other way, for whoever looks why."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I",
                                                                        zlib.crc32(kind + body))
    head = struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
            + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
            + chunk(b"IEND", b""))


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
            ["Xvfb", "-displayfd", str(inner), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten",
             "tcp", "-noreset", "-nocursor", "-fbdir", SCRATCH], pass_fds=[inner],
            stderr=subprocess.DEVNULL)
        os.close(inner)
        with os.fdopen(out) as f:
            os.environ["DISPLAY"] = ":" + f.readline().strip()
        os.environ.pop("WAYLAND_DISPLAY", None)
        return self

    def __exit__(self, *_):
        self.server.kill()
        self.server.wait()
        os.environ.pop("DISPLAY", None)

    def find_window(self, seconds=20):
        """There is one window on this screen: the last one that came. It is asked for again and
        again, as xdotool's own --sync may wait for ever where a window goes while it looks."""
        found, end = [], time.monotonic() + seconds
        while not found and time.monotonic() < end:
            found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "netglass"],
                                   capture_output=True, text=True, check=False,
                                   timeout=seconds).stdout.split()
            time.sleep(0 if found else 0.05)
        if found:
            self.window = found[-1]
            self.do("windowfocus", self.window)
        return bool(found)

    def do(self, *words):
        """xdotool's own words."""
        subprocess.run(["xdotool", *words], check=False, stderr=subprocess.DEVNULL)

    def key(self, *keys):
        self.do("key", "--window", self.window, "--delay", "20", *keys)

    def rows(self, x=0, y=0, w=WIDTH, h=HEIGHT):
        """The pixels there as they are now, a row of bytes B G R 0 each."""
        with open(os.path.join(SCRATCH, "Xvfb_screen0"), "rb") as f:
            data = f.read()
        head = struct.unpack_from(">20I", data)
        line, at = head[12], head[0] + head[19] * 12
        begins = range(at + y * line + x * 4, at + (y + h) * line, line)
        return [data[begin:begin + w * 4] for begin in begins]

    def shot(self, *place):
        """What the screen shows there, as a number: the same again, or another."""
        return hashlib.sha256(b"".join(self.rows(*place))).hexdigest()

    def shows(self, width, want):
        """The rows of a picture, at the upper left, pixel by pixel."""
        got = self.rows(0, 0, width, len(want))
        return all(row[0::3] == have[2::4] and row[1::3] == have[1::4] and row[2::3] == have[0::4]
                   for row, have in zip(want, got))

    def save(self, path):
        rows = []
        for have in self.rows():
            row = bytearray(WIDTH * 3)
            row[0::3], row[1::3], row[2::3] = have[2::4], have[1::4], have[0::4]
            rows.append(bytes(row))
        with open(path, "wb") as f:
            f.write(png_of(WIDTH, rows))


def until(what, seconds=30):
    """Until something holds: a machine may have more to do."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.02)
    return False
