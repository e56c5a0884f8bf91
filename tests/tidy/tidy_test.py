#!/usr/bin/env python3
"""tidy_test.py - the rules of style that a program can judge, one TAP line a rule.

    tests/tidy/tidy_test.py [RULE ...]      each finding as file:line: what

The rules are functions from a tree of files to findings: layers.py, shape.py, banned.py,
reasons.py, conformance.py, mutants.py, objects.py. Each is itself tested by selftest.py.
"""
import os
import sys

import banned
import conformance
import layers
import mutants
import objects
import reasons
import shape
from tree import read_tree

built = {}  # read once, for both rules


def tables(tree):
    """(source, symbol table) of what was built."""
    if not built:
        pairs = dict(objects.objects_of(tree, os.environ.get("BUILD", "build")))
        shown = objects.tables_of(list(pairs.values()))
        built.update((path, shown[made]) for path, made in pairs.items())
    return built.items()


def no_globals(tree):
    """no globals but const tables"""
    for path, table in tables(tree):
        yield from objects.globals_in(path, table)


def public_names(tree):
    """what the stack makes public begins with ng_"""
    for path, table in tables(tree):
        yield from objects.exports_in(path, table)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    os.chdir(os.path.join(here, "..", ".."))
    tree = read_tree()
    rules = layers.RULES + shape.RULES + banned.RULES + reasons.RULES + conformance.RULES \
        + mutants.RULES + [no_globals, public_names]
    if sys.argv[1:]:
        rules = [rule for rule in rules if rule.__name__ in sys.argv[1:]]
    failed = 0
    print("1..%d" % len(rules))
    for number, rule in enumerate(rules, 1):
        found = list(rule(tree))
        for finding in found:
            print("# " + finding)
        failed += bool(found)
        print("%s %d - %s: %s" % ("not ok" if found else "ok", number, rule.__name__,
                                  rule.__doc__))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
