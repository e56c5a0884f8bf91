"""shape.py - lengths, depths, names of files, comments, and words we do not use."""
import os
import re

import c_source
from tree import code, ours, texts

FUNCTION_LINES, FILE_LINES, LINE_COLUMNS, DEPTH, PARAMETERS = 70, 800, 100, 4, 5

TOP = {"Makefile", "README.md", "LICENSE", "stack", "viz", "capture", "scenarios", "tests"}


def function_length(tree):
    """a function has at most 70 lines"""
    for path, text in code(tree):
        for f in c_source.read(text)[0]:
            if f.last - f.first + 1 > FUNCTION_LINES:
                yield "%s:%d: %s has %d lines" % (path, f.first, f.name, f.last - f.first + 1)


def file_length(tree):
    """a file has at most 800 lines"""
    for path, text in ours(tree):
        if text.count("\n") > FILE_LINES:
            yield "%s: %d lines" % (path, text.count("\n"))


def line_length(tree):
    """a line has at most 100 columns"""
    for path, text in ours(tree):
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > LINE_COLUMNS:
                yield "%s:%d: %d columns" % (path, number, len(line))


def nesting(tree):
    """control statements nest at most 4 deep"""
    for path, text in code(tree):
        for f in c_source.read(text)[0]:
            if f.depth > DEPTH:
                yield "%s:%d: %d deep in %s" % (path, f.deepest, f.depth, f.name)


def parameter_count(tree):
    """a function has at most 5 parameters"""
    for path, text in code(tree):
        functions, prototypes = c_source.read(text)
        for name, line, count in prototypes + [(f.name, f.first, f.params) for f in functions]:
            if count > PARAMETERS:
                yield "%s:%d: %s has %d parameters" % (path, line, name, count)


def readable(tree):
    """C can be read: brackets match"""
    for path, text in code(tree):
        try:
            c_source.read(text)
        except ValueError as error:
            yield "%s: %s" % (path, error)


def comment_style(tree):
    """comments are // only"""
    for path, text in texts(tree, ".c", ".h", ".def"):
        for line, kind, _ in c_source.comments(text):
            if kind == "block_comment":
                yield "%s:%d: a comment that is not //" % (path, line)


def white_space(tree):
    """no tabs, no blanks at the end of a line, one newline at the end of a file"""
    for path, text in ours(tree):
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip():
                yield "%s:%d: blanks at the end" % (path, number)
            if "\t" in line and path != "Makefile":
                yield "%s:%d: a tab" % (path, number)
        if text and (not text.endswith("\n") or text.endswith("\n\n")):
            yield "%s: should end with one newline" % path


# Section signs, arrows, frames of drawings, and a few signs of mathematics; else ASCII.
ALLOWED = re.compile("[\x00-\x7f\u00a7\u00b5\u00b7\u00d7\u2013\u2026\u2190-\u21ff\u2264\u2265"
                     "\u2248\u2500-\u25ff]*")


def characters(tree):
    """source is ASCII, but for section signs, arrows and drawings"""
    for path, text in ours(tree):
        for number, line in enumerate(text.split("\n"), 1):
            at = ALLOWED.match(line).end()
            if at < len(line):
                yield "%s:%d: U+%04X" % (path, number, ord(line[at]))


def unfinished(tree):
    """nothing is left for later without the number of an issue"""
    word = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b(?![^\n]*#\d)")
    for path, text in texts(tree):
        for number, line in enumerate(text.split("\n"), 1):
            if word.search(line):
                yield "%s:%d: %s" % (path, number, word.search(line).group(1))


def machine_paths(tree):
    """no path of somebody's machine"""
    path_of = re.compile(r"(?<![\w.$}])/(wo" r"rk|ho" r"me|ro" r"ot|Us" r"ers|tmp/n" r"g)"
                         r"(/|\b(?![\w-]))")
    for path, text in texts(tree):
        for number, line in enumerate(text.split("\n"), 1):
            if path_of.search(line):
                yield "%s:%d: %s" % (path, number, path_of.search(line).group(0))


def top_level(tree):
    """the top level is what the architecture says"""
    there = {path.split("/")[0] for path in tree}
    for name in sorted(there - TOP):
        if not name.startswith("."):
            yield "%s: does not belong to the top level" % name
    for name in sorted(TOP - there):
        yield "%s: is missing at the top level" % name


def file_names(tree):
    """a file's name is unique in the tree"""
    seen = {}
    for path in tree:
        name = os.path.basename(path)
        if name.endswith((".c", ".h", ".def", ".py", ".sh", ".lua")):
            if name in seen:
                yield "%s: %s is there too" % (path, seen[name])
            seen[name] = path


def executable_scripts(tree, is_executable=lambda path: os.access(path, os.X_OK)):
    """a script of tests/ that can be run will be: #! and the mode agree"""
    for path, text in texts(tree, ".sh", ".py"):
        if path.startswith("tests/") and text.startswith("#!") != is_executable(path):
            yield "%s: has #! but may not be executed, or the reverse" % path


def scripts_have_a_source(tree):
    """a packetdrill script of ours opens with the RFC section that it is about"""
    for path, text in texts(tree, ".pkt"):
        comment = re.match(r"(?:[^/\n][^\n]*\n|\n)*((?://[^\n]*\n)*)", text).group(1)
        if path.startswith("tests/drill/") and not re.search(r"RFC\s\d+\s\u00a7",
                                                             comment.replace("\n// ", " ")):
            yield "%s: no RFC section at its beginning" % path


RULES = [readable, function_length, file_length, line_length, nesting, parameter_count,
         comment_style, white_space, characters, unfinished, machine_paths, top_level, file_names,
         executable_scripts, scripts_have_a_source]
