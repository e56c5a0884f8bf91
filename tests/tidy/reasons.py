"""reasons.py - what we claim, we use and we test: drop reasons, events, MUSTs of the RFCs.

owed.txt lists the claims that no test names yet; a line that is no longer owed must go.
"""
import os
import re

from tree import code, texts

WORDS, EVENTS, OWED = "stack/base/words.def", "stack/core/events.def", "tests/tidy/owed.txt"
CONFORMANCE = "tests/conformance.tsv"


def tests_text(tree):
    return "\n".join(text for path, text in texts(tree, ".c", ".h", ".py", ".sh", ".lua", ".pkt")
                     if path.startswith("tests/") and not path.startswith("tests/tidy/"))


def program_text(tree):
    return "\n".join(text for path, text in code(tree) if not path.startswith("tests/"))


def tokens_of(text):
    """Words as people and as C write them: arp-unasked, DROP_ARP_UNASKED, frame_rx."""
    return set(re.findall(r"[A-Za-z_][\w-]*[\w]", text)) | set(re.findall(r"\w+", text))


def drops_of(tree):
    return re.findall(r'^DROP\((\w+),\s*"([^"]+)"', tree.get(WORDS) or "", re.M)


def events_of(tree):
    return re.findall(r"^EVENT\((\w+),\s*(\w+)", tree.get(EVENTS) or "", re.M)


def owed_of(tree):
    lines = (tree.get(OWED) or "").split("\n")
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


def claims(tree):
    """(claim, is it named by a test) of each."""
    tests = tests_text(tree)
    named = tokens_of(tests)
    for name, word in drops_of(tree):
        if name != "NONE":
            yield "DROP_" + name, "DROP_" + name in named or word in named
    for name, word in events_of(tree):
        yield "TRACE_" + name, "TRACE_" + name in named or word in named
    tested = set(re.findall(r"MUST-\d+", tests))
    tested |= set(re.findall(r"^(MUST-\d+)\t(?!owed)", tree.get(CONFORMANCE) or "", re.M))
    for must in sorted(set(re.findall(r"\((MUST-\d+)\)", program_text(tree)))):
        yield must, must in tested


def uncaused(tree, caused):
    """What is claimed and no unit test caused: caused has their lines, see tests/unit/caused.c."""
    for name, word in drops_of(tree):
        if name != "NONE" and "drop " + word not in caused:
            yield "%s: no frame died of DROP_%s" % (WORDS, name)
    for name, word in events_of(tree):
        if "event " + word not in caused:
            yield "%s: nothing told of TRACE_%s" % (EVENTS, name)


def drops_used(tree):
    """every drop reason is used"""
    used = tokens_of(program_text(tree))
    owed = owed_of(tree)
    for name, _ in drops_of(tree):
        if name != "NONE" and "DROP_" + name not in used and "unused DROP_" + name not in owed:
            yield "%s: nothing drops for DROP_%s" % (WORDS, name)


def claims_tested(tree):
    """every drop reason, event and MUST is named by a test, or owed"""
    owed = owed_of(tree)
    for claim, tested in claims(tree):
        if not tested and claim not in owed:
            yield "%s: no test names it" % claim


def debts_real(tree):
    """owed.txt holds nothing that is paid"""
    open_claims = {claim for claim, tested in claims(tree) if not tested}
    used = tokens_of(program_text(tree))
    open_claims |= {"unused DROP_" + n for n, _ in drops_of(tree) if "DROP_" + n not in used}
    for line in sorted(owed_of(tree) - open_claims):
        if line.startswith("mutant "):
            continue  # mutants.py reads it
        yield "%s: '%s' is no longer owed: remove the line" % (OWED, line)


def conformance(tree):
    """conformance.tsv names files and tests that are there"""
    stem = {os.path.basename(p).rsplit(".", 1)[0]: tree.get(p) or "" for p in tree
            if p.startswith("tests/")}
    for n, line in enumerate((tree.get(CONFORMANCE) or "").split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        row = line.split("\t")
        if len(row) != 3:
            yield "%s:%d: three columns, set apart by tabs" % (CONFORMANCE, n)
            continue
        if ":" in row[1] or row[1] in ("owed", "declined", "differs"):
            continue  # conformance.py reads it
        for path in row[1].split():
            if path != "-" and path not in tree:
                yield "%s:%d: there is no %s" % (CONFORMANCE, n, path)
        name, _, test = row[2].partition(":")
        if name != "declared" and test not in tokens_of(stem.get(name, "")):
            yield "%s:%d: no test %s" % (CONFORMANCE, n, row[2])


RULES = [drops_used, claims_tested, debts_real, conformance]
