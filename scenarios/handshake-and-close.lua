-- handshake-and-close.lua - one connection from its first SYN to the end of TIME-WAIT.
--
-- What to look at:
--   Three segments open it: SYN, SYN,ACK, ACK. The SYN counts as one byte, so the first byte of
--   data is number 1. Neither program did anything for the third segment: TCP sent it by itself.
--   Each side closes for itself. The client's FIN says only "I have no more to send", and the
--   server's last words still arrive after it: between the two FINs the connection is half closed.
--   Who closes first waits. The client stays in TIME-WAIT for two maximum segment lifetimes, so
--   that no late segment of this connection can fall into the next one; the server is done at once.
local six    = param.ip6 ~= nil          -- -D ip6=1: the same by IPv6
local there  = six and "fd00::2" or "10.0.0.2"
local net    = netglass.network{ seed = 1 }
local client = net:host("client", six and { ip6 = "fd00::1/64" } or { ip = "10.0.0.1/24" })
local server = net:host("server", six and { ip6 = "fd00::2/64" } or { ip = "10.0.0.2/24" })
net:link(client, server, { rate = "100Mbit", delay = "10us" })

local path = { client = {}, server = {} }
net:on("tcp_state", function(ev)
  if ev.to ~= "LISTEN" then table.insert(path[ev.host], ev.to) end
end)

server:app("greeter", function(app)
  local listener = app:socket("tcp")
  expect(listener:bind(7000))
  expect(listener:listen(1))
  local conn, peer = listener:accept()
  expect(peer:match(six and "^%[fd00::1%]:" or "^10%.0%.0%.1:"))
  expect(conn:read(100) == "hello")
  expect(conn:read(100) == nil, "the client's FIN reads as the end of its bytes")
  expect(conn:info().state == "CLOSE-WAIT")
  conn:write("goodbye")
  conn:close()
  listener:close()
end)

client:app("guest", function(app)
  local s = app:socket("tcp")
  expect(s:connect(there, 7000))
  expect(s:info().state == "ESTABLISHED")
  s:write("hello")
  s:shutdown("wr")
  expect(s:read(100) == "goodbye", "half closed: the other direction still carries bytes")
  expect(s:read(100) == nil)
  s:close()
end)

net:run("1s")
expect(table.concat(path.client, " ") == "SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT")
expect(path.server[1] == "SYN-RECEIVED" and path.server[2] == "ESTABLISHED")
expect(path.server[3] == "CLOSE-WAIT" and path.server[4] == "LAST-ACK")

net:run("120s")
expect(path.client[#path.client] == "CLOSED", "TIME-WAIT is over after two minutes at most")
