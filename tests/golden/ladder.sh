#!/bin/bash
# ladder.sh - the ladders of the scenarios are the texts in tests/golden/ladder, and a recording
# gives the same text as the run. After a change that was meant: UPDATE=1 tests/golden/ladder.sh,
# then look at every line of the difference before it becomes golden.
cd "$(dirname "$0")/../.." && . tests/tap.sh
[ -x "$NETGLASS" ] || skip_all "$NETGLASS is not built"

golden=tests/golden/ladder
scenarios="handshake-and-close two-connections udp-echo lost-segment slow-reader ipv6-handshake
           traceroute fragments vlan multicast dhcp-lease dns-lookup"

# Which ephemeral ports are drawn is not the ladder's matter: any of them is #####.
no_ports() { sed -E 's/\b(3[2-9]|[45][0-9]|60)[0-9]{3}\b/#####/g'; }

# A file is like its golden text; the difference is shown.
same() {
    no_ports < "$2" > "$SCRATCH/plain" && set -- "$1" "$SCRATCH/plain"
    [ -n "$UPDATE" ] && mkdir -p "$golden" && cp "$2" "$1"
    diff -u "$1" "$2" > "$SCRATCH/diff" && return
    sed 's/^/# /' "$SCRATCH/diff"
    return 1
}

# Each line is at most so many columns wide, in characters.
narrow() { [ "$(LC_ALL=C.UTF-8 wc -L < "$1")" -le "$2" ]; }
lost=$'\xe2\x9c\x97'  # the cross of a lost frame
# Between title and count, a line has its time, or it is a torn gap; and a TCP segment all numbers.
timed() { sed '1,3d; /^$/,$d' "$1" | not grep -vE '^ +[0-9]+\.[0-9]{6} |┄ [0-9.]+ m?s pass ┄'; }
numbered() {
    grep -E "(SYN|ACK|FIN|RST)( |,).*(▶|◀|$lost)|(▶|◀|$lost).*(SYN|ACK|FIN|RST) " "$1" |
        not grep -v 'seq=[0-9]* .*len=[0-9]* win=[0-9]'
}
plain() { ! LC_ALL=C grep -n '[^ -~]' "$1"; }

for s in $scenarios; do
    LC_ALL=C.UTF-8 "$NETGLASS" run "$s" --ladder -w "$SCRATCH/$s.pcapng" > "$SCRATCH/said"
    ok "$s: its expectations are met" [ $? -eq 0 ]
    grep -v 'of virtual time' "$SCRATCH/said" > "$SCRATCH/$s.txt"
    ok "$s: the ladder is the golden one" same "$golden/$s.txt" "$SCRATCH/$s.txt"
    LC_ALL=C.UTF-8 "$NETGLASS" view "$SCRATCH/$s.pcapng" --ladder > "$SCRATCH/$s.viewed"
    ok "$s: the recording gives the same ladder" cmp "$SCRATCH/$s.txt" "$SCRATCH/$s.viewed"
    ok "$s: each line has its time" timed "$SCRATCH/$s.txt"
    ok "$s: a segment tells flags, seq, len and window" numbered "$SCRATCH/$s.txt"
    ok "$s: no line is wider than 120 columns" narrow "$SCRATCH/$s.txt" 120
    LC_ALL=C "$NETGLASS" view "$SCRATCH/$s.pcapng" --ladder > "$SCRATCH/$s.ascii"
    ok "$s: without UTF-8 it is plain ASCII" plain "$SCRATCH/$s.ascii"
done
ok "in ASCII the arrows are still there" same "$golden/two-connections.ascii.txt" \
    "$SCRATCH/two-connections.ascii"

program=$(realpath "$NETGLASS")
# A capture that is not ours: frames only, so no calls and no descriptors, but the same segments.
"$NETGLASS" run two-connections -w "$SCRATCH/foreign.pcap" > "$SCRATCH/said"
(cd "$SCRATCH" && LC_ALL=C.UTF-8 "$program" view foreign.pcap --ladder > foreign.txt)
ok "of a foreign capture the ladder shows what the packets say" \
    same "$golden/foreign.txt" "$SCRATCH/foreign.txt"

# Colour is for terminals, and for those who did not say no.
on_terminal() { TERM=xterm LC_ALL=C.UTF-8 script -qec "$1" /dev/null < /dev/null; }
coloured() { grep -q $'\033\[' "$1"; }
if command -v script > /dev/null; then
    run="'$NETGLASS' run two-connections --ladder"
    on_terminal "$run" > "$SCRATCH/colour"
    on_terminal "NO_COLOR=1 $run" > "$SCRATCH/none"
    ok "a terminal gets colour" coloured "$SCRATCH/colour"
    ok "NO_COLOR takes it away" not coloured "$SCRATCH/none"
fi
ok "a pipe gets none" not coloured "$SCRATCH/two-connections.txt"
tap_end
