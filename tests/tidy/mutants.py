"""mutants.py - tests/mutants/*.txt: for each demand of tests/conformance.tsv, the mistake that a
careless programmer would make. A mutant is caught if the test that the map names for it fails.

    MUST-26 stack/tcp/tcp_timer.c
    -    if (busy || (t->keep_probes == 0 && t->host->now - last < keep_idle(t))) {
    +    if (busy) {

The first line names the demand and the file; what stands behind the `-`, one line or several, must
stand in that file exactly once, whole lines or a part of one, and is replaced by what stands behind
the `+`, which may be nothing. FILE:TEST at the end of the first line is asked in place of the map's
test; an id that is in no RFC begins with `x-` and needs one. `#` is a comment.

The rule keeps mutants and map together. Run as a program (`make mutants`), it makes each of them in
a folder of its own, compiles what includes the broken file, links it with the test, and demands
that the test fails, or never ends. A mutant that does not compile is not caught, nor is one whose
test fails without it.
"""
import argparse
import collections
import concurrent.futures
import glob
import os
import shlex
import subprocess
import sys
import tempfile
import time

import conformance
import reasons
from tree import read_tree

FOLDER, ONLY = "tests/mutants/", ["-Itests", "-include", "tests/mutants/only.h"]
TIMES_SLOWER, LEAST_SECONDS = 10, 10  # than the test takes unbroken, and it hangs

Mutant = collections.namedtuple("Mutant", "where id file tests old new")


def mutants_of(tree):
    """All there are; one that cannot be read has no text to replace."""
    for path in sorted(p for p in tree if p.startswith(FOLDER) and p.endswith(".txt")):
        head = None
        for number, line in enumerate(tree[path].split("\n") + ["end of file"], 1):
            if line[:1] in ("-", "+") and head:
                (old if line[0] == "-" else new).append(line[1:])
            elif line and line[0] != "#":
                if head:
                    yield Mutant(head[0], *head[1], "\n".join(old), "\n".join(new))
                words = line.split() + [""]
                head = "%s:%d" % (path, number), (words[0], words[1], tuple(words[2:-1]))
                old, new = [], []


def done_rows(tree):
    """Demand -> FILE:TEST, of what the map says is done."""
    stem = {os.path.basename(p)[:-2]: p for p in tree if p.startswith("tests/unit/")}
    for _, row in conformance.rows_of(tree):
        if len(row) != 3 or row[1] in conformance.OPEN or row[2].startswith("declared:"):
            continue
        name, _, test = row[2].partition(":")
        yield row[0], row[2] if "/" in name else "%s:%s" % (stem.get(name, name), test)


def mutants(tree):
    """every demand that is done has a mutant, and every mutant stands where it says"""
    done = dict(done_rows(tree))
    owed = {line[7:] for line in reasons.owed_of(tree) if line.startswith("mutant ")}
    made = set()
    for m in mutants_of(tree):
        made.add(m.id)
        text = tree.get(m.file)
        if m.id not in done and not (m.id.startswith("x-") and m.tests):
            yield "%s: %s is not done, as the map has it" % (m.where, m.id)
        for test in m.tests:
            if not conformance.has(tree, test):
                yield "%s: there is no %s" % (m.where, test)
        if text is None or not m.old or text.count(m.old) != 1:
            yield "%s: the text of %s does not stand in %s just once" % (m.where, m.id, m.file)
        if m.old == m.new:
            yield "%s: %s breaks nothing" % (m.where, m.id)
    for name in sorted(set(done) - made - owed):
        yield "%s: no mutant for %s" % (FOLDER, name)
    for name in sorted(owed & made | owed - set(done)):
        yield "%s: 'mutant %s' is no longer owed: remove the line" % (reasons.OWED, name)


RULES = [mutants]


# --- breaking ------------------------------------------------------------------------------------

class Bench:
    """Compiles, links and runs. What is unbroken is made once, in `folder`."""

    def __init__(self, opts, folder):
        self.build, self.cc, self.libs = opts.build, shlex.split(opts.cc), shlex.split(opts.libs)
        self.folder = folder
        self.of_file = {}  # file -> the sources that include it, or are it
        for made in glob.glob(os.path.join(self.build, "obj/**/*.d"), recursive=True):
            source = os.path.relpath(made, os.path.join(self.build, "obj"))[:-2] + ".c"
            if os.path.exists(source):  # else it is of a build that was another one
                self.note(made, source)

    def note(self, made, source):
        with open(made, encoding="utf-8") as f:
            for file in f.read().partition("\n\n")[0].replace("\\\n", " ").split()[1:]:
                self.of_file.setdefault(file, set()).add(source)

    def compile(self, source, made, over=None):
        """over: a folder whose files take the place of the tree's."""
        broken = over and os.path.join(over, source)
        argv = self.cc[:1] + (["-I" + over + "/stack", "-I" + over] if over else []) + self.cc[1:]
        os.makedirs(os.path.dirname(made), exist_ok=True)
        argv += ONLY if source.startswith("tests/") else []
        return call(argv + ["-w", "-c", "-o", made,
                            broken if broken and os.path.exists(broken) else source])

    def object_of(self, source):
        made = os.path.join(self.folder, source[:-2] + ".o")
        if not os.path.exists(made):
            wrong = self.compile(source, made)
            if wrong:
                return sys.exit("%s does not compile:\n%s" % (source, wrong))
            self.note(made[:-2] + ".d", source)
        return made

    def link(self, test, broken, made):
        """broken: source -> object, of what is not as in the tree."""
        source = source_of(test)
        objects = [broken.get(source) or self.object_of(source)]
        objects += [o for s, o in sorted(broken.items()) if in_all_tests(s)]
        return call(self.cc + objects + [os.path.join(self.build, "libnetglass.a"),
                                         "-o", made] + self.libs)

    def run(self, test, program, seconds):
        """Does it pass? And how many claims were tried."""
        log = program + ".tap"
        env = dict(os.environ, ONLY=test.partition(":")[2], CK_FORK="no", SCRATCH=self.folder,
                   CK_TAP_LOG_FILE_NAME=log, LC_ALL="C.UTF-8")
        script = ["run", "--strict", "--tolerance", "0", test] if test.endswith(".pkt") else []
        try:
            code = subprocess.run([program] + script, env=env, timeout=seconds, check=False,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL).returncode
        except subprocess.TimeoutExpired:
            code = None
        if code != 0 or script:
            return code == 0, 1
        with open(log, encoding="utf-8") as f:
            return True, ("\n" + f.read()).count("\nok ")


def source_of(test):
    return "scenarios/cli/main.c" if test.endswith(".pkt") else test.partition(":")[0]


def in_all_tests(source):
    return not source.startswith("tests/") and source != "scenarios/cli/main.c"


def call(argv):
    """What the compiler says if it fails."""
    run = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                         check=False)
    return run.stderr or "exit status %d" % run.returncode if run.returncode else None


def try_unbroken(bench, test):
    """Seconds that a broken one may take; or in a word, why the test is none."""
    program = os.path.join(bench.folder, "unbroken-" + test.replace("/", "_").replace(":", "-"))
    wrong = bench.link(test, {}, program)
    if wrong:
        return "does not link: " + wrong
    began = time.monotonic()
    passed, claims = bench.run(test, program, 600)
    took = time.monotonic() - began
    os.remove(program)
    if not passed or claims == 0:
        return "fails unbroken" if claims else "is run by nobody"
    return max(LEAST_SECONDS, TIMES_SLOWER * took)


def break_one(bench, mutant, limits, tree):
    """None if a test sees it; else why not."""
    with tempfile.TemporaryDirectory(dir=bench.folder) as over:
        path = os.path.join(over, mutant.file)
        os.makedirs(os.path.dirname(path))
        with open(path, "w", encoding="utf-8") as f:
            f.write(tree[mutant.file].replace(mutant.old, mutant.new))
        sources = bench.of_file.get(mutant.file, set())
        broken = {}
        for source in sorted(sources):
            broken[source] = os.path.join(over, "obj", source[:-2] + ".o")
            wrong = bench.compile(source, broken[source], over)
            if wrong:
                return "does not compile: " + wrong
        why = []
        for test in mutant.tests:
            if isinstance(limits[test], str):
                why.append("%s %s" % (test, limits[test]))
                continue
            wrong = bench.link(test, broken, os.path.join(over, "broken"))
            if wrong:
                return "does not link: " + wrong
            if not bench.run(test, os.path.join(over, "broken"), limits[test])[0]:
                return None
            why.append("%s did not notice" % test)
        return "; ".join(why) or "no test is named"


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--build", required=True)
    args.add_argument("--cc", required=True)
    args.add_argument("--libs", required=True)
    args.add_argument("-k", dest="ids", default="", help="MUST-1 R8985: some, or all of an RFC")
    opts = args.parse_args()
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    tree = read_tree()
    named = dict(done_rows(tree))
    chosen = [m._replace(tests=m.tests or (named.get(m.id),)) for m in mutants_of(tree)
              if not opts.ids or any(m.id == k or m.id.startswith(k + "-")
                                     for k in opts.ids.split())]
    wrong = [line for line in mutants(tree) if "no mutant for" not in line]
    if wrong:
        return sys.exit("\n".join(wrong))
    missed = []
    with tempfile.TemporaryDirectory(prefix="netglass-mutants-") as folder, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        bench, tests = Bench(opts, folder), sorted({t for m in chosen for t in m.tests})
        for source in sorted({source_of(test) for test in tests}):
            bench.object_of(source)
        print("%d mutants, %d tests: first without them" % (len(chosen), len(tests)), flush=True)
        limits = dict(zip(tests, pool.map(lambda t: try_unbroken(bench, t), tests)))
        verdicts = pool.map(lambda m: break_one(bench, m, limits, tree), chosen)
        for number, (mutant, why) in enumerate(zip(chosen, verdicts), 1):
            missed += [mutant.id] if why else []
            print("%4d of %d  %-10s %s" % (number, len(chosen), mutant.id,
                                          "NOT CAUGHT: %s (%s)" % (why, mutant.where) if why
                                          else "caught"), flush=True)
    print("%d mutants: %d caught, %d not caught%s" % (
        len(chosen), len(chosen) - len(missed), len(missed), "".join(": " + " ".join(missed))
        if missed else ""))
    return 1 if missed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
