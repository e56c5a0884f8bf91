# together.awk - which files of a folder may be compiled as one: ten at once take half the time of
# ten, as they read the same headers. Prints a line for each piece: stack/tcp/a+b is made of
# stack/tcp/a.c and stack/tcp/b.c, which are no others of their folder.
#
#   awk -v most=10 [-v except="main ..."] -f tests/together.awk FILE.c ...
#
# Two files get on if no name that one keeps to itself (a static, a macro, a tag, a constant) is a
# word in the other: it would mean something else there, or hide it; but for the names in `except`,
# which whoever compiles them renames. Files come sorted by folder.
function strip(line)
{
    gsub(/\\./, "", line)
    gsub(/"[^"]*"|'[^']*'/, " ", line)
    sub(/\/\/.*/, "", line)
    gsub(/(\.|->)[A-Za-z_][A-Za-z_0-9]*/, " ", line)
    return line
}

function keep(name)
{
    if (length(name) == 1) alone = 1  # a header that only another includes has it for sure
    if (name != "" && name !~ /^(static|const|struct|enum|union)$/) own[name]
}

# What a line at the top level of a file names for that file alone.
function find_own(line,    head, i, n, part)
{
    if (line ~ /^[ \t]*#[ \t]*define/) {
        sub(/^[ \t]*#[ \t]*define[ \t]+/, "", line)
        match(line, /^[A-Za-z_0-9]+/)
        keep(substr(line, 1, RLENGTH))
        return
    }
    if (depth == 0 && match(line, /(struct|enum|union) +[A-Za-z_0-9]+ *{/)) {
        split(substr(line, RSTART, RLENGTH), part, /[ {]+/)
        keep(part[2])
    }
    if (depth == 0 && line ~ /^(static|typedef)/) {
        head = line
        gsub(/{[^{}]*}/, "", head)
        sub(/[=;{(\[].*/, "", head)
        n = split(head, part, /[^A-Za-z_0-9]+/)
        while (n > 0 && part[n] == "") n--
        keep(part[n])
    }
    if (depth == 0) constants = line ~ /^(static |typedef )?enum/
    if (constants) {
        n = split(line, part, /[^A-Za-z_0-9]+/)
        for (i = 1; i <= n; i++) if (part[i] ~ /^[A-Z][A-Z_0-9]+$/) keep(part[i])
    }
    if (depth > 0 && match(line, /} *[A-Za-z_0-9]+ *(\[[^]]*\])* *[=;]/)) {
        split(substr(line, RSTART + 1), part, /[^A-Za-z_0-9]+/)
        keep(part[1] != "" ? part[1] : part[2])
    }
}

# The words of a header of the tests are words of whoever includes it.
function read_header(line,    name, file, n, i, part, text)
{
    split(line, part, "\"")
    name = part[2]
    if (!(name in header)) {
        file = "tests/" name
        while ((getline text < file) > 0) {
            n = split(strip(text), part, /[^A-Za-z_0-9]+/)
            for (i = 1; i <= n; i++) seen[part[i]]
        }
        close(file)
        for (i in seen) header[name] = header[name] " " i
        split("", seen)
    }
    n = split(header[name], part, " ")
    for (i = 1; i <= n; i++) words[part[i]]
}

function read_file(file,    line, n, i, part)
{
    split("", own)
    split("", words)
    depth = constants = alone = 0
    while ((getline line < file) > 0) {
        if (line ~ /^#include "unit\//) read_header(line)
        line = strip(line)
        find_own(line)
        if (line ~ /^#/) continue
        n = split(line, part, /[^A-Za-z_0-9]+/)
        for (i = 1; i <= n; i++) words[part[i]]
        depth += gsub(/{/, "", line) - gsub(/}/, "", line)
    }
    close(file)
    for (i in excepted) {
        delete own[excepted[i]]
        delete words[excepted[i]]
    }
}

function gets_on(b,    name)
{
    if (size[b] >= most || alone || closed[b]) return 0
    for (name in own) if ((b, name) in piece_words) return 0
    for (name in words) if ((b, name) in piece_own) return 0
    return 1
}

function join(b, file,    name)
{
    sub(/\.c$/, "", file)
    closed[b] = alone
    if (size[b]++ > 0) sub(/.*\//, "", file)
    piece[b] = size[b] > 1 ? piece[b] "+" file : file
    for (name in own) piece_own[b, name]
    for (name in words) piece_words[b, name]
}

BEGIN {
    split(except, excepted)
    for (f = 1; f < ARGC; f++) {
        folder = ARGV[f]
        sub(/\/[^\/]*$/, "", folder)
        if (folder != last) first = count + 1
        last = folder
        if (most > 1) read_file(ARGV[f])
        for (b = first; b <= count; b++) if (gets_on(b)) break
        if (b > count) count = b
        join(b, ARGV[f])
    }
    for (b = 1; b <= count; b++) print piece[b]
}
