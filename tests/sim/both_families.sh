#!/bin/bash
# both_families.sh - each scenario meets its expectations by IPv4, and by IPv6 with -D ip6=1, where
# no IPv4 packet is sent; and those of the path's MTU in each of their settings.
cd "$(dirname "$0")/../.." && . tests/tap.sh
[ -x "$NETGLASS" ] || skip_all "$NETGLASS is not built"

run() { "$NETGLASS" run "$@" > "$SCRATCH/said" 2>&1 || { sed 's/^/# /' "$SCRATCH/said"; false; }; }
no_ip4() { "$NETGLASS" run "$@" --ladder | not grep -E '10\.[0-9]+\.[0-9]+\.[0-9]+|ARP'; }

for s in handshake-and-close lost-segment slow-reader two-connections udp-echo path-mtu black-hole \
         dns-lookup
do
    ok "$s by IPv4" run "scenarios/$s.lua"
    ok "$s by IPv6" run "scenarios/$s.lua" -D ip6=1
done
for s in handshake-and-close lost-segment slow-reader two-connections udp-echo; do
    ok "$s by IPv6 needs no IPv4" no_ip4 "scenarios/$s.lua" -D ip6=1
done
# An address that is given: on loan, or made of what a router says.
ok "dhcp-lease" run scenarios/dhcp-lease.lua
for seed in 1 2 3 8; do
    ok "slaac, its twin, with seed $seed" run scenarios/slaac.lua --seed $seed
done
ok "slaac needs no IPv4" no_ip4 scenarios/slaac.lua
for s in fragments multicast traceroute vlan; do
    ok "$s, by both at once" run "scenarios/$s.lua"
done
for probing in 0 2; do
    hole="scenarios/black-hole.lua -D probing=$probing"
    ok "black-hole, probing $probing" run $hole
    ok "black-hole, probing $probing, by IPv6" run $hole -D ip6=1
done
tap_end
