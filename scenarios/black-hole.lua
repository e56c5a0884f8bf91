-- black-hole.lua - a narrow link, and a router that swallows what is too long without a word.
--
-- What to look at:
--   The handshake works, for its segments are short. The first long ones vanish: the router should
--   say that they are too long for its next link, but somebody forbade it to send ICMP errors. This
--   is a black hole: "I can log in, but then everything hangs."
--   The client's timer fires, again and again. With net.ipv4.tcp_mtu_probing=1 the fourth timeout
--   in a row makes it suspicious: it sends the same bytes in short segments, and they arrive.
--   Then it measures the path: now and then one segment is longer ("mtu-probe"). If it is
--   acknowledged, all are that long from then on; if it alone is lost, the path is narrower, and
--   that says nothing of congestion.
--   With -D probing=0 it hangs for good, as on a host with Linux's default. With -D probing=2 the
--   client never trusts a path: it begins short, and there is no hole to fall into. -D ip6=1: by
--   IPv6.
local six, probing = param.ip6 ~= nil, tonumber(param.probing or 1)
local net    = netglass.network{ seed = 12 }
local client = net:host("client", { ip = "10.1.0.1/24", ip6 = "fd01::1/64",
                                    gateway = "10.1.0.9", gateway6 = "fd01::9",
                                    sysctl = { ["net.ipv4.tcp_mtu_probing"] = probing } })
local router = net:host("router", { ip = { "10.1.0.9/24", "10.2.0.9/24" },
                                    ip6 = { "fd01::9/64", "fd02::9/64" },
                                    sysctl = { ["net.ipv4.ip_forward"] = 1,
                                               ["net.ipv6.conf.all.forwarding"] = 1,
                                               ["net.ipv4.icmp_msgs_burst"] = 0 } })
local server = net:host("server", { ip = "10.2.0.2/24", ip6 = "fd02::2/64",
                                    gateway = "10.2.0.9", gateway6 = "fd02::9" })
net:link(client, router, { rate = "10Mbit", delay = "2ms" })
net:link(router, server, { rate = "10Mbit", delay = "5ms", mtu = { 1400, 1500 } })

local timeouts, probes, swallowed, size, falls, cwnd = 0, 0, 0, 0, 0, 0
net:on("tcp_segment", function(ev)
  if ev.out == 0 or ev.host ~= "client" then return end
  if ev.why == "rto" then timeouts = timeouts + 1 end
  if ev.why == "mtu-probe" then probes = probes + 1 end
end)
net:on("frame_drop", function(ev)
  if ev.host == "router" and ev.why == "ip-too-big" then swallowed = swallowed + 1 end
end)
net:on("path_mtu", function(ev) size = ev.mtu end)
net:on("tcp_cwnd", function(ev)
  if ev.host ~= "client" then return end
  if probes > 0 and ev.cwnd < cwnd then falls = falls + 1 end
  cwnd = ev.cwnd
end)

local text, got = ("the quick brown fox jumps over the lazy dog. "):rep(10000), nil  -- 450000 bytes

server:app("reader", function(app)
  local listener = app:socket("tcp")
  listener:bind(9000)
  listener:listen(1)
  local conn = listener:accept()
  got = conn:read_all()
  conn:close()
end)

client:app("writer", function(app)
  local s = app:socket("tcp")
  expect(s:connect(six and "fd02::2" or "10.2.0.2", 9000))
  app:note("connected; now 450000 bytes")
  s:write(text)
  s:close()
end)

net:run("10s")
expect(swallowed > 0, "the router swallowed segments")
if probing > 0 then
  expect(got == text, "all bytes arrived, in order, once")
  expect((timeouts >= 3) == (probing == 1), "after some timeouts, or none if it never trusted")
  expect(probes >= 3, "the path was measured")
  expect(size > 1390 and size <= 1400, "to within eight bytes: " .. size)
  expect(falls == 0, "and no lost probe made the congestion window fall")
else
  expect(got == nil, "nothing ever arrives")
end
