#!/bin/bash
# timeout: 180
# hands.sh - hands on the window, on a virtual screen: what keys and mouse bring about there is,
# pixel by pixel, what the same hands bring about without a screen (--keys). Everything done is
# written down and rendered anew from the beginning, so each picture holds all before it too.
cd "$(dirname "$0")/../.." && . tests/tap.sh
[ -x "$NETGLASS" ] || skip_all "$NETGLASS is not built"
"$NETGLASS" view - --record "$SCRATCH/none.png" 2>&1 | grep -q 'SDL=0' &&
    skip_all "this build has no window"
for tool in Xvfb xdotool import compare identify; do
    command -v $tool > /dev/null || skip_all "$tool is missing"
done

program=$(realpath "$NETGLASS")
capture=$SCRATCH/run.pcapng
"$NETGLASS" run two-connections -w "$capture" > /dev/null

mkfifo "$SCRATCH/number"
Xvfb -displayfd 3 -screen 0 1500x900x24 -nolisten tcp -noreset 3> "$SCRATCH/number" 2> /dev/null &
screen=$!
trap 'kill $screen $viewer 2> /dev/null' EXIT
read -r number < "$SCRATCH/number"
export DISPLAY=:$number
unset WAYLAND_DISPLAY

mkdir "$SCRATCH/saved"
(cd "$SCRATCH/saved" && exec "$program" view "$capture" --at 117us) 2> "$SCRATCH/said" &
viewer=$!
for _ in $(seq 100); do
    window=$(xdotool search --onlyvisible --pid $viewer 2> /dev/null | head -1)
    [ -n "$window" ] && break
    sleep 0.1
done
ok "a window opens" [ -n "$window" ]
xdotool windowfocus "$window" 2> /dev/null

# All that was done so far, as --keys has it; and where the mouse disturbs nobody.
done_so_far= aside="<Hover 3 400>"
wanted() {  # NAME: what a screen must show now
    "$NETGLASS" view "$capture" --at 117us --keys "$done_so_far$1" --record "$SCRATCH/want.png"
}
differ() {
    pixels=$(compare -metric AE "$SCRATCH/want.png" "$1" null: 2>&1)
    [ "$pixels" != 0 ] && echo "# $pixels pixels differ"
}
keep() {  # for whoever looks why
    mkdir -p "$BUILD/pictures"
    cp "$SCRATCH/want.png" "$BUILD/pictures/hands-$tap_count-wanted.png"
    cp "$SCRATCH/got.png" "$BUILD/pictures/hands-$tap_count-shown.png"
    note "see $BUILD/pictures/hands-$tap_count-*.png"
}
# Until the window shows what is wanted: its pictures come when they may.
shows() {  # KEYS: those that have just been done by hand
    done_so_far=$done_so_far$1
    wanted ""
    for _ in $(seq 40); do
        timeout 10 import -window "$window" "$SCRATCH/got.png"
        differ "$SCRATCH/got.png" > "$SCRATCH/note" || return 0
        sleep 0.1
    done
    cat "$SCRATCH/note"
    keep
    return 1
}

key() { xdotool key --window "$window" --delay 20 "$@"; }
write() { xdotool type --window "$window" --delay 15 "$1"; }
move() { xdotool mousemove --window "$window" "$1" "$2"; }
click() {  # X Y [BUTTON]
    move "$1" "$2"
    sleep 0.05
    xdotool click "${3:-1}"
    move 3 400
}

move 2 399
move 3 400
ok "at rest it shows what --record draws" shows "$aside"

key Right Right Right
ok "Right steps on" shows "<Right><Right><Right>"
key shift+Left
ok "Shift and Left step along the connection" shows "<S-Left>"
key e x l
ok "e goes to a change of state; x and l say that there is nothing" shows "exl"

move 500 690
xdotool mousedown 1
move 560 660
move 620 690
xdotool mouseup 1
move 3 400
ok "the timeline is scrubbed" shows "<Click 620 690>$aside"

click 150 215
ok "a click selects the client's second socket" shows "<Click 150 215>$aside"
click 1100 265
ok "a click selects one of the server's" shows "<Click 1100 265>$aside"
click 560 150
ok "a click selects an arrow of the ladder" shows "<Click 560 150>$aside"
click 200 535
ok "a click finds a byte's field" shows "<Click 200 535>$aside"
click 700 538
ok "a click selects a row of the demultiplexer" shows "<Click 700 538>$aside"
click 950 467
ok "a click chooses a graph" shows "<Click 950 467>$aside"
click 760 28
ok "a click sets the pace" shows "<Click 760 28>$aside"

key slash
write "tcp port 80 and len > 70"
key Return
ok "a filter is typed" shows "/tcp port 80 and len > 70<Enter>"
key n
ok "n goes to what it passes" shows "n"
key slash ctrl+u
write "port http"
key Return
ok "a filter that is none is told of" shows "/<C-u>port http<Enter>"
key Escape slash ctrl+u Return
ok "and an empty one takes it back" shows "<Esc>/<C-u><Enter>"

key Home b
write "state FIN-WAIT-1"
key Return
click 1042 690 3
ok "breakpoints are set by word and by click" \
    shows "<Home>bstate FIN-WAIT-1<Enter><RightClick 1042 690>$aside"
key bracketright bracketright bracketright bracketright bracketright bracketright space
ok "playing stops at the breakpoint" shows "]]]]]]B"

key Tab Down Down Return
ok "Tab, arrows and Enter select without a mouse" shows "<Tab><Down><Down><Enter>"
key Escape Escape F2
ok "F2 shows the ladder alone" shows "<Esc><Esc><F2>"
key Escape t
ok "Esc brings all panes back; the theme is the other" shows "<Esc>t"
move 149 214
move 150 215
ok "a tip comes to a mouse that rests" shows "<Hover 150 215>"
move 3 400
key t Home c 2
ok "the challenge asks and is answered" shows "${aside}t<Home>c2"
key Return Escape question
ok "Enter goes on; Esc ends it; ? lists the keys" shows "<Enter><Esc>?"
click 800 250
ok "a click beside a row closes the list" shows "<Click 800 250>$aside"
key Escape f Right
ok "a packet is followed" shows "<Esc>f<Right>"

key f s
saved=$SCRATCH/saved/two-connections-1.png
for _ in $(seq 50); do
    [ -s "$saved" ] && break
    sleep 0.1
done
wanted "f"
ok "s saves what is shown" not differ "$saved"

key q 2> /dev/null
for _ in $(seq 50); do
    kill -0 $viewer 2> /dev/null || break
    sleep 0.1
done
wait $viewer
ok "q ends it with status 0" [ $? -eq 0 ]
ok "and it has said nothing" not test -s "$SCRATCH/said"
tap_end
