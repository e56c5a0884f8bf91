#!/usr/bin/env python3
# timeout: 60
"""ss.py - `netglass ss` and `netglass stat` ask a running `netglass up`."""
import json
import os
import re
import socket
import stat
import subprocess
import time

from peer import NETGLASS, OURS, OURS6, SCRATCH, Peer, finish, report, skip_without_namespaces

RUN = os.path.join(SCRATCH, "run")


def ask(*args, env=None):
    done = subprocess.run([NETGLASS, *args], capture_output=True, text=True, timeout=20,
                          env={**os.environ, **(env or {})})
    return done.returncode, done.stdout, done.stderr


def sockets_of(folder):
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


def while_it_runs(peer):
    path = os.path.join(RUN, "netglass", sockets_of(os.path.join(RUN, "netglass"))[0])
    mode = stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode)
    report("the control socket lies in a folder that is ours alone", mode == 0o700, oct(mode))
    reader = peer.popen("nc", "-d", OURS6, "19", stdout=subprocess.PIPE)  # and nobody reads it
    reader.stdout.read(100000)
    code, out, err = ask("ss", "-tnip")
    report("ss -tnip shows the connection, what TCP knows of it, and whose it is",
           code == 0 and re.search(r'^ESTAB +0 +\d+ +\[fd00:9::2\]:19 +\[fd00:9::1\]:\d+ +'
                                   r'users:\(\("chargen",pid=\d+,fd=\d+\)\)\n\t ts sack cubic .*'
                                   r'bytes_acked:\d{5,}', out, re.M) is not None, out + err)
    code, out, _ = ask("ss", "-tl", "--tap", "tap0")
    report("ss -tl shows the listeners", code == 0 and len(re.findall("^LISTEN", out, re.M)) == 2
           and "ESTAB" not in out, out)
    before = json.loads(ask("stat", "-jz")[1])["netglass"]
    peer.run("ping", "-c", "3", "-i", "0.01", OURS)
    peer.run("curl", "-s", f"http://{OURS}/")
    peer.run("curl", "-s", f"http://{OURS}:81/")
    after = json.loads(ask("stat", "-jz")[1])["netglass"]
    grown = {name: after[name] - before[name] for name in after}
    report("stat counts pings, connections and refusals",
           (grown["IcmpOutEchoReps"], grown["TcpPassiveOpens"], grown["TcpOutRsts"],
            grown["Drop.tcp-no-socket"]) == (3, 1, 1, 1), grown)
    reader.kill()
    reader.wait()
    deadline = time.monotonic() + 5
    while "ESTAB" in ask("ss", "-t")[1] and time.monotonic() < deadline:
        time.sleep(0.05)
    report("a connection that was reset is gone from the list", "ESTAB" not in ask("ss", "-t")[1])
    return path


def odd_guests(path):
    idle = [socket.socket(socket.AF_UNIX) for _ in range(20)]
    for s in idle:
        s.connect(path)
    report("guests that say nothing keep nobody out", ask("ss")[0] == 0)
    for request, want in ((b"ss tx\n", b"-ss knows no -x"), (b"nonsense\n", b"-it does not know"),
                          (b"x" * 2000, b""), (b"\0\n", b"-it does not know")):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(path)
            s.settimeout(5)
            s.sendall(request)
            try:
                said = s.recv(1000)
            except ConnectionResetError:
                said = b""
        report(f"a guest that says {request[:12]!r} hears why not", said.startswith(want), said)
    for s in idle:
        s.close()


skip_without_namespaces()
os.makedirs(RUN, mode=0o700)
os.environ["XDG_RUNTIME_DIR"] = RUN
code, _, err = ask("ss")
report("ss says that nothing runs", code == 2 and err == "netglass ss: no netglass up runs here\n",
       err)
with Peer("--serve", "http:80,chargen:19", six=True) as peer:
    path = while_it_runs(peer)
    odd_guests(path)
    code, _, err = ask("stat", "--tap", "tap7")
    report("another TAP's name finds nothing", code == 2 and "no netglass up runs on tap7" in err,
           err)
    other = Peer("--serve", "echo:7", tap="tap1")
    other.netns += "b"
    with other:
        code, _, err = ask("ss")
        report("of two that run, one must be named",
               code == 2 and "several run: say which with --tap (" in err, err)
        code, out, _ = ask("ss", "-tl", "--tap", "tap1")
        report("and then it is the right one",
               code == 0 and ":7 " in out and ":80 " not in out, out)
    status = peer.stop()
    report("the socket goes with the program", status == 0 and not os.path.exists(path),
           sockets_of(os.path.dirname(path)))
with Peer("--serve", "http:80") as peer:
    left = os.path.join(RUN, "netglass", sockets_of(os.path.join(RUN, "netglass"))[0])
    peer.process.kill()
    peer.process.wait()
    there = os.path.exists(left)
    code, _, err = ask("ss")
    report("one that died leaves a socket, and ss is not fooled",
           there and code == 2 and "no netglass up runs" in err, err)
os.chmod(os.path.join(RUN, "netglass"), 0o777)
with Peer("--serve", "http:80") as peer:
    hello = peer.run("curl", "-s", f"http://{OURS}/").stdout
    log = open(peer.log).read()
    report("in a folder that others may write there is no socket; all else works",
           b"netglass" in hello and "no control socket in" in log and ask("ss")[0] == 2, log)
finish()
