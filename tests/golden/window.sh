#!/bin/bash
# timeout: 120
# window.sh - the window on a virtual screen: it opens, shows what --record draws pixel by pixel,
# obeys its keys, and closes cleanly; and where there is no screen, one line says so.
cd "$(dirname "$0")/../.." && . tests/tap.sh
[ -x "$NETGLASS" ] || skip_all "$NETGLASS is not built"
"$NETGLASS" view - --record "$SCRATCH/none.png" 2>&1 | grep -q 'SDL=0' &&
    skip_all "this build has no window"
for tool in Xvfb xdotool import compare; do
    command -v $tool > /dev/null || skip_all "$tool is missing"
done

capture=$SCRATCH/two-connections.pcapng
at=117us
"$NETGLASS" run two-connections -w "$capture" > /dev/null
"$NETGLASS" view "$capture" --at $at --record "$SCRATCH/file.png"
ok "--record draws a picture" [ -s "$SCRATCH/file.png" ]

# In size or in any pixel.
differ() {
    [ "$(identify -format '%wx%h\n' "$1" "$2" | uniq | wc -l)" = 1 ] || return 0
    pixels=$(compare -metric AE "$1" "$2" null: 2>&1)
    [ "$pixels" != 0 ] && note "${1##*/} and ${2##*/}: $pixels pixels differ"
}

# A screen that is named and is not there.
DISPLAY=:4711 XDG_RUNTIME_DIR='' "$NETGLASS" view "$capture" > "$SCRATCH/said" 2>&1
ok "no screen: exit status 2" [ $? -eq 2 ]
ok "no screen: one line" [ "$(wc -l < "$SCRATCH/said")" -eq 1 ]
demo() {
    env DISPLAY=:4711 PATH="$1" "$(realpath "$NETGLASS")" demo --out "$SCRATCH/demo" \
        > "$SCRATCH/told" 2> "$SCRATCH/said"
}
ok "no screen: the demo renders instead" demo "$SCRATCH"
ok "no screen: and says why" grep -q display "$SCRATCH/said"
ok "no screen: a picture is there" [ -s "$SCRATCH/demo/two-connections.png" ]
ok "no screen: what to try next needs none" grep -q 'view .*pcapng --ladder' "$SCRATCH/told"
ok "no ffmpeg: no movie" not test -e "$SCRATCH/demo/two-connections.mp4"
ok "no ffmpeg: it says what to install" grep -q 'apt install ffmpeg' "$SCRATCH/told"

mkfifo "$SCRATCH/number"
Xvfb -displayfd 3 -screen 0 1500x900x24 -nolisten tcp -noreset 3> "$SCRATCH/number" 2> /dev/null &
screen=$!
trap 'kill $screen' EXIT
read -r number < "$SCRATCH/number"
export DISPLAY=:$number
unset WAYLAND_DISPLAY

# The window of a netglass that runs in the background; 1: none in ten seconds.
window_of() {
    for _ in $(seq 100); do
        window=$(xdotool search --onlyvisible --pid "$1" 2> /dev/null | head -1)
        [ -n "$window" ] && return 0
        wait_a_bit 0.1
    done
    return 1
}
shot() { timeout 10 import -window "${window:-root}" "$SCRATCH/$1.ppm"; }

# Takes pictures until one is (or is not) like another; the pictures of a window come when they may.
becomes() {  # like|unlike FILE NAME
    for _ in $(seq 50); do
        shot "$3"
        case $1 in
        like)   not differ "$2" "$SCRATCH/$3.ppm" > "$SCRATCH/note" && return ;;
        unlike) differ "$2" "$SCRATCH/$3.ppm" > "$SCRATCH/note" && return ;;
        esac
        wait_a_bit 0.1
    done
    cat "$SCRATCH/note"
    return 1
}
saved() {
    for _ in $(seq 50); do
        [ -s "$SCRATCH/two-connections-1.png" ] && return
        wait_a_bit 0.1
    done
    return 1
}
# To the window under the pointer. (Told to a window that closes on it, a key is never released.)
key() { xdotool key "$1"; }
ends() {  # PID KEY: it ends by itself, with status 0
    for _ in $(seq 50); do
        kill -0 "$1" 2> /dev/null || break
        [ -n "$2" ] && key "$2"
        wait_a_bit 0.1
    done
    kill "$1" 2> /dev/null && return 1
    wait "$1"
}

program=$(realpath "$NETGLASS")
(cd "$SCRATCH" && exec "$program" view two-connections.pcapng --at $at) 2> "$SCRATCH/said" &
viewer=$!
ok "a window opens" window_of $viewer
ok "it shows what --record draws, pixel by pixel" becomes like "$SCRATCH/file.png" begin
key Right
ok "Right steps on" becomes unlike "$SCRATCH/begin.ppm" on
key Left
ok "Left steps back" becomes unlike "$SCRATCH/on.ppm" back
"$NETGLASS" view "$capture" --at $at --light --record "$SCRATCH/light.png"
key t
ok "t changes the theme" becomes unlike "$SCRATCH/back.ppm" light-window
key t
ok "t changes it back" becomes like "$SCRATCH/back.ppm" dark
key question
ok "? opens the list of keys" becomes unlike "$SCRATCH/dark.ppm" help
key question
ok "? closes it" becomes like "$SCRATCH/dark.ppm" closed
key space
ok "Space plays" becomes unlike "$SCRATCH/closed.ppm" playing
shot earlier
wait_a_bit 0.3
ok "and time goes on" becomes unlike "$SCRATCH/earlier.ppm" later
key space
key s
ok "s saves a picture" saved
ok "q ends it with status 0" ends $viewer q
ok "and it has said nothing" not test -s "$SCRATCH/said"

"$NETGLASS" run slow-reader --view > /dev/null 2> "$SCRATCH/said" &
viewer=$!
ok "run --view opens the window on the run" window_of $viewer
ok "and q ends that too" ends $viewer q
"$NETGLASS" view "$capture" --at $at --light &
viewer=$!
ok "--light: a window opens" window_of $viewer
ok "--light: it shows what --record draws" becomes like "$SCRATCH/light.png" light-begin
kill -TERM $viewer
ok "to be told to go is no failure" ends $viewer
tap_end
