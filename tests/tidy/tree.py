"""tree.py - the files a rule looks at: path -> text. The tidy test reads the real ones, the
selftest makes up small ones."""
import os
import subprocess

TEXT = (".c", ".h", ".def", ".py", ".sh", ".lua", ".pkt", ".md", ".txt", ".tsv", ".mk", "")


def list_files():
    """All that is, or would be, committed. Without git (a tarball): all but build/, dot files."""
    asked = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"],
                           capture_output=True, check=False)
    if asked.returncode == 0:
        return sorted(set(p for p in asked.stdout.decode().split("\0") if p and os.path.exists(p)))
    found = []
    for where, folders, files in os.walk("."):
        folders[:] = [f for f in folders if f != "build" and not f.startswith((".", "__"))]
        found += [os.path.relpath(os.path.join(where, f), ".") for f in files]
    return sorted(found)


def read_tree():
    tree = {}
    for path in list_files():
        text = None
        if os.path.splitext(path)[1] in TEXT and not os.path.islink(path):
            with open(path, "rb") as f:
                raw = f.read()
            text = raw.decode("utf-8", "surrogateescape") if b"\0" not in raw else None
        tree[path] = text
    return tree


def texts(tree, *ends):
    """(path, text) of the files whose names end so; with no end given, of all that hold text."""
    for path, text in tree.items():
        if text is not None and (not ends or path.endswith(ends)):
            yield path, text


def code(tree):
    return texts(tree, ".c", ".h")


def ours(tree):
    """The files we wrote as programs, whatever the language."""
    for path, text in texts(tree):
        if path.endswith((".c", ".h", ".def", ".py", ".sh", ".lua")) or text.startswith("#!") \
                or path == "Makefile":
            yield path, text
