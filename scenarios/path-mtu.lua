-- path-mtu.lua - a link in the middle that is narrower than both ends know, and who tells whom.
--
-- What to look at:
--   Client and server each sit at a link for packets of 1500 bytes, and say so in their SYNs
--   (mss=1460). The link between router and server takes 1400. The first long segments die at the
--   router: they say "do not cut me" (DF), so it answers each with an ICMP error that names 1400.
--   The client cuts what was too long anew ("resized") and goes on. Its congestion window stays as
--   it was: no loss by congestion, only a packet of the wrong size. The rest of the flight was too
--   long as well, and its errors are no news any more.
--   At 300 ms, in the middle of the transfer, the link shrinks to 1300: the same again.
--   With -D ip6=1 all is by IPv6, where routers never cut and the error is "packet too big".
local six = param.ip6 ~= nil
local net    = netglass.network{ seed = 11 }
local client = net:host("client", { ip = "10.1.0.1/24", ip6 = "fd01::1/64",
                                    gateway = "10.1.0.9", gateway6 = "fd01::9" })
local router = net:host("router", { ip = { "10.1.0.9/24", "10.2.0.9/24" },
                                    ip6 = { "fd01::9/64", "fd02::9/64" },
                                    sysctl = { ["net.ipv4.ip_forward"] = 1,
                                               ["net.ipv6.conf.all.forwarding"] = 1 } })
local server = net:host("server", { ip = "10.2.0.2/24", ip6 = "fd02::2/64",
                                    gateway = "10.2.0.9", gateway6 = "fd02::9" })
net:link(client, router, { rate = "10Mbit", delay = "2ms" })
-- The server believes in 1500: else it would say so, and nothing would be too long.
local far = net:link(router, server, { rate = "10Mbit", delay = "5ms", mtu = { 1400, 1500 } })

local learned, told, cut, timeouts, cwnd, falls = {}, 0, 0, 0, 0, 0
net:on("path_mtu", function(ev) learned[#learned + 1] = ev.mtu end)
net:on("frame_tx", function(ev) if ev.why == "too-big" then told = told + 1 end end)
net:on("tcp_segment", function(ev)
  if ev.out == 0 or ev.host ~= "client" then return end
  if ev.why == "resized" then cut = cut + 1 end
  if ev.why == "rto" then timeouts = timeouts + 1 end
end)
net:on("tcp_cwnd", function(ev)
  if ev.host ~= "client" then return end
  if ev.cwnd < cwnd then falls = falls + 1 end
  cwnd = ev.cwnd
end)
net:at("300ms", function() far:set{ from = router, mtu = 1300 } end)

local text = ("the quick brown fox jumps over the lazy dog. "):rep(12000)   -- 540000 bytes

server:app("reader", function(app)
  local listener = app:socket("tcp")
  listener:bind(9000)
  listener:listen(1)
  local conn = listener:accept()
  expect(conn:read_all() == text, "all bytes arrived, in order, once")
  conn:close()
end)

client:app("writer", function(app)
  local s = app:socket("tcp")
  expect(s:connect(six and "fd02::2" or "10.2.0.2", 9000))
  s:write(text)
  s:close()
end)

net:run("10s")
expect(#learned == 2 and learned[1] == 1400 and learned[2] == 1300, "the client learned both sizes")
expect(told >= 2, "from the router")
expect(cut >= 2, "and cut anew what was too long")
expect(timeouts == 0, "without waiting for a timeout")
expect(falls == 0, "and the congestion window never fell")
