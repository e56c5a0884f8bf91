#!/bin/bash
# drill.sh - failures that explain themselves: what is said of each script in tests/golden/drill is
# the text beside it; and what a suite of them reports to people and to machines. After a change
# that was meant: UPDATE=1 tests/golden/drill.sh, then read every line of the difference.
cd "$(dirname "$0")/../.." && . tests/tap.sh
[ -x "$NETGLASS" ] || skip_all "$NETGLASS is not built"

golden=tests/golden/drill

same() {
    [ -n "$UPDATE" ] && cp "$2" "$1"
    diff -u "$1" "$2" > "$SCRATCH/diff" && return
    sed 's/^/# /' "$SCRATCH/diff"
    return 1
}

# The lines of one script in a TAP report of many, without TAP's marks.
story() { sed -n "\#ok [0-9]* - $1\$#,/^\(not \)\?ok/p" "$2" | sed -n 's/^# \?//p'; }

"$NETGLASS" run "$golden" --tap > "$SCRATCH/stories"
for script in "$golden"/*.pkt; do
    name=$(basename "$script" .pkt)
    story "$script" "$SCRATCH/stories" > "$SCRATCH/$name.txt"
    ok "$name: the story is the golden one" same "$golden/$name.txt" "$SCRATCH/$name.txt"
done
"$NETGLASS" run "$golden/left-over.pkt" --strict > "$SCRATCH/strict.txt"
ok "left-over: an error if it is asked for" \
    same "$golden/left-over-strict.txt" "$SCRATCH/strict.txt"
"$NETGLASS" run "$golden/command.pkt" --ignore-shell > "$SCRATCH/ignored.txt"
ok "command: a warning if it is asked for" \
    same "$golden/command-ignored.txt" "$SCRATCH/ignored.txt"

# A suite: the same stories in the same order, however many run at a time.
clockless() { sed -E 's/[0-9]+\.[0-9]+ s$/# s/; s/"seconds": [0-9.]+/"seconds": 0/'; }
"$NETGLASS" run "$golden" tests/drill/errors | clockless > "$SCRATCH/one"
tail -3 "$SCRATCH/one" > "$SCRATCH/sum"
ok "a suite ends with its folders and its sum" same "$golden/suite.txt" "$SCRATCH/sum"
for form in --slowest=0 --tap --json; do
    "$NETGLASS" run "$golden" tests/drill/errors $form | clockless > "$SCRATCH/one"
    "$NETGLASS" run "$golden" tests/drill/errors $form -j 8 | clockless > "$SCRATCH/eight"
    ok "$form: eight at a time say what one after the other does" \
        cmp "$SCRATCH/one" "$SCRATCH/eight"
done

# What machines read is well-formed, and adds up.
"$NETGLASS" run "$golden" tests/drill/errors --json --junit "$SCRATCH/junit.xml" > "$SCRATCH/json"
ok "JSON says how each script fared" python3 - "$SCRATCH/json" <<'END'
import json, sys
r = json.load(open(sys.argv[1]))
verdicts = [s["verdict"] for s in r["scripts"]]
assert r["passed"] == verdicts.count("passed") > 0, r["passed"]
assert r["failed"] == verdicts.count("failed") >= 10
assert r["broken"] == verdicts.count("broken") == 2
assert all(s["line"] > 0 and s["message"] in s["story"] for s in r["scripts"]
           if s["verdict"] != "passed")
END
ok "JUnit says the same" python3 - "$SCRATCH/json" "$SCRATCH/junit.xml" <<'END'
import json, sys, xml.etree.ElementTree as tree
r, suite = json.load(open(sys.argv[1])), tree.parse(sys.argv[2]).getroot()
cases = suite.findall("testcase")
assert suite.tag == "testsuite" and int(suite.get("tests")) == len(cases) == len(r["scripts"])
assert int(suite.get("failures")) == len(suite.findall("testcase/failure")) == r["failed"]
assert int(suite.get("errors")) == len(suite.findall("testcase/error")) == r["broken"]
for case, script in zip(cases, r["scripts"]):
    assert case.get("classname") + "/" + case.get("name") == script["path"]
END
"$NETGLASS" run "$golden" tests/drill/errors --tap > "$SCRATCH/tap"
plan=$(sed -n 's/^1\.\.//p' "$SCRATCH/tap")
ok "TAP numbers every script" [ "$(grep -c -E '^(not )?ok [0-9]+ - ' "$SCRATCH/tap")" = "$plan" ]

# A failure can be looked at: the capture has all frames up to it, and the picture shows them.
"$NETGLASS" run "$golden/too-early.pkt" -w "$SCRATCH/run.pcapng" > "$SCRATCH/said"
ok "a failed run leaves its capture" [ $? -eq 1 -a -s "$SCRATCH/run.pcapng" ]
LC_ALL=C "$NETGLASS" view "$SCRATCH/run.pcapng" --ladder > "$SCRATCH/ladder"
ok "which shows the packet that came too early" grep -q '0.220000.*len=1000' "$SCRATCH/ladder"
"$NETGLASS" run "$golden/command.pkt" -w "$SCRATCH/refused.pcapng" > "$SCRATCH/said"
ok "so does one that goes on until it asks for what nobody here can do" \
    [ $? -eq 2 -a -s "$SCRATCH/refused.pcapng" ]
"$NETGLASS" run "$golden/parse-error.pkt" -w "$SCRATCH/none.pcapng" > "$SCRATCH/said"
ok "one that never begins leaves none" [ $? -eq 2 -a ! -e "$SCRATCH/none.pcapng" ]
tap_end
