#!/bin/bash
# timeout: 900
# thorough.sh - the unit tests that try a sample of many cases in `make check` try them all.
cd "$(dirname "$0")/../.." && . tests/tap.sh
all=$(grep -rlE '\bevery\(' tests/unit --include='*_test.c')
for source in $all; do
    test=$BUILD/${source#tests/}
    ok "${source#tests/unit/}: all its cases" \
        env -u CK_TAP_LOG_FILE_NAME NETGLASS_THOROUGH=1 CK_FORK=no CK_VERBOSITY=minimal "${test%.c}"
done
ok "there are such tests" test -n "$all"
tap_end
