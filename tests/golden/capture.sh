#!/bin/sh
# capture.sh - what the scenarios record is what Wireshark's own tools read: frames only, none
# malformed, every checksum right with validation on; pcap and pcapng hold the same frames; and the
# replay tells every event of the run.
set -u
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

# One line a frame, all validation on: number, interface, direction, malformed, cut short, status of
# the checksums (0 bad, 1 good) of IP, TCP, UDP and ICMP, comment.
read_frames() {
    tshark -n -r "$1" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE \
        -o udp.check_checksum:TRUE -T fields -E separator='|' -E occurrence=a -e frame.number \
        -e frame.interface_name -e frame.packet_flags_direction -e _ws.malformed -e _ws.short \
        -e ip.checksum.status -e tcp.checksum.status -e udp.checksum.status \
        -e icmp.checksum.status -e frame.comment
}

# Frames of the present scenario for which an awk expression over those columns holds.
frames() { awk -F '|' "$1" "$at.read"; }
none() { [ -s "$at.read" ] && ! frames "$1" | grep .; }
some() { frames "$1" | grep .; }

# Wireshark's tools start slowly: they read the recordings of all scenarios one after the other, as
# sections of one pcapng and as one pcap.
all=$SCRATCH/all
same_frames() {
    mergecap -a -F nsecpcap -w "$all.pcap" $(printf "$SCRATCH/%s.pcap " $scenarios) || return 1
    for kind in pcap pcapng; do
        tshark -n -r "$all.$kind" -T json -x |
            grep -A 1 -E '"(frame_raw|frame.time_epoch|frame.len)"' > "$all.$kind.read"
    done
    [ -s "$all.pcap.read" ] && cmp "$all.pcap.read" "$all.pcapng.read"
}
counts_frames_only() {
    read=$(wc -l < "$all.read")
    echo "tshark counts $read, the events tell of $told"
    [ "$read" -eq "$told" ]
}

told=0
for s in $scenarios; do
    at=$SCRATCH/$s
    "$NETGLASS" run "$s" -w "$at.pcapng" --events > "$at.out"
    check "$s: -w writes pcapng" [ $? -eq 0 ]
    grep -E '^[0-9]+\.[0-9]{9} ' "$at.out" > "$at.events"
    check "$s: -w writes pcap" "$NETGLASS" run "$s" -w "$at.pcap"
    "$NETGLASS" view "$at.pcapng" --events > "$at.replayed" 2>&1
    check "$s: the replay tells every event of the run" cmp "$at.events" "$at.replayed"
    cat "$at.pcapng" >> "$all.pcapng"
    first=$((told + 1))
    told=$((told + $(grep -c -E '^[0-9.]+ frame_(tx|rx) ' "$at.events")))
    echo "$first,$told" > "$at.lines"
done
read_frames "$all.pcapng" > "$all.read" 2> "$all.complaints"
check "tshark reads them" [ $? -eq 0 ]
check "tshark counts the frames, and nothing else" counts_frames_only
check "pcap and pcapng hold the same frames" same_frames
for s in $scenarios; do
    at=$SCRATCH/$s
    sed -n "$(cat "$at.lines")p" "$all.read" > "$at.read"
    check "$s: nothing is malformed" none '$4 != "" || $5 != ""'
    check "$s: no checksum is bad" none '$6 $7 $8 $9 ~ /0/'
    check "$s: checksums were looked at" some '$6 ~ /1/ && $7 $8 ~ /1/'
    check "$s: every frame sent says why" none '$3 !~ /2$/ ? 0 : $10 == ""'
    check "$s: frames go both ways" some '$3 ~ /1$/'
    check "$s: every frame knows its interface" none '$2 !~ /^[a-z]+\/eth0$/'
done
check "lost-segment: two frames say that the link lost them" \
    [ "$(at=$SCRATCH/lost-segment frames '$10 ~ /DROPPED link-filter/' | wc -l)" -eq 2 ]
echo "1..$n"
