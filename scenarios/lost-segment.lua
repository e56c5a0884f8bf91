-- lost-segment.lua - two losses, and the two ways TCP has to notice them.
--
-- What to look at:
--   First a segment in the middle of a burst is lost. Those behind it arrive, and each makes the
--   server repeat the ACK of the first missing byte. Duplicate ACKs are news: something arrived,
--   but not that. The client waits a moment, for segments may only have overtaken each other (the
--   reorder timer: a quarter of a round trip), and sends the missing one again. The next ACK jumps
--   over everything that had been waiting.
--   Then a lone segment is lost. Nothing follows it, so nothing can make the server speak. Only a
--   timer of the client can notice: the tail probe, or else the retransmission timeout. It has to
--   wait 200 ms, thousands of round trips of this cable, for the server may be delaying its ACK.
--   read() on the server never shows a gap: bytes behind a hole are kept until it is filled.
local six    = param.ip6 ~= nil          -- -D ip6=1: the same by IPv6
local there  = six and "fd00::2" or "10.0.0.2"
local net    = netglass.network{ seed = 5 }
local client = net:host("client", six and { ip6 = "fd00::1/64" } or { ip = "10.0.0.1/24" })
local server = net:host("server", six and { ip6 = "fd00::2/64" } or { ip = "10.0.0.2/24" })
local cable  = net:link(client, server, { rate = "100Mbit", delay = "10us" })

-- The second full segment; later, the short one.
cable:drop{ from = client, filter = "tcp and len > 1000", skip = 1, count = 1 }
cable:drop{ from = client, filter = six and "tcp and ip6[53] & 2 == 0 and len > 90 and len < 220"
                                    or "tcp[tcpflags] & tcp-syn == 0 and len > 70 and len < 200" }

local why = {}
net:on("tcp_segment", function(ev)
  if ev.out == 1 then why[ev.why] = (why[ev.why] or 0) + 1 end
end)

local burst = ("0123456789"):rep(six and 714 or 724)       -- five segments

server:app("sink", function(app)
  local listener = app:socket("tcp")
  listener:bind(9000)
  listener:listen(1)
  local conn = listener:accept()
  local text = conn:read_all()
  expect(text == burst .. "and one more", "all of it, in order, once")
  conn:close()
end)

client:app("source", function(app)
  local s = app:socket("tcp")
  expect(s:connect(there, 9000))
  s:write(burst)
  app:sleep("100ms")
  expect(s:info().total_retrans == 1, "the burst is repaired by one retransmission")
  app:note("a lone segment, and it will be lost")
  s:write("and one more")
  s:close()
end)

net:run("3s")
expect(why["dup-ack"] == 3, "each segment behind the gap repeats the ACK")
expect(why["fast-retransmit"] == 1, "the first loss was noticed by duplicate ACKs")
expect((why["tail-probe"] or 0) + (why["rto"] or 0) == 1, "the second by a timer alone")
