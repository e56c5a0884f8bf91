#!/usr/bin/env python3
"""runner_test.py - tests/run against a small tree of its own: what it finds, what it counts,
what it takes for a failure, and its last line.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

RUN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "run")

# (what holds, {file: text}, last line, exit status, words that must stand in the output)
CASES = [
    ("passed tests are counted", {"cli/a.sh": "echo 'ok 1 - x'; echo 'ok 2 - y'"},
     "2 passed, 0 failed, 0 skipped", 0, []),
    ("skips are counted and told", {"cli/a.sh": "echo 'ok 1 - x # SKIP no tap here'"},
     "0 passed, 0 failed, 1 skipped", 0, ["no tap here"]),
    ("a whole file may be left out", {"cli/a.sh": "echo '1..0 # SKIP not root'"},
     "0 passed, 0 failed, 1 skipped", 0, ["not root"]),
    ("a failed test fails all, and shows what it wrote",
     {"cli/a.sh": "echo 'ok 1 - x'; echo 'not ok 2 - y'; echo the-detail >&2",
      "cli/b.sh": "echo 'ok 1 - z'"},
     "2 passed, 1 failed, 0 skipped", 1, ["the-detail", "FAIL cli/a.sh"]),
    ("what passed is quiet", {"cli/a.sh": "echo 'ok 1 - x'; echo chatter"},
     "1 passed, 0 failed, 0 skipped", 0, []),
    ("an exit status counts", {"cli/a.sh": "echo 'ok 1 - x'; exit 3"},
     "1 passed, 1 failed, 0 skipped", 1, ["exit status 3"]),
    ("a crash counts", {"cli/a.sh": "echo 'ok 1 - x'; kill -SEGV $$"},
     "1 passed, 1 failed, 0 skipped", 1, ["SIGSEGV"]),
    ("silence is a failure", {"cli/a.sh": "exit 0"},
     "0 passed, 1 failed, 0 skipped", 1, ["no test at all"]),
    ("a plan that is not kept is a failure", {"cli/a.sh": "echo 1..3; echo 'ok 1 - x'"},
     "1 passed, 1 failed, 0 skipped", 1, ["planned 3"]),
    ("a test that hangs is stopped, with its children",
     {"cli/a.sh": "# timeout: 1\necho 'ok 1 - x'; sleep 97 & sleep 97"},
     "1 passed, 1 failed, 0 skipped", 1, ["ran out of time"]),
    ("a Check program is counted by its own log",
     {"cli/a.sh": "printf '1..2\\nok 1 - a.c:x:y: Passed\\nnot ok 2 - a.c:x:z: no\\n'"
                  " > $CK_TAP_LOG_FILE_NAME; echo 'ok 7 - not this'; exit 1"},
     "1 passed, 1 failed, 0 skipped", 1, ["a.c:x:z"]),
    ("a Check program that dies runs again, a process a test, to say where",
     {"sim/a_test.c": "int x;", "../build/sim/a_test":
      "[ $CK_FORK = yes ] || kill -SEGV $$\necho 'not ok 1 - a.c:x:z: here'; exit 1"},
     "0 passed, 1 failed, 0 skipped", 1, ["a.c:x:z: here"]),
    ("a unit test that was not built is a failure", {"unit/x/a_test.c": "int x;"},
     "0 passed, 1 failed, 0 skipped", 1, ["was not built"]),
    ("what unit tests caused is asked for, of those that the stack tells",
     {"unit/net/a_test.c": "int x;", "unit/viz/b_test.c": "int x;",
      "../build/unit/net/a_test": "echo 'drop a-b' >> $CAUSED; echo 'ok 1 - x'",
      "../build/unit/viz/b_test": "[ -z \"$CAUSED\" ] && echo 'ok 1 - x'",
      "tidy/tree.py": "def read_tree(): return {}",
      "tidy/reasons.py": "def uncaused(tree, caused):\n"
                         "    return [w + ' missing' for w in ('a-b', 'c') if 'drop ' + w not in "
                         "caused]"},
     "2 passed, 1 failed, 0 skipped", 1, ["FAIL unit/caused", "       c missing"]),
    ("a program is found by its source, not by what lies in the build",
     {"../build/sim/old_test": "echo 'not ok 1 - stale'", "cli/a.sh": "echo 'ok 1 - x'",
      "../build/sim/b_test": "echo 'ok 1 - x'", "sim/b_test.c": "int x;", "sim/rig.c": "int y;"},
     "2 passed, 0 failed, 0 skipped", 0, []),
    ("a library is no test", {"cli/lib.sh": None, "cli/a.sh": "echo 'ok 1 - x'"},
     "1 passed, 0 failed, 0 skipped", 0, []),
    ("speed and fuzzing wait to be asked", {"bench/a.sh": "exit 1", "fuzz/a.sh": "exit 1",
                                            "cli/a.sh": "echo 'ok 1 - x'"},
     "1 passed, 0 failed, 0 skipped", 0, []),
    ("no more than two live tests run at a time",
     {"live/%s.sh" % name: "mkdir busy-%s\n[ $(ls -d busy-* | wc -l) -le 2 ]; a=$?\nsleep 0.2\n"
                           "rmdir busy-%s\n[ $a = 0 ] && echo 'ok 1 - two'" % (name, name)
      for name in "abcde"},
     "5 passed, 0 failed, 0 skipped", 0, []),
    ("unit tests of a folder share a process, and each is counted",
     {**{"unit/x/%s_test.c" % name: "int x;" for name in "ab"},
      **{"../build/unit/x/%s_test" % name: "exit 1" for name in "ab"},
      "../build/unit/all":
          "for t; do printf '1..1\\nok 1 - x\\n' > $SCRATCH/${t//\\//_}.tap; done"},
     "2 passed, 0 failed, 0 skipped", 0, []),
    ("where one of them fails, each runs by itself",
     {**{"unit/x/%s_test.c" % name: "int x;" for name in "ab"},
      "../build/unit/x/a_test": "echo 'ok 1 - x'",
      "../build/unit/x/b_test": "echo 'not ok 1 - a.c:x:z: here'; exit 1",
      "../build/unit/all": "for t; do echo 'ok 1 - x' > $SCRATCH/${t//\\//_}.tap; done; exit 1"},
     "1 passed, 1 failed, 0 skipped", 1, ["a.c:x:z: here", "FAIL unit/x/b_test"]),
    ("a unit test that is no part of the build is left out, and said to be",
     {"unit/x/a_test.c": "int x;", "../build/unit/all.def": "UNIT(unit_x_b_test)"},
     "0 passed, 0 failed, 1 skipped", 0, ["none of it"]),
    ("what fails only together is a failure",
     {**{"unit/x/%s_test.c" % name: "int x;" for name in "ab"},
      **{"../build/unit/x/%s_test" % name: "echo 'ok 1 - x'" for name in "ab"},
      "../build/unit/all": "echo the-detail; exit 3"},
     "2 passed, 1 failed, 0 skipped", 1, ["exit status 3 where it shared", "the-detail"]),
    ("a Check log that has no end is a failure",
     {"cli/a.sh": "printf 'ok 1 - a.c:x:y: Passed\\n' > $CK_TAP_LOG_FILE_NAME"},
     "1 passed, 1 failed, 0 skipped", 1, ["no end"]),
    ("a program that cannot be started is a failure",
     {**{"unit/x/%s_test.c" % name: "int x;" for name in "ab"},
      **{"../build/unit/x/%s_test" % name: "echo 'ok 1 - x'" for name in "ab"},
      "../build/unit/all": ""},
     "0 passed, 2 failed, 0 skipped", 1, ["was not run"]),
    ("no tests at all is a failure", {}, "0 passed, 0 failed, 0 skipped", 1, []),
]


def run_in(folder, files):
    for name, text in files.items():
        path = os.path.join(folder, "tests", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write("#!/bin/bash\n%s\n" % text if text else "echo 'not ok 1 - a library'\n")
        if text == "":
            open(path, "w", encoding="utf-8").close()
        if text is not None and not name.endswith((".c", ".py")):
            os.chmod(path, 0o755)
    return subprocess.run([os.path.join(folder, "tests", "run")], capture_output=True, text=True,
                          cwd=folder, check=False)


def wrong_with(files, last, status, words):
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "tests"))
        shutil.copy(RUN, os.path.join(folder, "tests", "run"))
        began = time.monotonic()
        done = run_in(folder, files)
        took = time.monotonic() - began
    if done.stdout.splitlines()[-1:] != [last]:
        return "last line of %r" % (done.stdout + done.stderr)
    if done.returncode != status:
        return "exit status %d" % done.returncode
    missing = [word for word in words if word not in done.stdout]
    if missing:
        return "%s missing in %r" % (missing, done.stdout)
    if "chatter" in done.stdout:
        return "not quiet"
    return "took %.0f s" % took if took > 20 else None


def main():
    failed = 0
    print("1..%d" % len(CASES))
    for number, (what, files, last, status, words) in enumerate(CASES, 1):
        wrong = wrong_with(files, last, status, words)
        print("%s %d - %s" % ("not ok" if wrong else "ok", number, what))
        if wrong:
            print("# " + wrong)
        failed += bool(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
