-- ipv6-handshake.lua - a connection over IPv6: the same TCP, and another way to find a neighbour.
--
-- What to look at:
--   There is no ARP. Whose MAC belongs to fd00::2 is asked by a neighbour solicitation, an ICMPv6
--   message: not to everyone, but to the group that the address belongs to (ff02::1:ff00:2), in
--   which hardly anybody else is. The answer is a neighbour advertisement.
--   The IPv6 header has 40 bytes and no checksum; TCP's own covers the addresses. The MSS is 1,440,
--   20 bytes less than over IPv4, and every packet of the connection bears the same flow label.
--   The three segments of the handshake, the bytes and the four-way close are those of IPv4:
--   compare with handshake-and-close.
local net    = netglass.network{ seed = 10 }
local client = net:host("client", { ip6 = "fd00::1/64" })
local server = net:host("server", { ip6 = "fd00::2/64" })
net:link(client, server, { rate = "100Mbit", delay = "1ms" })

local labels, solicited = {}, 0
net:on("frame_tx", function(ev)
  if ev.why == "ndp-solicit" then solicited = solicited + 1 end
  if ev.host == "client" and ev.data:byte(21) == 6 then  -- next header: TCP
    labels[ev.data:sub(15, 18)] = true
  end
end)

server:app("server", function(app)
  local listener = app:socket("tcp")
  expect(listener:bind(80))
  expect(listener:listen())
  local s, peer = listener:accept()
  expect(peer:match("^%[fd00::1%]:%d+$"), "an address with colons goes into brackets")
  expect(s:read_all() == "hello over IPv6")
  s:write("hello to you")
  s:close()
end)

client:app("client", function(app)
  local s = app:socket("tcp")
  expect(s:connect("fd00::2", 80))
  expect(s:info().mss_snd == 1440 - 12, "1500 - 40 - 20, less the timestamps of each segment")
  s:write("hello over IPv6")
  s:shutdown("wr")
  expect(s:read_all() == "hello to you")
  s:close()
end)

net:run("5s")
local count = 0
for _ in pairs(labels) do count = count + 1 end
expect(solicited == 1, "one question was enough: the one who asks is known, too")
expect(count == 1, "one connection, one flow label")
