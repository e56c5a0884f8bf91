"""banned.py - calls and types we do without, and why."""
import re

import c_source
from tree import code

# Everywhere: no bound, no error, or hidden state.
EVERYWHERE = {
    "strcpy": "no bound", "strcat": "no bound", "sprintf": "no bound", "vsprintf": "no bound",
    "stpcpy": "no bound", "gets": "no bound", "strncpy": "may leave no NUL",
    "strncat": "its bound is not the buffer's", "strtok": "hidden state", "alloca": "no limit",
    "atoi": "no error", "atol": "no error", "atoll": "no error", "atof": "no error",
    "tmpnam": "a race", "mktemp": "a race", "system": "a shell", "popen": "a shell",
    "rand": "not seeded by the run", "srand": "not seeded by the run",
    "random": "not seeded by the run", "srandom": "not seeded by the run",
    "drand48": "not seeded by the run", "localtime": "hidden state", "gmtime": "hidden state",
    "asctime": "hidden state", "ctime": "hidden state", "strerror": None,
}
# In the stack: time, chance and the world outside come in by arguments.
STACK = {name: "now is given" for name in (
    "time", "clock", "gettimeofday", "clock_gettime", "clock_getres", "timespec_get", "sleep",
    "usleep", "nanosleep", "difftime")}
STACK.update({name: "the stack does no I/O" for name in (
    "printf", "fprintf", "snprintf", "vsnprintf", "puts", "putchar", "fopen", "open", "read",
    "write", "ioctl", "socket", "getenv", "setenv", "signal", "raise")})
STACK.update({"qsort": "ties are settled by the library", "setlocale": "hidden state",
              "assert": "CHECK stays on in release"})
FLOATS = re.compile(r"\b(float|double|_Float\d+|__float128)\b")


def calls(text, names):
    """(line, name) of each call of one of them; a member or a longer name is another thing."""
    wanted = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(names))
    for number, line in enumerate(c_source.blank(text).split("\n"), 1):
        for found in wanted.finditer(line):
            yield number, found.group(1)


def in_stack(path):
    return path.startswith("stack/") and not path.startswith("stack/os/")


def banned_everywhere(tree):
    """no unsafe call of libc"""
    names = {name: why for name, why in EVERYWHERE.items() if why}
    for path, text in code(tree):
        for line, name in calls(text, names):
            yield "%s:%d: %s(): %s" % (path, line, name, names[name])


def banned_in_stack(tree):
    """the stack has no clock and does no I/O"""
    for path, text in code(tree):
        if in_stack(path):
            for line, name in calls(text, STACK):
                yield "%s:%d: %s(): %s" % (path, line, name, STACK[name])


def no_floats(tree):
    """the stack has no floats: every compiler gives the same run"""
    for path, text in code(tree):
        if in_stack(path):
            for number, line in enumerate(c_source.blank(text).split("\n"), 1):
                if FLOATS.search(line):
                    yield "%s:%d: %s" % (path, number, FLOATS.search(line).group(1))


RULES = [banned_everywhere, banned_in_stack, no_floats]
