#!/usr/bin/env python3
"""bad_input.py - what is wrong gets one clear line on standard error and exit status 2, and nothing
half-written stays behind."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))
from peer import NETGLASS, SCRATCH, finish, report  # noqa: E402

GOOD = "two-connections"


def path(name, text=None):
    full = os.path.join(SCRATCH, name)
    if text is not None:
        with open(full, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
    return full


def run(*args, binary=NETGLASS, **more):
    return subprocess.run([binary, *args], capture_output=True, text=True, timeout=30, **more)


def complains(name, got, *words, status=2):
    lines = got.stderr.strip().splitlines()
    says = len(lines) == 1 and all(word in got.stderr for word in words)
    report(name, got.returncode == status and says and got.stdout == "",
           f"status {got.returncode}\nstderr: {got.stderr}\nstdout: {got.stdout}")


complains("an unknown command", run("frobnicate"), "frobnicate")
complains("an unknown option of run", run("run", "--frobnicate", GOOD), "--frobnicate")
complains("an unknown option of view", run("view", "--frobnicate"), "--frobnicate")
complains("a missing scenario", run("run", "nowhere.lua"), "nowhere.lua")
complains("a missing capture", run("view", path("nowhere.pcapng"), "--events"), "nowhere.pcapng",
          "No such file")
no_display = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
complains("a missing capture, and no display either", run("view", path("nowhere.pcapng"),
                                                          env=no_display), "No such file")
complains("a folder for a scenario", run("run", SCRATCH), SCRATCH)
complains("a value that is no number", run("run", GOOD, "--seed", "x"), "seed", "x")
complains("a time that is none", run("run", GOOD, "--until", "soon"), "until", "soon")
complains("a setting that does not exist", run("run", GOOD, "--set", "net.ipv4.tcp_frob=1"),
          "net.ipv4.tcp_frob")
complains("a setting out of its range", run("run", GOOD, "--set", "net.ipv4.tcp_sack=7"),
          "net.ipv4.tcp_sack")
complains("a setting of a host that does not exist",
          run("run", GOOD, "--set", "nobody/net.ipv4.tcp_sack=0"), "--set", "nobody")
got = run("run", GOOD, "--hand", "1ms link 9 loss=1%", "--hand", "2ms link 8 loss=1%")
report("a hand on a link that does not exist", got.returncode == 2 and "link 9" in got.stderr
       and got.stderr.count("\n") == 1, got)
complains("more hosts than a network has",
          run("run", path("hosts.lua", "local net = netglass.network{}\n"
                          "for i = 1, 1e9 do net:host('h' .. i) end\n")), "hosts.lua:2", "1024")
complains("a demo in no folder at all", run("demo", "--out", ""), "--out")
complains("a Lua error names file, line and message",
          run("run", path("broken.lua", "local net = netglass.network{}\nnet:frob()\n")),
          "broken.lua:2", "frob")
for command in (("run", "no\nsuch.lua"), ("run", "no\nsuch.pkt"), ("view", "no\nsuch.pcapng"),
                ("up", "--tap", "no\nsuch", "--addr", "no\nsuch"), ("no\nsuch",)):
    complains("a line end in a word of %s" % command[0].split()[0], run(*command), "no.such")
complains("a syntax error names file and line", run("run", path("syntax.lua", "local x =\n= 3\n")),
          "syntax.lua:2")
complains("a filter that tcpdump would not take",
          run("run", path("filter.lua", """local net = netglass.network{}
local a = net:host("a", { ip = "10.0.0.1/24" })
local b = net:host("b", { ip = "10.0.0.2/24" })
local c = net:link(a, b, {})
c:drop{ from = a, filter = "tcp frob", count = 1 }
""")), "filter.lua:5")
complains("bytes that are no capture", run("view", path("noise.pcap", "no capture"), "--events"),
          "noise.pcap")

capture = path("whole.pcapng")
subprocess.run([NETGLASS, "run", "slow-reader", "-w", capture], capture_output=True, check=True)
whole = open(capture, "rb").read()
cut = run("view", path("cut.pcapng", whole[:len(whole) * 4 // 5]), "--events")
report("a capture that is cut short gives its whole events, then one line and status 2",
       cut.returncode == 2 and len(cut.stderr.strip().splitlines()) == 1
       and cut.stdout.count("\n") > 10, f"{cut.returncode} {cut.stderr}")

got = run("run", GOOD, "-w", os.path.join(SCRATCH, "no", "such", "folder.pcapng"))
report("a capture into a folder that is not there", got.returncode == 2
       and "folder.pcapng" in got.stderr and len(got.stderr.strip().splitlines()) == 1,
       got.stderr + got.stdout)
os.makedirs(path("wire"), exist_ok=True)
got = run("run", GOOD, "--pane", "wire", "--record", path("wire.png"), cwd=SCRATCH,
          binary=os.path.abspath(NETGLASS))
report("a folder with the name of an option's value is no scenario", got.returncode == 0, got)
complains("a folder for a capture", run("run", GOOD, "-w", SCRATCH), "cannot write", SCRATCH)
failing = path("failing.lua", "local net = netglass.network{}\nnet:frob()\n")
run("run", failing, "-w", path("half.pcapng"))
run("run", failing, "-w", path("half.pcap"))
left = [name for name in os.listdir(SCRATCH) if name.startswith(("half", ".half"))]
report("a run that fails to start leaves no capture behind", left == [], left)
with open(os.devnull, "w") as full:
    got = run("run", GOOD, "-w", "/dev/full")
report("a full disk is told in one line", got.returncode != 0 and got.stderr.count("\n") == 1,
       f"{got.returncode} {got.stderr}")

held = path("held.pcapng")
for words in (["help"], ["--version"], ["help", "run"], ["run", GOOD], ["run", GOOD, "--ladder"],
              ["run", GOOD, "--events", "-w", held], ["demo", "--out", path("demo")]):
    bare = dict(no_display, PATH="")  # without ffmpeg: no movie
    with open("/dev/full", "w") as full:
        got = subprocess.run([NETGLASS, *words], stdout=full, stderr=subprocess.PIPE, text=True,
                             timeout=30, env=bare)
    report(f"standard output is full, and one line says so: {' '.join(words[:3])}",
           got.returncode == 2 and got.stderr.count("\n") == 1 and "No space" in got.stderr, got)
    if words[0] == "demo":
        continue
    got = subprocess.run(["/bin/sh", "-c", 'exec "$@" >&-', "sh", NETGLASS, *words], text=True,
                         stderr=subprocess.PIPE, timeout=30, env=bare)
    report("and if it is closed", got.returncode == 2 and got.stderr.count("\n") == 1
           and "Bad file" in got.stderr, got)
got = run("view", held, "--events")
report("nothing of which got into the capture", got.returncode == 0 and got.stdout.count("\n") > 50,
       got)

if os.geteuid() == 0:
    os.chmod(SCRATCH, 0o755)
    secret = path("secret.lua", "")
    os.chmod(secret, 0)
    nobody = {"user": 65534, "group": 65534, "extra_groups": []}
    # The tree may lie where nobody else may look.
    theirs = shutil.copy(NETGLASS, path("netglass"))
    os.chmod(theirs, 0o755)
    complains("a scenario that may not be read", run("run", secret, binary=theirs, **nobody),
              "secret.lua", "Permission denied")
    complains("a TAP without permission says which capability",
              run("up", "--tap", "ngnope0", "--addr", "10.9.0.2/24", binary=theirs, **nobody),
              "CAP_NET_ADMIN")
# --- a folder of packetdrill scripts --------------------------------------------------------------
folder = path("scripts")
os.makedirs(os.path.join(folder, *"abcdefghijklmnopq"))
complains("folders in folders without end", run("run", folder), "scripts", "Too many levels")
shutil.rmtree(folder)
os.makedirs(os.path.join(folder, "sub"))
os.symlink("..", os.path.join(folder, "sub", "up"))
open(os.path.join(folder, "a\nnot ok 2 - b.pkt"), "w").write("0 `true`\n")
got = run("run", folder, "--tap")
report("a link that leads back is not followed, and a name cannot tell of a test that is not",
       got.returncode == 0 and "\nok 1 - " in got.stdout and "\nnot ok" not in got.stdout, got)

script = path("one.pkt", "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n")
complains("a capture to two files", run("run", script, "-w", path("a.pcap"), "-w", path("b.pcap")),
          "-w was given already", "a.pcap")
complains("two pictures", run("run", GOOD, "--record", path("a.png"), "--record", path("b.png")),
          "--record was given already", "a.png")
complains("a scenario's capture to two files", run("run", GOOD, "-w", path("a.pcap"),
                                                   "-w", path("b.pcap")), "-w was given already")
complains("two JUnit files", run("run", script, "--junit", path("a"), "--junit", path("b")),
          "--junit was given already")
complains("a script's option whose value is another word", run("run", script, "--mtu", "1500"),
          "--mtu=1500")
report("none of which leaves a file", not [n for n in ("a.pcap", "b.pcap", "a.png", "a", "b")
                                           if os.path.exists(path(n))], os.listdir(SCRATCH))
for name, text in (("an unknown call", "+0 banana(3) = 0"), ("a call with a word too many",
                   "+0 close(3, 4) = 0"), ("an unknown name", "+0 close(BANANA) = 0"),
                   ("an assertion about nothing", "+0 %{ assert banana == 1 }%"),
                   ("an encapsulation", "+0 < gre: . 1:1(0) ack 1 win 5"),
                   ("PSP", "+0 psp_rx_assoc(3, 1) = 0")):
    # The step before fails, if anything runs at all.
    bad = path("bad.pkt", "0 close(9) = 0\n" + text + "\n")
    for option in ([], ["--dry_run"]):
        got = run("run", bad, *option)
        report(f"{name} is found before anything runs {option}",
               got.returncode == 2 and "bad.pkt:2:" in got.stdout, got)
complains("up without a TAP", run("up", "--addr", "10.9.0.2/24"), "--tap")
complains("up with an address that is none", run("up", "--tap", "t0", "--addr", "10.9.0"), "10.9.0")
for addr in ("224.0.0.1/4", "0.0.0.0/0", "255.255.255.255/8", "10.9.0.255/24", "10.9.0.0/24",
             "ff02::1/64", "::/64"):
    complains(f"up as {addr}, which no host may be", run("up", "--tap", "t0", "--addr", addr), addr)
complains("up with an option that it does not have", run("up", "--frobnicate"), "--frobnicate")
complains("up with a TAP name that is none", run("up", "--tap", "a/b", "--addr", "10.9.0.2/24"),
          "a/b")
UP = ("up", "--tap", "t0", "--addr", "10.9.0.2/24")
complains("up whose gateway it is itself", run(*UP, "--gw", "10.9.0.2"), "--gw", "ours")
complains("up with IPv6 in packets too short for it",
          run("up", "--tap", "t0", "--addr", "fd00::2/64", "--mtu", "1000"), "--mtu", "1280")
complains("up with a folder that nothing serves", run(*UP, "--serve", "echo:7", "--root", "/"),
          "--root", "http")
complains("up with a length for no capture", run(*UP, "-s", "100"), "--snap", "-w")
complains("up with a comma too many", run(*UP, "--serve", "http:80,"), "--serve", "comma")
complains("up with a script that is not there", run(*UP, "--run", path("nowhere.lua")),
          "nowhere.lua", "No such file")
complains("up behind a router in its own network", run(*UP, "--router", "10.9.0.3/24"), "--router")
complains("up with a quality that no link has", run(*UP, "--link", "dealy=2ms"), "dealy")
complains("up with a delay without a unit", run(*UP, "--link", "delay=2"), "like 20ms")
complains("up with a seed that is none", run(*UP, "--seed", "x"), "whole number")
complains("up with a parameter that is none", run(*UP, "-D", "x"), "NAME=VALUE")

for command in ("demo", "list", "show", "run", "view", "up", "ss", "hand", "stat"):
    asked, helped = run(command, "--help"), run("help", command)
    report(f"{command} --help, and help {command}", asked.returncode == 0 and asked.stderr == ""
           and asked.stdout.startswith(f"usage: netglass {command}")
           and helped.stdout == asked.stdout, f"{asked}\n{helped}")
complains("help with a command that is none", run("help", "frobnicate"), "frobnicate")
finish()
