-- datagrams.lua - five datagrams come before anybody reads: each waits whole, in its own cell. For
-- a sixth, a long one, there is no room: it is dropped, and counted.
local net    = netglass.network{ seed = 4 }
local client = net:host("client", { ip = "10.0.0.1/24" })
local server = net:host("server", { ip = "10.0.0.2/24" })
net:link(client, server, { rate = "100Mbit", delay = "10us" })

server:app("slowd", function(app)
  local s = app:socket("udp")
  s:set("rcvbuf", 2048)
  s:bind(53)
  app:sleep("2ms")
  for _ = 1, 5 do s:recvfrom(2000) end
end)

client:app("asker", function(app)
  local s = app:socket("udp")
  for i = 1, 5 do
    s:sendto(("question "):rep(5 * i), "10.0.0.2", 53)
    if i == 5 then s:sendto(("long "):rep(280), "10.0.0.2", 53) end
    app:sleep("200us")
  end
end)

net:run("10ms")
