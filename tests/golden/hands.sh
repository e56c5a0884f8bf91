#!/bin/bash
# timeout: 180
# hands.sh - hands on the window, on a virtual screen: what keys and mouse bring about there is,
# pixel by pixel, what the same hands bring about without a screen (--keys). All is played without
# one first, with Ctrl+S after each step, which saves a picture; then by hand, with Ctrl+S again.
# Now and then the screen itself is looked at, too. At the end hands are laid on a run that goes on.
cd "$(dirname "$0")/../.." && . tests/tap.sh
[ -x "$NETGLASS" ] || skip_all "$NETGLASS is not built"
"$NETGLASS" view - --record "$SCRATCH/none.png" 2>&1 | grep -q 'SDL=0' &&
    skip_all "this build has no window"
for tool in Xvfb xdotool import compare; do
    command -v $tool > /dev/null || skip_all "$tool is missing"
done

program=$(realpath "$NETGLASS")
capture=$SCRATCH/run.pcapng
"$NETGLASS" run two-connections -w "$capture" > /dev/null

# What holds | the hands as --keys has them | as xdotool has them, or `screen`: look there as well
steps=()
step() { steps+=("$1|$2|$3|${4:-}"); }
aside="<Hover 3 400>"   # where the mouse disturbs nobody
away="mousemove 3 400"
at() { echo "mousemove $1 $2 sleep 0.03 click ${3:-1} $away"; }

step "at rest it shows what --record draws" "$aside" "mousemove 2 399 $away" screen
step "Right steps on" "<Right><Right><Right>" "key Right Right Right"
step "Shift and Left step along the connection" "<S-Left>" "key shift+Left"
step "e goes to a change of state; x and l say that there is nothing" "exl" "key e x l"
step "the timeline is scrubbed" "<Click 620 690>$aside" \
    "mousemove 500 690 mousedown 1 mousemove 560 660 mousemove 620 690 mouseup 1 $away" screen
step "a click selects the client's second socket" "<Click 150 215>$aside" "$(at 150 215)"
step "a click selects one of the server's" "<Click 1100 265>$aside" "$(at 1100 265)"
step "a click selects an arrow of the ladder" "<Click 560 150>$aside" "$(at 560 150)"
step "a click selects a frame on the wire" "<Click 620 408>$aside" "$(at 620 408)"
step "a click finds a byte's field" "<Click 200 535>$aside" "$(at 200 535)"
step "and a field's bytes" "<Click 400 525>$aside" "$(at 400 525)"
step "a click selects a row of the demultiplexer" "<Click 700 538>$aside" "$(at 700 538)"
step "a click chooses a graph" "<Click 950 467>$aside" "$(at 950 467)"
step "a click sets the pace" "<Click 760 28>$aside" "$(at 760 28)"
step "a filter is typed" "/tcp port 80 and len > 70<Enter>" \
    "key slash type:tcp_port_80_and_len_>_70 key Return" screen
step "n goes to what it passes" "n" "key n"
step "a filter that is none is told of" "/<C-u>port http<Enter>" \
    "key slash ctrl+u type:port_http key Return"
step "and an empty one takes it back" "<Esc>/<C-u><Enter>" "key Escape slash ctrl+u Return"
step "breakpoints are set by word and by click" \
    "<Home>bstate FIN-WAIT-1<Enter><RightClick 1042 690>$aside" \
    "key Home b type:state_FIN-WAIT-1 key Return $(at 1042 690 3)"
step "playing stops at the breakpoint" "]]]]]]B" \
    "key bracketright bracketright bracketright bracketright bracketright bracketright space" screen
step "Tab, arrows and Enter select without a mouse" "<Tab><Down><Down><Enter>" \
    "key Tab Down Down Return"
step "F2 shows the ladder alone" "<Esc><Esc><F2>" "key Escape Escape F2"
step "Esc brings all panes back; the theme is the other" "<Esc>t" "key Escape t" screen
step "a tip comes to a mouse that rests" "<Hover 150 215>" \
    "mousemove 149 214 mousemove 150 215 sleep 0.8"
step "the challenge asks and is answered" "${aside}t<Home>c2" "$away key t Home c 2"
step "Enter goes on; Esc ends it; ? lists the keys" "<Enter><Esc>?" "key Return Escape question"
step "a click beside a row closes the list" "<Click 30 250>$aside" "$(at 30 250)"
step "a packet is followed" "<Esc>f<Right>" "key Escape f Right"
step "a recording has no sliders, and says so" "<Esc>w" "key Escape w"

keys=
for s in "${steps[@]}"; do
    IFS='|' read -r _ k _ <<< "$s"
    keys+="${k}<C-s>"
done
mkdir "$SCRATCH/want" "$SCRATCH/got"
(cd "$SCRATCH/want" && "$program" view "$capture" --at 117us --keys "$keys" --record last.png)

mkfifo "$SCRATCH/number"
Xvfb -displayfd 3 -screen 0 1500x900x24 -nolisten tcp -noreset 3> "$SCRATCH/number" 2> /dev/null &
screen=$!
viewer=
trap 'kill $screen $viewer 2> /dev/null' EXIT
read -r number < "$SCRATCH/number"
export DISPLAY=:$number
unset WAYLAND_DISPLAY

# Until something holds, for half a minute: a machine may have more to do.
until_ok() {
    local end=$((SECONDS + 30))
    while [ $SECONDS -lt $end ]; do
        "$@" && return 0
        wait_a_bit 0.02
    done
    return 1
}
find_window() {
    window=$(xdotool search --onlyvisible --pid "$viewer" 2> /dev/null | head -1)
    [ -n "$window" ] && xdotool windowfocus "$window" 2> /dev/null
}
# xdotool's words, with keys and places told to the window.
by_hand() {
    local words=() word
    for word in $1; do
        case $word in
        key) words+=(key --window "$window" --delay 4) ;;
        mousemove) words+=(mousemove --window "$window") ;;
        type:*) word=${word#type:}
                words+=(type --window "$window" --delay 4 --args 1 "${word//_/ }") ;;
        *) words+=("$word") ;;
        esac
    done
    xdotool "${words[@]}"
}
on_screen() {  # WANTED
    timeout 10 import -window "$window" "$SCRATCH/screen.ppm"
    [ "$(compare -metric AE "$1" "$SCRATCH/screen.ppm" null: 2>&1)" = 0 ]
}
keep() {  # WANTED GOT: for whoever looks why
    mkdir -p "$BUILD/pictures"
    cp "$1" "$BUILD/pictures/hands-$tap_count-wanted.png"
    cp "$2" "$BUILD/pictures/hands-$tap_count-shown.${2##*.}" 2> /dev/null
    note "see $BUILD/pictures/hands-$tap_count-*.png"
    return 1
}
shows() {  # N WORDS LOOK
    local want=$SCRATCH/want/two-connections-$1.png got=$SCRATCH/got/two-connections-$1.png
    by_hand "$2"
    if [ "$3" = screen ]; then
        until_ok on_screen "$want" || keep "$want" "$SCRATCH/screen.ppm" || return 1
    fi
    by_hand "key ctrl+s"
    until_ok test -s "$got" && cmp -s "$want" "$got" || keep "$want" "$got"
}

(cd "$SCRATCH/got" && exec "$program" view "$capture" --at 117us) 2> "$SCRATCH/said" &
viewer=$!
ok "a window opens" until_ok find_window
n=0
for s in "${steps[@]}"; do
    [ $tap_failed = 0 ] || break  # what follows stands on what went before
    IFS='|' read -r what _ words look <<< "$s"
    n=$((n + 1))
    ok "$what" shows $n "$words" "$look"
done
gone() { not kill -0 "$viewer" 2> /dev/null; }
quit() {  # a key told to a window that closes on it is not released, and the next would get it
    xdotool key --window "$window" q 2> /dev/null
    until_ok gone
    xdotool keyup q
}
quit
wait "$viewer"
ok "q ends it with status 0" [ $? -eq 0 ]
ok "and it has said nothing" not test -s "$SCRATCH/said"

# A run that goes on: a slider changes its link, and what was done is done again exactly.
live=$SCRATCH/live.pcapng
(cd "$SCRATCH/got" && exec "$program" run lost-segment --at 90us --view -w "$live") \
    > "$SCRATCH/told" 2> "$SCRATCH/said" &
viewer=$!
ok "a window opens on a run" until_ok find_window
by_hand "key w Right Escape"
sleep 0.3
by_hand "key ctrl+s"
until_ok test -s "$SCRATCH/got/lost-segment-1.png"
quit
wait "$viewer"
ok "closed, it ends with the run's verdict" [ $? -eq 0 ]
ok "and has told it" grep -q '6 expectations met' "$SCRATCH/told"
"$NETGLASS" view "$live" --events > "$SCRATCH/events"
ok "the slider's change is in the recording" \
    grep -q 'control key="link 1" value="delay=15us"' "$SCRATCH/events"
"$NETGLASS" run lost-segment --hands "$live" -w "$SCRATCH/again.pcapng" > /dev/null
ok "done again, it is the same capture, byte by byte" cmp "$live" "$SCRATCH/again.pcapng"
"$NETGLASS" run lost-segment -w "$SCRATCH/plain.pcapng" > /dev/null
ok "and another one than without" not cmp -s "$live" "$SCRATCH/plain.pcapng"
"$NETGLASS" view "$live" --at 90us --keys '<Right>' --record "$SCRATCH/want.png"
ok "what the window showed is what the recording shows" \
    cmp "$SCRATCH/want.png" "$SCRATCH/got/lost-segment-1.png"

# Closed in mid-run: the run goes on to its end, and its recording is whole.
long=$SCRATCH/long.pcapng
"$NETGLASS" run tests/golden/scenes/long.lua --view -w "$long" > "$SCRATCH/told" 2> /dev/null &
viewer=$!
ok "a window opens on a long run" until_ok find_window
at_work() { not test -e "$long"; }
if at_work; then ok "which is still at work" at_work; else skip "it is at work" "too fast"; fi
quit
wait "$viewer"
ok "closed in mid-run, the run ends well" [ $? -eq 0 ]
"$NETGLASS" run tests/golden/scenes/long.lua -w "$SCRATCH/unseen.pcapng" > /dev/null
ok "and its recording is the one of a run that nobody looked at" \
    cmp "$long" "$SCRATCH/unseen.pcapng"
tap_end
