#!/bin/bash
# determinism.sh - one script and one seed give one run: the captures of gcc -O0, gcc -O3, clang and
# an ASan build are the same bytes; another seed gives another run.
# timeout: 120
cd "$(dirname "$0")/../.." && . tests/tap.sh
[ -x "$NETGLASS" ] || skip_all "$NETGLASS is not built"

scripts="tests/golden/chance.lua scenarios/handshake-and-close.lua scenarios/two-connections.lua
         scenarios/udp-echo.lua scenarios/lost-segment.lua scenarios/slow-reader.lua
         scenarios/dns-lookup.lua scenarios/fragments.lua scenarios/multicast.lua"

record() { "$1" run "$2" -w "$3" "${@:4}" > "$3.said" 2>&1 || { sed 's/^/# /' "$3.said"; false; }; }

for script in $scripts; do
    name=$(basename "$script" .lua)
    first=$SCRATCH/$name.pcapng
    ok "$name: runs" record "$NETGLASS" "$script" "$first"
    ok "$name: runs again" record "$NETGLASS" "$script" "$SCRATCH/again.pcapng"
    ok "$name: and is the same, byte by byte" cmp "$first" "$SCRATCH/again.pcapng"
    for build in $BUILDS; do
        [ "$build/netglass" = "$NETGLASS" ] && continue
        other=$SCRATCH/other.pcapng
        ok "$name: runs in $(basename "$build")" record "$build/netglass" "$script" "$other"
        ok "$name: is the same in $(basename "$build")" cmp "$first" "$other"
    done
done

record "$NETGLASS" tests/golden/chance.lua "$SCRATCH/seed.pcapng" --seed 12
ok "another seed gives another run" not cmp -s "$SCRATCH/chance.pcapng" "$SCRATCH/seed.pcapng"
record "$NETGLASS" tests/golden/chance.lua "$SCRATCH/same.pcapng" --seed 11
ok "the same seed from outside does not" cmp "$SCRATCH/chance.pcapng" "$SCRATCH/same.pcapng"

# What listens changes nothing: not a ladder, not a printer of events.
"$NETGLASS" run tests/golden/chance.lua --ladder --events -w "$SCRATCH/heard.pcapng" > /dev/null
ok "who listens changes nothing" cmp "$SCRATCH/chance.pcapng" "$SCRATCH/heard.pcapng"
[ "$(echo $BUILDS | wc -w)" -gt 1 ] ||
    skip "compilers and options agree" "only one build is there: make check"
tap_end
