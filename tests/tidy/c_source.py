"""c_source.py - reads C well enough to measure it: code without comments, functions, nesting.

Not a compiler: the preprocessor's lines are set aside, and both halves of an #if are read. What it
cannot follow (braces that do not match under #if) it says, and that is a finding too.
"""
import functools
import re
from collections import namedtuple

PIECE = re.compile(r"""
    (?P<line_comment>//[^\n]*)
  | (?P<block_comment>/\*.*?\*/)
  | (?P<string>"(?:\\.|[^"\\\n])*")
  | (?P<char>'(?:\\.|[^'\\\n])+')
""", re.X | re.S)
TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|\.\.\.|->|::|[^\s\w]")

Token = namedtuple("Token", "text line")
Function = namedtuple("Function", "name first last params depth deepest")

CONTROL = {"if", "for", "while", "switch"}
NOT_NAMES = CONTROL | {"return", "sizeof", "do", "else", "case", "default", "goto", "typeof",
                       "static_assert", "_Static_assert", "_Alignas", "__attribute__"}


@functools.lru_cache(maxsize=None)
def blank(text):
    """The same text with comments, strings and characters made blank; lines stay where they are."""
    def hide(found):
        kept = found.group(0)
        if found.lastgroup in ("string", "char"):
            return kept[0] + " " * (len(kept) - 2) + kept[-1]
        return re.sub(r"[^\n]", " ", kept)
    return PIECE.sub(hide, text)


def comments(text):
    """(line, kind, text) of each comment; kind is line_comment or block_comment."""
    for found in PIECE.finditer(text):
        if found.lastgroup in ("line_comment", "block_comment"):
            yield text.count("\n", 0, found.start()) + 1, found.lastgroup, found.group(0)


def includes(text):
    """(line, bracket, path) of each #include, bracket being '<' or '"'."""
    for number, line in enumerate(text.split("\n"), 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if found:
            yield number, found.group(1), found.group(2)


def tokens(text):
    out, going_on = [], False
    for number, line in enumerate(blank(text).split("\n"), 1):
        if going_on or line.lstrip().startswith("#"):
            going_on = line.rstrip().endswith("\\")
            continue
        out += [Token(found.group(0), number) for found in TOKEN.finditer(line)]
    return out


def past(toks, i):
    """The index after the bracket that closes the one at i."""
    pair = {"(": ")", "[": "]", "{": "}"}
    shut, depth = pair[toks[i].text], 0
    for k in range(i, len(toks)):
        if toks[k].text == toks[i].text:
            depth += 1
        elif toks[k].text == shut:
            depth -= 1
            if depth == 0:
                return k + 1
    raise ValueError("line %d: '%s' is never closed" % (toks[i].line, toks[i].text))


def is_name(tok):
    return re.match(r"[A-Za-z_]", tok.text) is not None


class Nesting:
    """How deep control statements stand in one another. Braces alone add nothing."""

    def __init__(self, toks):
        self.toks, self.depth, self.line = toks, 0, 0

    def text(self, i):
        return self.toks[i].text if i < len(self.toks) else ""

    def enter(self, i, depth):
        if depth > self.depth:
            self.depth, self.line = depth, self.toks[i].line

    def block(self, i, depth):
        end = past(self.toks, i)
        i += 1
        while i < end - 1:
            i = self.statement(i, depth)
        return end

    def statement(self, i, depth):
        text = self.text(i)
        if text == "{":
            return self.block(i, depth)
        if text in CONTROL:
            return self.control(i, depth)
        if text == "do":
            self.enter(i, depth + 1)
            return self.simple(self.statement(i + 1, depth + 1))
        if text in ("case", "default"):
            while self.text(i) != ":":
                i += 1
            return i + 1
        if text and is_name(self.toks[i]) and text not in NOT_NAMES:
            if self.text(i + 1) == ":":
                return i + 2
            if self.text(i + 1) == "(":  # list_each(x, list) body
                end = past(self.toks, i + 1)
                if self.text(end) == "{" or (end < len(self.toks) and is_name(self.toks[end])):
                    self.enter(i, depth + 1)
                    return self.statement(end, depth + 1)
        return self.simple(i)

    def control(self, i, depth):
        self.enter(i, depth + 1)
        chain = self.text(i) == "if"
        i = self.statement(past(self.toks, i + 1), depth + 1)
        while chain and self.text(i) == "else":
            if self.text(i + 1) == "if":
                i = self.statement(past(self.toks, i + 2), depth + 1)
            else:
                return self.statement(i + 1, depth + 1)
        return i

    def simple(self, i):
        while i < len(self.toks) and self.text(i) != ";":
            i = past(self.toks, i) if self.text(i) in "([{" else i + 1
        return i + 1


def parameters(toks):
    """Of a declaration: the function's name and how many parameters it has, or None."""
    for i in range(len(toks) - 1):
        if toks[i + 1].text != "(" or not is_name(toks[i]) or toks[i].text in NOT_NAMES:
            continue
        inner = toks[i + 2:past(toks, i + 1) - 1]
        if not inner or [t.text for t in inner] == ["void"]:
            return toks[i].text, 0
        count, k = 1, 0
        while k < len(inner):
            if inner[k].text in "([{":
                k = past(inner, k)
                continue
            count += inner[k].text == ","
            k += 1
        return toks[i].text, count - (inner[-1].text == "...")
    return None


def function_of(head, body, last):
    name, params = parameters(head) or ("?", 0)
    nesting = Nesting(body)
    nesting.block(0, 0)
    return Function(name, head[0].line, last, params, nesting.depth, nesting.line)


@functools.lru_cache(maxsize=None)
def read(text):
    """(functions with a body, prototypes as (name, line, params)) of one file."""
    toks = tokens(text)
    functions, prototypes, head, i = [], [], [], 0
    while i < len(toks):
        text = toks[i].text
        if text in ("END_TEST", "}"):
            head, i = [], i + 1
        elif text == ";":
            named = parameters(head)
            if named and head[0].text != "typedef" and not any(t.text == "=" for t in head):
                prototypes.append((named[0], head[0].line, named[1]))
            head, i = [], i + 1
        elif text == "{":
            end = past(toks, i)
            if head and head[-1].text == ")" and not any(t.text == "=" for t in head):
                functions.append(function_of(head, toks[i:end], toks[end - 1].line))
                head = []
            else:
                head.append(toks[i])
            i = end
        elif text in "([":
            end = past(toks, i)
            head += toks[i:end]
            i = end
        else:
            head.append(toks[i])
            i += 1
    return functions, prototypes
