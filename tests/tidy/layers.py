"""layers.py - who may include whom: the table of the architecture, and nothing upward."""
import os

import c_source
from tree import code

BASE = ["stack/base/"]
CORE = BASE + ["stack/wire/", "stack/core/"]
TRACE = BASE + ["stack/wire/", "stack/core/trace.h", "stack/core/events.def"]
NET = CORE + ["stack/net/"]
DRIVE = TRACE + ["stack/stack.h", "stack/core/frame.h", "stack/core/chunk.h"]
ALL = ["stack/", "capture/", "viz/", "scenarios/"]

# The first row whose folder or file fits is the row. Sockets' public types are stack.h.
MAY_INCLUDE = [
    ("stack/base/", BASE),
    ("stack/wire/", BASE + ["stack/wire/"]),
    ("stack/core/", BASE + ["stack/core/"]),
    ("stack/net/", NET),
    ("stack/udp/", NET + ["stack/udp/", "stack/stack.h"]),
    ("stack/tcp/", NET + ["stack/tcp/", "stack/stack.h"]),
    ("stack/sock/", NET + ["stack/udp/", "stack/tcp/", "stack/sock/", "stack/stack.h"]),
    ("stack/stack.h", BASE),
    ("stack/host.c", NET + ["stack/udp/", "stack/tcp/", "stack/sock/", "stack/stack.h"]),
    ("stack/os/", DRIVE + ["stack/os/"]),
    ("capture/", TRACE + ["capture/"]),
    ("viz/", TRACE + ["viz/", "capture/replay.h", "capture/filter.h",
                      "capture/feed.h", "capture/outfile.h"]),
    ("scenarios/sim/", DRIVE + ["scenarios/sim/"]),
    ("scenarios/list/", DRIVE + ["scenarios/list/"]),
    ("scenarios/drill/", DRIVE + ["scenarios/sim/", "scenarios/list/", "scenarios/drill/"]),
    ("scenarios/lua/", DRIVE + ["scenarios/sim/", "scenarios/lua/", "scenarios/apps/",
                                  "capture/filter.h"]),
    ("scenarios/cli/", ALL),
    ("tests/", ALL + ["tests/"]),
]

# Of libc, the stack has what needs no system below it.
FREESTANDING = {"assert.h", "errno.h", "inttypes.h", "limits.h", "stdalign.h", "stdarg.h",
                "stdbool.h", "stddef.h", "stdint.h", "stdlib.h", "string.h"}
SYSTEM_OF_STACK = {"stack/stack.h": {"sys/types.h"}}  # ssize_t

# A library has one folder, and SDL three files.
LIBRARIES = [("SDL", ("viz/window.c", "viz/font.c", "viz/png.c")),
             ("pcap", ("capture/",)),
             ("lua", ("scenarios/lua/",)), ("lauxlib", ("scenarios/lua/",)),
             ("check.h", ("tests/",))]


def resolve(tree, path, name):
    """Includes are rooted at stack/ and at the top; those of tests/ at tests/ too."""
    roots = ["stack/", ""] + (["tests/"] if path.startswith("tests/") else [])
    return next((root + name for root in roots if root + name in tree), None)


def check_own(tree, path, line, name):
    target = resolve(tree, path, name)
    if target is None:
        yield "%s:%d: \"%s\" is neither under stack/ nor under the top" % (path, line, name)
        return
    for where, allowed in MAY_INCLUDE:
        if path.startswith(where):
            if not target.startswith(tuple(allowed)):
                yield "%s:%d: %s may not include %s" % (path, line, where, target)
            return


def check_system(path, line, name):
    in_stack = path.startswith("stack/") and not path.startswith("stack/os/")
    if in_stack and name not in FREESTANDING and name not in SYSTEM_OF_STACK.get(path, ()):
        yield "%s:%d: <%s> is for stack/os/ only" % (path, line, name)
    for library, places in LIBRARIES:
        if name.startswith(library) and not path.startswith(places + ("tests/",)):
            yield "%s:%d: <%s> belongs to %s" % (path, line, name, " and ".join(places))


def layers(tree):
    """includes follow the layer table"""
    for path, text in code(tree):
        for line, bracket, name in c_source.includes(text):
            if bracket == '"':
                yield from check_own(tree, path, line, name)
            else:
                yield from check_system(path, line, name)


def own_header_first(tree):
    """a file includes its own header first"""
    for path, text in code(tree):
        header = path[:-2] + ".h"
        if path.endswith(".c") and header in tree:
            first = next(c_source.includes(text), (1, '"', ""))
            if resolve(tree, path, first[2]) != header:
                yield "%s:%d: the first include should be %s" % (path, first[0],
                                                                 os.path.basename(header))


RULES = [layers, own_header_first]
