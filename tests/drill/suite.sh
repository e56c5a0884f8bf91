#!/bin/sh
# suite.sh - every .pkt script beside this one, on every build there is: what TCP does, and when, to
# the microsecond. A packet that no step expects is a failure. Then all of them by IPv6 - but those
# that say "IPv4 only", and why, or choose a version themselves - where the MTU is 20 bytes more, as
# the header is, so that segments are the same.
run() {  # BUILD NAME ARGUMENTS
    build=$1 name=$2
    shift 2
    "$build/netglass" run "$@" --tap --strict --tolerance 0 > "$SCRATCH/out"
    status=$?
    sed -n "s/^\(not ok\|ok\) [0-9]* - /\1 - $(basename "$build"): $name/p; /^#/p" "$SCRATCH/out"
    [ $status -le 1 ] || echo "not ok - $build/netglass ended with status $status"
}

both=$(find tests/drill -name '*.pkt' | LC_ALL=C sort |
       xargs grep -LE '^// IPv4 only: |^--ip_version')
n=0
for build in $BUILDS; do
    run "$build" "" tests/drill
    run "$build" "by IPv6: " $both --ip_version=ipv6 --mtu=1520
    n=$((n + 1))
    # Sequence numbers come of the seed: of each half of their space, and of its ends.
    [ $n = 1 ] || continue
    for seed in 2 3 4 5 6 7 8 9; do
        "$build/netglass" run tests/drill --seed $seed --strict --tolerance 0 > "$SCRATCH/out" &&
            echo "ok - $(basename "$build"): all of them with seed $seed" && continue
        sed 's/^/# /' "$SCRATCH/out"
        echo "not ok - $(basename "$build"): all of them with seed $seed"
    done
done
[ $n -gt 0 ] || echo "not ok - there is no build to test"
