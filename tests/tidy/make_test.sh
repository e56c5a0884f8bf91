#!/bin/bash
# make_test.sh - the Makefile in a small tree: whatever comes, goes or changes, the library is made
# of what is there, and of nothing that was.
cd "$(dirname "$0")/../.." && . tests/tap.sh || exit 1
tree=$SCRATCH/tree
mkdir -p "$tree/stack/net" "$tree/tests"
cp Makefile "$tree" && cp tests/together.awk "$tree/tests"
unset MAKEFLAGS MAKELEVEL BUILD

# with WORD...: it builds, and the library has these functions and no others.
with() {
    make -C "$tree" SDL=0 OPT=-O0 PKG_CFLAGS= PKG_LIBS= V=1 > "$SCRATCH/out" 2>&1 &&
        [ "$(nm "$tree/build/libnetglass.a" | sed -n 's/.* T //p' | sort | xargs)" = "$*" ] ||
        { cat "$SCRATCH/out"; return 1; }
}
compiled() { grep -q -- "-c build/obj/stack/$1.c" "$SCRATCH/out"; }
c_file() {
    printf '#include "net/%s.h"\nint %s(void) { return 1; }\n' "$2" "$3" > "$tree/stack/$1"
}
header() { printf '#ifndef H\n#define H\nint one(void);\nint two(void);\n#endif\n' \
               > "$tree/stack/net/$1.h"; }

header n
c_file net/a.c n one
ok "one file" with one
c_file net/b.c n two
ok "another one comes" with one two
ok "and they are compiled together" compiled net/a+b
mv "$tree/stack/net/b.c" "$SCRATCH"
ok "it goes again, though what is left is older than the library" with one
mv "$SCRATCH/b.c" "$tree/stack/net/c.c"
ok "one comes that is older than all" with one two
mv "$tree/stack/net/n.h" "$tree/stack/net/m.h" && c_file net/a.c m one && c_file net/c.c m two
ok "a header has another name" with one two
tap_end
