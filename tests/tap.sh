# tap.sh - what test scripts say, in TAP. A script begins with
#
#     cd "$(dirname "$0")/../.." && . tests/tap.sh
#
# and then:  ok "what holds" COMMAND ARGUMENTS...    a test: does the command succeed?
#            skip "what" "why not here"              a test left out, with the reason
#            skip_all "why not here"                 the whole file left out
#            wait_a_bit SECONDS                      sleep, without a process of its own
#            note "text"                             for whoever reads a failure
#            not COMMAND...                          succeeds when the command fails
#            tap_end                                 the last line: says the plan, exits 0 or 1
# SCRATCH, BUILD and NETGLASS come from tests/run; by hand, they are made up here.
tap_count=0 tap_failed=0
BUILD=${BUILD:-build}
NETGLASS=${NETGLASS:-$BUILD/netglass}
if [ -z "$SCRATCH" ]; then
    SCRATCH=$(mktemp -d)
    trap 'rm -rf "$SCRATCH"' EXIT
fi

not() { ! "$@"; }
exec {tap_never}<> <(:)
wait_a_bit() { read -rt "$1" -u "$tap_never"; true; }
note() { printf '# %s\n' "$@"; }

ok() {
    tap_count=$((tap_count + 1))
    if "${@:2}"; then
        echo "ok $tap_count - $1"
    else
        echo "not ok $tap_count - $1"
        note "failed: ${*:2}"
        tap_failed=1
    fi
}

skip() {
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}

skip_all() {
    echo "1..0 # SKIP $1"
    exit 0
}

tap_end() {
    echo "1..$tap_count"
    exit $tap_failed
}
