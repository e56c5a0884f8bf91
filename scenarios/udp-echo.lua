-- udp-echo.lua - datagrams: no handshake, no state; and what happens when nobody listens.
--
-- What to look at:
--   The first datagram is the first packet (after ARP has found the neighbour): nothing is opened,
--   nothing is closed. One socket serves every client, and recvfrom() says who it was each time.
--   Each sendto() is one datagram, and each recvfrom() takes one whole datagram, never parts of
--   two. Compare that with TCP, whose bytes have no seams.
--   To a port where nobody listens the host answers with ICMP: port unreachable. It quotes the
--   datagram, so the stack can find the socket that sent it, and the next call there fails.
local six    = param.ip6 ~= nil          -- -D ip6=1: the same by IPv6
local there  = six and "fd00::2" or "10.0.0.2"
local name   = six and "[fd00::2]" or there
local net    = netglass.network{ seed = 3 }
local client = net:host("client", six and { ip6 = "fd00::1/64" } or { ip = "10.0.0.1/24" })
local server = net:host("server", six and { ip6 = "fd00::2/64" } or { ip = "10.0.0.2/24" })
net:link(client, server, { rate = "100Mbit", delay = "10us" })

server:app("echod", function(app)
  local s = app:socket("udp")
  expect(s:bind(7))
  while true do
    local data, peer = s:recvfrom(2000)
    s:sendto(data, peer)
  end
end)

client:app("pinger", function(app)
  local s = app:socket("udp")
  s:sendto("one", there, 7)
  s:sendto("twenty-two bytes of it", there, 7)
  local data, peer = s:recvfrom(2000)
  expect(data == "one", "a datagram is taken whole, and alone")
  expect(peer == name .. ":7")
  expect(#s:recvfrom(2000) == 22)
  s:close()

  app:note("and now to a port where nobody listens")
  local lost = app:socket("udp")
  expect(lost:connect(there, 9))
  lost:write("is anybody there?")
  local answer, err = lost:read(2000)
  expect(answer == nil and err == "ECONNREFUSED", "the ICMP error reached the socket")
  lost:close()
end)

net:run("1s")
