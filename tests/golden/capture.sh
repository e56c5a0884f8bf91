#!/bin/sh
# capture.sh - what the scenarios record is what Wireshark's own tools read: frames only, none
# malformed, every checksum right with validation on; pcap and pcapng hold the same frames; and the
# replay tells every event of the run.
set -u
bad_checksum="ip.checksum.status==0 or tcp.checksum.status==0 or udp.checksum.status==0"
bad_checksum="$bad_checksum or icmp.checksum.status==0"
scenarios="handshake-and-close two-connections udp-echo lost-segment slow-reader"
if [ ! -x "$NETGLASS" ]; then echo "1..0 # SKIP $NETGLASS is not built"; exit 0; fi
if ! command -v tshark > /dev/null; then echo "1..0 # SKIP tshark is missing"; exit 0; fi

n=0
check() {  # what, then a command that must succeed
    n=$((n + 1))
    what=$1
    shift
    if "$@" > "$SCRATCH/said" 2>&1; then
        echo "ok $n - $what"
    else
        echo "not ok $n - $what"
        head -n 20 "$SCRATCH/said" | sed 's/^/# /'
    fi
}

# Frames that match a display filter, with all validation on.
frames() {
    tshark -n -r "$1" -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
        -o udp.check_checksum:TRUE -Y "$2" -T fields -e frame.number -e frame.comment \
        2> "$SCRATCH/tshark.err" > "$SCRATCH/found" || { cat "$SCRATCH/tshark.err"; return 1; }
    cat "$SCRATCH/found"
}

none() { frames "$1" "$2" && [ ! -s "$SCRATCH/found" ]; }
some() { frames "$1" "$2" && [ -s "$SCRATCH/found" ]; }

counts_frames_only() {
    told=$(grep -c -E '^[0-9.]+ frame_(tx|rx) ' "$1.events")
    frames "$1.pcapng" frame > /dev/null || return 1
    read=$(wc -l < "$SCRATCH/found")
    echo "tshark counts $read, the events tell of $told"
    [ "$read" -eq "$told" ] && [ "$told" -gt 0 ]
}

same_frames() {
    for kind in pcap pcapng; do
        tshark -n -r "$1.$kind" -T fields -e frame.time_epoch -e frame.len > "$1.$kind.read"
        tshark -n -r "$1.$kind" -x >> "$1.$kind.read"
    done
    [ -s "$1.pcap.read" ] && cmp "$1.pcap.read" "$1.pcapng.read"
}

for s in $scenarios; do
    at=$SCRATCH/$s
    "$NETGLASS" run "$s" -w "$at.pcapng" --events > "$at.out"
    check "$s: -w writes pcapng" [ $? -eq 0 ]
    grep -E '^[0-9]+\.[0-9]{9} ' "$at.out" > "$at.events"
    check "$s: -w writes pcap" "$NETGLASS" run "$s" -w "$at.pcap"
    "$NETGLASS" view "$at.pcapng" --events > "$at.replayed" 2>&1
    check "$s: tshark counts the frames, and nothing else" counts_frames_only "$at"
    check "$s: nothing is malformed" none "$at.pcapng" "_ws.malformed or _ws.short"
    check "$s: no checksum is bad" none "$at.pcapng" "$bad_checksum"
    check "$s: checksums were looked at" some "$at.pcapng" \
        "tcp.checksum.status==1 or udp.checksum.status==1"
    check "$s: every frame sent says why" none "$at.pcapng" \
        "frame.packet_flags_direction==2 and not frame.comment"
    check "$s: every frame knows its interface" none "$at.pcapng" \
        'not frame.interface_name contains "/"'
    check "$s: pcap and pcapng hold the same frames" same_frames "$at"
    check "$s: the replay tells every event of the run" cmp "$at.events" "$at.replayed"
done
check "lost-segment: the frame that the link lost says so" some "$SCRATCH/lost-segment.pcapng" \
    'frame.comment contains "DROPPED link-"'
echo "1..$n"
