"""conformance.py - tests/conformance.tsv: what the RFCs ask for, where it is done, which test shows
it. The rules hold code, tests and map together; run as a program, it prints the map with counts.
"""
import os
import re
import subprocess
import sys

MAP = "tests/conformance.tsv"
OPEN = ("owed", "declined", "differs")
COUNTS = {"MUST": 69, "SHLD": 31, "MAY": 18, "REC": 1}  # of RFC 9293, appendix B
ID = re.compile(r"\b((?:MUST|SHLD|MAY|REC)-\d+)\b")


def rows_of(tree):
    """(line number, fields) of each row."""
    for number, line in enumerate((tree.get(MAP) or "").split("\n"), 1):
        if line and not line.startswith("#") and not line.startswith("id\t"):
            yield number, line.split("\t")


def has(tree, place):
    """Does FILE:NAME exist: a function of C or Python, a test of Check, or a whole file?"""
    path, _, name = place.partition(":")
    text = tree.get(path)
    if text is None or not name:
        return text is not None and path.endswith((".pkt", ".py", ".sh", ".lua"))
    word = re.escape(name)
    return re.search(r"^(?:[a-z].*\b%s\(|START_TEST\(%s\)|def %s\()" % (word, word, word), text,
                     re.M) is not None


def conformance(tree):
    """the map of RFC requirements is whole, and points at what is there"""
    if MAP not in tree:
        return
    seen = set()
    for number, row in rows_of(tree):
        where = "%s:%d" % (MAP, number)
        if len(row) != 3 or not all(row):
            yield "%s: not `id where test`" % where
            continue
        if row[0] in seen:
            yield "%s: %s has a row already" % (where, row[0])
        seen.add(row[0])
        if row[1] in OPEN or ":" not in row[1]:
            continue  # reasons.py reads the rows without a function
        for place in row[1:]:
            if not has(tree, place):
                yield "%s: there is no %s" % (where, place)
        code = tree.get(row[1].partition(":")[0]) or ""
        if ID.fullmatch(row[0]) and row[0] not in ID.findall(code):
            yield "%s: %s does not name %s" % (where, row[1].partition(":")[0], row[0])
    for family, count in COUNTS.items():
        for n in range(1, count + 1):
            if "%s-%d" % (family, n) not in seen:
                yield "%s: no row for %s-%d" % (MAP, family, n)


def cited_ids_known(tree):
    """every requirement of RFC 9293 that the code names is done, as the map says"""
    if MAP not in tree:
        return
    done = {row[0] for _, row in rows_of(tree) if row[1:] and row[1] not in ("owed", "declined")}
    for path, text in tree.items():
        if not path.startswith("stack/") or not path.endswith((".c", ".h")) or text is None:
            continue
        for name in sorted(set(ID.findall(text)) - done):
            yield "%s: names %s, which the map does not count as done" % (path, name)


RULES = [conformance, cited_ids_known]


def print_table(program):
    """Runs the test of every state against every segment, and says how many it tried."""
    run = subprocess.run([os.path.join(".", program)], capture_output=True, text=True,
                         env=dict(os.environ, CK_FORK="no"))
    rows = re.findall(r"^# (\S+): (\d+) segments$", run.stdout, re.M)
    print("RFC 9293 3.10.7, each state x each kind of segment: %s"
          % ", ".join("%s %s" % row for row in rows))
    print("%d situations, %d segments, %s" % (
        len(rows), sum(int(n) for _, n in rows),
        "each as the RFC says" if run.returncode == 0 else "SOME WRONG:\n" + run.stdout))
    return run.returncode == 0 and bool(rows)


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    from tree import read_tree
    tree = read_tree()
    count = {}
    for _, row in rows_of(tree):
        kind = row[1] if row[1] in OPEN else "done"
        kind = "declined" if row[2].startswith("declared:") else kind
        count[kind] = count.get(kind, 0) + 1
        shown = ("", row[1]) if kind == "done" else (kind, "")
        print("%-10s %-9s %-40s %s" % (row[0], *shown, row[2]))
    print("%d requirements: %s" % (sum(count.values()),
                                   ", ".join("%d %s" % (n, kind) for kind, n in count.items())))
    wrong = [line for rule in RULES for line in rule(tree)]
    print("\n".join(wrong), end="\n" if wrong else "")
    bad_table = any([not print_table(program) for program in sys.argv[1:]])
    return 1 if wrong or bad_table else 0


if __name__ == "__main__":
    sys.exit(main())
