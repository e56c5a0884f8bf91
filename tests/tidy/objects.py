"""objects.py - what only the objects themselves can tell: no globals but const tables, that is,
nothing in a section that a program can write (.data.rel.ro is written by the loader only); and of
the stack only ng_ names are seen from outside a library."""
import glob
import os
import re
import subprocess

WRITABLE = re.compile(r"^(\.t?data|\.t?bss|\*COM\*)")
ROW = re.compile(r"^[0-9a-f]+ .{7} (\S+)\s+[0-9a-f]+ (?:\.hidden )?(\S+)$")

# Symbols that must be written, each with its reason.
MAY_BE_WRITTEN = {}


def writable_symbols(table):
    """From what `objdump -t` prints: the objects in writable sections."""
    for line in table.split("\n"):
        found = ROW.match(line)
        section, name = found.groups() if found else ("", "")
        if WRITABLE.match(section) and not section.startswith(".data.rel.ro"):
            if name != section:
                yield name


def objects_of(tree, build):
    """(source, object) of what was built: of stack/a+b.o, stack/a.c. The newest, if a file was
    once made together with others."""
    newest = {}
    for made in glob.glob(os.path.join(build, "obj/**/*.o"), recursive=True):
        folder, _, stems = os.path.relpath(made, os.path.join(build, "obj"))[:-2].rpartition("/")
        for stem in stems.split("+"):
            path = os.path.join(folder, stem + ".c")
            if path not in newest or os.path.getmtime(newest[path]) < os.path.getmtime(made):
                newest[path] = made
    first = {}
    for path in sorted(tree):
        if path in newest:
            first.setdefault(newest[path], path)
    for made, path in first.items():
        yield path, made


def tables_of(made):
    """What `objdump -t` prints of each object, by its path: one call for all of them."""
    if not made:
        return {}
    shown = subprocess.run(["objdump", "-t", *made], capture_output=True, text=True, check=True)
    parts = re.split(r"^(\S.*):\s+file format .*$", shown.stdout, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def globals_in(path, table):
    for name in writable_symbols(table):
        plain = re.sub(r"\.\d+$", "", name)
        if (path, plain) not in MAY_BE_WRITTEN:
            yield "%s: %s can be written, and is not in a host" % (path, plain)


def exports(table):
    """From what `objdump -t` prints: what is defined, global and not hidden."""
    for line in table.split("\n"):
        found = re.match(r"^[0-9a-f]+ [gu].{6} (\S+)\s+[0-9a-f]+ (\.hidden )?(\S+)$", line)
        if found and found.group(1) != "*UND*" and not found.group(2):
            yield found.group(3)


def exports_in(path, table):
    for name in exports(table):
        if path.startswith("stack/") and not name.startswith("ng_"):
            yield "%s: %s is public, and not an ng_ name" % (path, name)
