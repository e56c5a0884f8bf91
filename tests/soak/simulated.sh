#!/bin/bash
# timeout: 1800
# simulated.sh - the campaigns of tests/sim in full length. Each prints what it saw; a failing seed
# is named, and replays by REPAIR_FIRST=seed or SWARM_FIRST=seed, with ..._SEEDS=1.
cd "$(dirname "$0")/../.." && . tests/tap.sh

campaign() {  # WHAT PROGRAM: with the environment it was called with
    local said="$SCRATCH/$2"
    ok "$1" eval "'$BUILD/sim/$2' > '$said' 2>&1"
    sed 's/^#* */# /' "$said"
}

IDLE_CONNS=100000 campaign "100,000 idle connections cost at most 1 KB each" idle_test
RESPONSE_SEEDS=10 campaign "newreno and cubic at 1 % loss go as fast as theory says" response_test
REPAIR_SEEDS=5000 campaign "5,000 losses of up to 30 of 100 are repaired without RTO" repair_test
SWARM_SEEDS=2000 campaign "2,000 worlds of the swarm keep what a stream promises" swarm_test
tap_end
