-- slow-reader.lua - a fast writer, a reader who sleeps, and the window between them.
--
-- What to look at:
--   write() returns when the bytes are in the client's send buffer; that says nothing of the
--   server, whose program sleeps. Its receive buffer fills, and each ACK offers a smaller window,
--   until it offers none: win=0. The client may send nothing now, and its write() blocks.
--   The ACK that will open the window could be lost, so the client asks from time to time with a
--   window probe: a segment so old that the server drops it, and must answer with where it is.
--   When the reader wakes, read() makes room, a window update says so, and the bytes flow again.
local six    = param.ip6 ~= nil          -- -D ip6=1: the same by IPv6
local there  = six and "fd00::2" or "10.0.0.2"
local net    = netglass.network{ seed = 9 }
local client = net:host("client", six and { ip6 = "fd00::1/64" } or { ip = "10.0.0.1/24" })
local server = net:host("server", six and { ip6 = "fd00::2/64" } or { ip = "10.0.0.2/24" })
net:link(client, server, { rate = "100Mbit", delay = "10us" })

local shut, probes, updates = false, 0, 0
net:on("tcp_segment", function(ev)
  if ev.out == 0 then return end
  if ev.host == "server" and ev.wnd == 0 and ev.why ~= "syn-ack" then shut = true end
  if ev.why == "window-probe" then probes = probes + 1 end
  if ev.why == "window-update" then updates = updates + 1 end
end)

local text = ("the quick brown fox jumps over the lazy dog. "):rep(500)   -- 22500 bytes

server:app("sleeper", function(app)
  local listener = app:socket("tcp")
  listener:set("rcvbuf", 8192)             -- what it accepts inherits this
  listener:bind(9000)
  listener:listen(1)
  local conn = listener:accept()
  app:note("the reader sleeps")
  app:sleep("1500ms")
  app:note("the reader wakes")
  expect(conn:read_all() == text, "nothing was lost, nothing came twice")
  conn:close()
end)

client:app("writer", function(app)
  local s = app:socket("tcp")
  s:set("sndbuf", 8192)
  expect(s:connect(there, 9000))
  local before = app:now()
  s:write(text)
  expect(app:now() - before > 1, "write() had to wait for the reader")
  s:close()
end)

net:run("10s")
expect(shut, "the window closed")
expect(probes >= 1, "and was probed")
expect(updates >= 1, "and opened again")
