-- datagrams.lua - five datagrams come before anybody reads: each waits whole, in its own cell.
local net    = netglass.network{ seed = 4 }
local client = net:host("client", { ip = "10.0.0.1/24" })
local server = net:host("server", { ip = "10.0.0.2/24" })
net:link(client, server, { rate = "100Mbit", delay = "10us" })

server:app("slowd", function(app)
  local s = app:socket("udp")
  s:bind(53)
  app:sleep("2ms")
  for _ = 1, 5 do s:recvfrom(2000) end
end)

client:app("asker", function(app)
  local s = app:socket("udp")
  for i = 1, 5 do
    s:sendto(("question "):rep(i), "10.0.0.2", 53)
    app:sleep("200us")
  end
end)

net:run("10ms")
