#!/usr/bin/env python3
"""selftest.py - each rule of tidy meets a bad snippet that it must name, and a good one that it
must let pass. A rule that cannot fail is no rule.
"""
import os
import subprocess
import sys
import tempfile

import banned
import conformance
import layers
import mutants
import objects
import reasons
import shape

MARKS = {"later": "TO" "DO", "home": "/ho" "me/me/x", "work": "see /wo" "rk/x"}


def lines(count):
    return "".join("    x++;\n" for _ in range(count))


def body(text, head="int f(void)"):
    return "%s\n{\n%s}\n" % (head, text)


DROPS = {"stack/base/words.def": 'DROP(NONE, "none", "x")\nDROP(A_B, "a-b", "x")\n'}
USED = {"stack/net/x.c": "int x = DROP_A_B;\n"}
EVENTS = {"stack/core/events.def": 'EVENT(HOST_NEW, host_new, "x",\n F(str, name))\n'}
TOP = {name: "" for name in ("Makefile", "README.md", "LICENSE", "stack/a.c", "viz/a.c",
                             "capture/b.c", "scenarios/c.c", "tests/d.c", ".ci/run")}

# (rule, a tree it must complain of, what the complaint must hold)
BAD = [
    (layers.layers, {"stack/base/a.c": '#include "net/b.h"\n', "stack/net/b.h": ""}, "a.c:1"),
    (layers.layers, {"stack/udp/a.c": '#include "tcp/b.h"\n', "stack/tcp/b.h": ""}, "tcp/b.h"),
    (layers.layers, {"stack/tcp/a.c": '#include "udp/b.h"\n', "stack/udp/b.h": ""}, "udp/b.h"),
    (layers.layers, {"stack/wire/a.c": '#include "core/b.h"\n', "stack/core/b.h": ""}, "core/b.h"),
    (layers.layers, {"stack/core/a.c": '#include "wire/b.h"\n', "stack/wire/b.h": ""}, "wire/b.h"),
    (layers.layers, {"stack/net/a.c": '#include "sock/b.h"\n', "stack/sock/b.h": ""}, "sock/b.h"),
    (layers.layers, {"stack/os/a.c": '#include "net/b.h"\n', "stack/net/b.h": ""}, "net/b.h"),
    (layers.layers, {"viz/a.c": '#include "net/host.h"\n', "stack/net/host.h": ""}, "net/host.h"),
    (layers.layers, {"viz/a.c": '#include "capture/record.h"\n', "capture/record.h": ""}, "record"),
    (layers.layers, {"capture/a.c": '#include "viz/b.h"\n', "viz/b.h": ""}, "viz/b.h"),
    (layers.layers, {"scenarios/sim/a.c": '#include "tcp/b.h"\n', "stack/tcp/b.h": ""}, "tcp/b.h"),
    (layers.layers, {"scenarios/sim/a.c": '#include "scenarios/lua/b.h"\n',
                     "scenarios/lua/b.h": ""}, "lua/b.h"),
    (layers.layers, {"stack/net/a.c": '#include "nowhere.h"\n'}, "nowhere.h"),
    (layers.layers, {"stack/net/a.c": '#include "b.h"\n', "stack/net/b.h": ""}, '"b.h"'),
    (layers.layers, {"stack/net/a.c": "\n#include <stdio.h>\n"}, "a.c:2"),
    (layers.layers, {"stack/net/a.c": "#include <sys/socket.h>\n"}, "sys/socket.h"),
    (layers.layers, {"stack/net/a.c": "#  include <time.h>\n"}, "time.h"),
    (layers.layers, {"viz/ladder.c": "#include <SDL.h>\n"}, "SDL.h"),
    (layers.layers, {"viz/a.c": "#include <pcap/pcap.h>\n"}, "pcap"),
    (layers.layers, {"scenarios/sim/a.c": "#include <lua.h>\n"}, "lua.h"),
    (layers.own_header_first, {"stack/net/a.c": '#include "base/b.h"\n#include "net/a.h"\n',
                               "stack/net/a.h": "", "stack/base/b.h": ""}, "a.h"),
    (layers.own_header_first, {"stack/net/a.c": "int x;\n", "stack/net/a.h": ""}, "a.h"),
    (shape.readable, {"a.c": "int f(void)\n{\n    g(;\n}\n"}, "never closed"),
    (shape.function_length, {"a.c": body(lines(68))}, "f has 71 lines"),
    (shape.function_length, {"a.h": body(lines(68), "static inline int g(int a)")}, "g has 71"),
    (shape.function_length, {"t.c": body(lines(68), "START_TEST(long_one)")}, "71 lines"),
    (shape.function_length, {"a.c": body(lines(67), "static int\nf(int a)")}, "f has 71 lines"),
    (shape.file_length, {"a.c": "int x;\n" * 801}, "801"),
    (shape.line_length, {"a.c": "// " + "x" * 98 + "\n"}, "101 columns"),
    (shape.line_length, {"tests/run": "#!/bin/bash\n" + "x" * 101 + "\n"}, "101 columns"),
    (shape.nesting, {"a.c": body("if (a) {\nfor (;;) {\nwhile (b) {\nswitch (c) {\ncase 1:\n"
                                 "if (d) e();\n}\n}\n}\n}\n")}, "5 deep in f"),
    (shape.nesting, {"a.c": body("if (a)\nfor (;;)\nwhile (b)\ndo\nif (d) e();\nwhile (x);\n")},
     "a.c:7: 5 deep"),
    (shape.nesting, {"a.c": body("if (a) for (;;) while (b) list_each(c, d) if (e) f();\n")}, "5"),
    (shape.nesting, {"a.c": body("if (a) b(); else if (c) for (;;) for (;;) for (;;) if (d) e();"
                                 "\n")}, "5"),
    (shape.parameter_count, {"a.c": body("", "int f(int a, int b, int c, int d, int e, int g)")},
     "f has 6"),
    (shape.parameter_count, {"a.h": "int f(int, int, int, int (*)(int, int), int, int);\n"}, "6"),
    (shape.comment_style, {"a.c": "int x; /* no */\n"}, "a.c:1"),
    (shape.comment_style, {"a.def": "\n/* no\n */\n"}, "a.def:2"),
    (shape.white_space, {"a.c": "int x; \n"}, "blanks"),
    (shape.white_space, {"a.c": "\tint x;\n"}, "tab"),
    (shape.white_space, {"a.c": "int x;"}, "newline"),
    (shape.white_space, {"a.c": "int x;\n\n"}, "newline"),
    (shape.characters, {"a.c": "// caf\u00e9\n"}, "U+00E9"),
    (shape.characters, {"a.lua": "-- \u201cso\u201d\n"}, "U+201C"),
    (shape.unfinished, {"a.c": "// %s: more\n" % MARKS["later"]}, MARKS["later"]),
    (shape.machine_paths, {"a.lua": "-- %s\n" % MARKS["home"]}, "a.lua:1"),
    (shape.machine_paths, {"README.md": MARKS["work"]}, "README.md:1"),
    (shape.top_level, dict(TOP, notes=""), "notes"),
    (shape.top_level, {k: v for k, v in TOP.items() if k != "LICENSE"}, "LICENSE"),
    (shape.file_names, {"stack/net/a.c": "", "viz/a.c": ""}, "a.c"),
    (shape.scripts_have_a_source, {"tests/drill/x/a.pkt": "// recv(2): so.\n 0 close(3) = 0\n"
                                                          "// RFC 9293 \u00a73.9\n"}, "a.pkt"),
    (lambda tree: shape.executable_scripts(tree, lambda path: False),
     {"tests/live/a.sh": "#!/bin/bash\n"}, "a.sh"),
    (lambda tree: shape.executable_scripts(tree, lambda path: True),
     {"tests/live/a.py": "import os\n"}, "a.py"),
    (banned.banned_everywhere, {"viz/a.c": body("    strcpy(a, b);\n")}, "a.c:3: strcpy"),
    (banned.banned_everywhere, {"a.c": "#define X(a, b) strcat (a, b)\n"}, "strcat"),
    (banned.banned_everywhere, {"tests/unit/a.c": body("x = rand();\n")}, "rand"),
    (banned.banned_in_stack, {"stack/net/a.c": body("x = time(NULL);\n")}, "time"),
    (banned.banned_in_stack, {"stack/net/a.c": body("printf(s);\n")}, "printf"),
    (banned.no_floats, {"stack/tcp/a.c": "static double x;\n"}, "double"),
    (banned.no_floats, {"stack/tcp/a.c": body("x = (float)y;\n")}, "float"),
    (reasons.drops_used, DROPS, "DROP_A_B"),
    (reasons.claims_tested, dict(DROPS, **USED), "DROP_A_B"),
    (reasons.claims_tested, dict(DROPS, **{"tests/unit/t.c": "DROP_A_BC a-bc\n"}), "DROP_A_B"),
    (reasons.claims_tested, dict(DROPS, **{"tests/tidy/t.py": "DROP_A_B\n"}), "DROP_A_B"),
    (reasons.claims_tested, EVENTS, "TRACE_HOST_NEW"),
    (reasons.claims_tested, {"stack/tcp/a.c": "// as it must (MUST-12).\n",
                             "tests/unit/t.c": "// MUST-1, MUST-123\n"}, "MUST-12"),
    (lambda tree: reasons.uncaused(tree, {"drop a", "event a-b"}), DROPS, "DROP_A_B"),
    (lambda tree: reasons.uncaused(tree, {"drop host_new"}), EVENTS, "TRACE_HOST_NEW"),
    (reasons.debts_real, dict(DROPS, **{"tests/unit/t.c": "DROP_A_B\n",
                                        "tests/tidy/owed.txt": "DROP_A_B\n"}), "no longer owed"),
    (reasons.debts_real, dict(DROPS, **dict(USED, **{"tests/tidy/owed.txt": "unused DROP_A_B\n"})),
     "no longer owed"),
    (reasons.conformance, {"tests/conformance.tsv": "R1-001\tstack/a.c\tdeclared: no\n"},
     "there is no stack/a.c"),
    (reasons.conformance, {"tests/conformance.tsv": "R1-001\t-\ta_test:it_works\n",
                           "tests/unit/a_test.c": "it_work\n"}, "no test a_test:it_works"),
    (reasons.conformance, {"tests/conformance.tsv": "R1-001 -\tdeclared: no\n"}, "three columns"),
]

WHOLE = "".join("%s-%d\towed\tnot yet\n" % (f, n) for f, most in conformance.COUNTS.items()
                for n in range(1, most + 1))
ROW = "MUST-1\tstack/tcp/a.c:f\ttests/t.c:a\n"
CITED = {"stack/tcp/a.c": "// MUST-1\nint f(void)\n", "tests/t.c": "START_TEST(a)\n"}


def map_with(row):
    return {conformance.MAP: WHOLE.replace("MUST-1\towed\tnot yet\n", row)}


BAD += [
    (conformance.conformance, map_with(""), "no row for MUST-1"),
    (conformance.conformance, map_with(ROW), "there is no stack/tcp/a.c:f"),
    (conformance.conformance, dict(map_with(ROW), **dict(CITED, **{"tests/t.c": "a\n"})), "t.c:a"),
    (conformance.conformance,
     dict(map_with(ROW), **dict(CITED, **{"stack/tcp/a.c": "// MUST-12\nint f(void)\n"})),
     "does not name MUST-1"),
    (conformance.conformance, map_with("MUST-1\towed\n"), "not `id where test`"),
    (conformance.cited_ids_known, dict(map_with("MUST-1\towed\tnot yet\n"), **CITED), "MUST-1"),
]

BREAK = "MUST-1 stack/tcp/a.c\n-int f\n+int g\n"
BY_NAME = BREAK.replace("MUST-1 stack/tcp/a.c", "x-name stack/tcp/a.c tests/t.c:a")


def breaking(text, **more):
    files = {path.replace("_", "/") + ".txt": also for path, also in more.items()}
    return dict(map_with(ROW), **dict(CITED, **dict(files, **{"tests/mutants/a.txt": text})))


BAD += [
    (mutants.mutants, breaking(""), "no mutant for MUST-1"),
    (mutants.mutants, breaking(BREAK.replace("-int f", "-int h")), "not stand in"),
    (mutants.mutants, breaking(BREAK.replace("-int f", "-i")), "not stand in"),
    (mutants.mutants, breaking(BREAK.replace("tcp/a.c", "tcp/b.c")), "not stand in stack/tcp/b.c"),
    (mutants.mutants, breaking(BREAK.replace("+int g", "+int f")), "breaks nothing"),
    (mutants.mutants, breaking(BREAK + BREAK.replace("MUST-1", "MUST-2")), "MUST-2 is not done"),
    (mutants.mutants, breaking(BREAK + BY_NAME.replace("x-", "")), "name is not done"),
    (mutants.mutants, breaking(BREAK + BY_NAME.replace("c:a", "c:b")), "no tests/t.c:b"),
    (mutants.mutants, breaking(BREAK, tests_tidy_owed="mutant MUST-1\n"), "no longer owed"),
]

# (rule, a tree it must let pass)
GOOD = [
    (layers.layers, {"stack/tcp/a.c": '#include "tcp/a.h"\n#include "net/host.h"\n'
                                      "#include <string.h>\n", "stack/tcp/a.h": "",
                     "stack/net/host.h": ""}),
    (layers.layers, {"viz/window.c": "#include <SDL.h>\n", "stack/os/a.c": "#include <sys/un.h>\n",
                     "scenarios/cli/a.c": '#include "viz/b.h"\n', "viz/b.h": "",
                     "tests/unit/a.c": '#include <check.h>\n#include "unit/rig.h"\n',
                     "tests/unit/rig.h": ""}),
    (layers.own_header_first, {"stack/net/a.c": '#include "net/a.h"\n', "stack/net/a.h": "",
                               "stack/net/alone.c": '#include <string.h>\n'}),
    (shape.function_length, {"a.c": body(lines(67)) + body(lines(67), "int g(void)")}),
    (shape.function_length, {"a.c": "static const int t[] = {\n" + "    1,\n" * 90 + "};\n"}),
    (shape.function_length, {"t.c": body(lines(60), "START_TEST(a)") + "END_TEST\n\n" +
                             body(lines(66), "START_TEST(b)") + "END_TEST\n"}),
    (shape.file_length, {"a.c": "int x;\n" * 800, "data.txt": "1\n" * 900}),
    (shape.line_length, {"a.c": "// " + "\u00a7" * 97 + "\n"}),
    (shape.nesting, {"a.c": body("for (;;) {\nif (a) b(); else if (c) d(); else if (e) f();\n"
                                 "else if (g) h(); else i();\n}\n{ { { { { j(); } } } } }\n"
                                 "x = (struct y){.a = {1, {2, {3, {4}}}}};\n"
                                 "again:\nswitch (k) {\ncase A: { if (l) m(); break; }\n}\n"
                                 "do { if (n) { if (o) { if (p) goto again; } } } while (q);\n")}),
    (shape.parameter_count, {"a.h": "int f(int a, int (*g)(int, int), int c, int d, int e);\n"
                                    "int p(const char *f, int b, int c, int d, int e, ...);\n"
                                    "int v(void) __attribute__((format(printf, 1, 2)));\n"}),
    (shape.comment_style, {"a.c": '// a\nconst char *s = "/* text */", c = \'"\'; // b\n'}),
    (shape.white_space, {"a.c": "int x;\n", "Makefile": "a:\n\tb\n", "empty.lua": ""}),
    (shape.characters, {"a.c": "// RFC 9293 \u00a73.10.7 \u2192 \u2502\n"}),
    (shape.unfinished, {"a.c": "// %s: issue #12\nint XX;\n" % MARKS["later"]}),
    (shape.machine_paths, {"a.sh": "ls $dir/work /var/homes build/work x/home/y\n"}),
    (shape.top_level, TOP),
    (shape.file_names, {"stack/net/a.c": "", "viz/b.c": "", "x/README.md": "", "README.md": ""}),
    (shape.scripts_have_a_source, {"tests/drill/x/a.pkt": "--mss=5\n\n// As in RFC 9293\n"
                                                          "// \u00a73.9: so.\n", "b.pkt": "x"}),
    (banned.banned_everywhere, {"a.c": body('    x->gets(); my_strcpy(a); // strcpy(a, b)\n'
                                            '    say("strcpy(a, b)");\n')}),
    (banned.banned_in_stack, {"stack/os/a.c": body("x = time(NULL);\n"),
                              "stack/net/a.c": body("sock_read(a); t.time(b); int time = 0;\n")}),
    (banned.no_floats, {"stack/tcp/a.c": "// no float\nint floats;\n", "viz/a.c": "double x;\n"}),
    (reasons.drops_used, dict(DROPS, **USED)),
    (reasons.conformance, {"tests/conformance.tsv": "# x\nR1-001\tstack/a.c -\ta_test:it_works\n",
                           "stack/a.c": "", "tests/unit/a_test.c": "START_TEST(it_works)\n"}),
    (reasons.drops_used, dict(DROPS, **{"tests/tidy/owed.txt": "# why\nunused DROP_A_B\n"})),
    (reasons.claims_tested, dict(DROPS, **{"tests/unit/t.c": "x == DROP_A_B\n"})),
    (lambda tree: reasons.uncaused(tree, {"drop a-b"}), DROPS),
    (lambda tree: reasons.uncaused(tree, {"event host_new"}), EVENTS),
    (reasons.claims_tested, dict(DROPS, **{"tests/golden/t.sh": "grep a-b\n"})),
    (reasons.claims_tested, dict(DROPS, **{"tests/tidy/owed.txt": "DROP_A_B\n"})),
    (reasons.claims_tested, {"stack/tcp/a.c": "// (MUST-12)\n", "tests/unit/t.c": "// MUST-12\n"}),
    (reasons.debts_real, dict(DROPS, **{"tests/tidy/owed.txt": "DROP_A_B\nunused DROP_A_B\n"})),
    (conformance.conformance, dict(map_with(ROW), **CITED)),
    (conformance.cited_ids_known, dict(map_with(ROW), **CITED)),
    (mutants.mutants, breaking("# why\n" + BREAK + "\n" + BY_NAME)),
    (mutants.mutants, breaking("MUST-1 stack/tcp/a.c\n-// MUST-1\n-int f(void)\n")),
    (mutants.mutants, breaking("", tests_tidy_owed="mutant MUST-1\n")),
    (reasons.debts_real, breaking("", tests_tidy_owed="mutant MUST-1\n")),
]

C_GLOBALS = """
#pragma GCC visibility push(default)
int shared = 3, ng_right;
#pragma GCC visibility pop
static int counter; static const char *names[] = {"a"};
static const char *const table[] = {"b"}; const int limit = 4; _Thread_local int mine;
int next(int i)
{
    static long kept;
    return counter += names[i][0] + table[i][0] + limit + (int)kept++;
}
"""


def globals_are_seen():
    """A rule over objects: it must name what can be written, and only that."""
    with tempfile.TemporaryDirectory() as folder:
        source, made = os.path.join(folder, "g.c"), os.path.join(folder, "g.o")
        with open(source, "w", encoding="ascii") as f:
            f.write(C_GLOBALS)
        for compiler in ("gcc", "clang"):
            subprocess.run([compiler, "-fPIE", "-O2", "-fvisibility=hidden", "-c", source,
                            "-o", made], check=True)
            table = objects.tables_of([made])[made]
            found = sorted(line.split()[1] for line in objects.globals_in("g.c", table))
            found = [name.replace("next.kept", "kept") for name in found]
            public = [line.split()[1] for line in objects.exports_in("stack/g.c", table)]
            if public != ["shared"]:
                return "%s: %s are public" % (compiler, public)
            if not {"counter", "shared", "mine", "kept"} <= set(found):
                return "%s: only %s were seen" % (compiler, found)
            if {"table", "limit", "next"} & set(found):
                return "%s: %s are const" % (compiler, found)
    return None


# Pairs of files, and whether they may be compiled as one: tests/together.awk.
PAIRS = [
    ("static int a_one(void) { return 1; }", "static int a_two(void) { return a_three; }", True),
    ("static int same(void) { return 1; }", "static int same(int n) { return n; }", False),
    ("static int name;", "int f(int name) { return name; }", False),
    ("int f(int name) { return name; }", "static int name;", False),
    ("static int name;", 'int f(struct s *s) { return s->name; }  // "name", name', True),
    ("  #define LIMIT 3", "enum { LIMIT = 4 };", False),
    ("enum shape {\n    ROUND,\n    SQUARE\n};", "int f(void) { return SQUARE; }", False),
    ("struct shape { int n; };", "struct shape { char c; };", False),
    ("static const struct { int n; } rows[] = {\n    {1},\n};", "int rows(void);", False),
    ("static const struct {\n    int n;\n} rows[] = {\n    {1},\n};", "int rows(void);", False),
    ("static struct {\n    int n;\n    int m; } rows[2] = {\n {1}};", "int rows(void);", False),
    ("typedef int (*call)(int n);", "int f(int call);", False),
    ("static int c;", "int f(void);", False),
]


def together_tells(one, two):
    """Whether the two may be compiled as one."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("a.c", one), ("b.c", two)):
            with open(os.path.join(folder, name), "w", encoding="ascii") as f:
                f.write(text + "\n")
        made = subprocess.run(
            ["awk", "-v", "most=10", "-f", "tests/together.awk", folder + "/a.c", folder + "/b.c"],
            capture_output=True, text=True, check=True).stdout
        return made == folder + "/a+b\n"


def pairs_get_on():
    for one, two, may in PAIRS:
        if together_tells(one, two) != may:
            return "%r and %r" % (one, two)
    return None


def name_of(rule):
    return rule.__name__ if rule.__name__ != "<lambda>" else "executable_scripts"


def main():
    results = []
    for rule, tree, part in BAD:
        found = list(rule(tree))
        missed = None if any(part in line for line in found) else "found %s in %r" % (found, tree)
        results.append(("%s sees %s" % (name_of(rule), part.replace("#", "")), missed))
    for rule, tree in GOOD:
        found = list(rule(tree))
        results.append(("%s lets pass what is right" % name_of(rule), found or None))
    results.append(("no_globals sees what can be written", globals_are_seen()))
    results.append(("files that do not get on are compiled apart", pairs_get_on()))
    tried = {name_of(rule) for rule, _, _ in BAD}
    for rule in layers.RULES + shape.RULES + banned.RULES + reasons.RULES \
            + conformance.RULES + mutants.RULES:
        results.append(("%s is tried here" % rule.__name__,
                        None if rule.__name__ in tried else "no bad snippet"))
    print("1..%d" % len(results))
    for number, (what, wrong) in enumerate(results, 1):
        print("%s %d - %s" % ("not ok" if wrong else "ok", number, what))
        if wrong:
            print("# %s" % (wrong,))
    return 1 if any(wrong for _, wrong in results) else 0


if __name__ == "__main__":
    sys.exit(main())
