-- refused.lua - nobody listens: TCP answers with RST, UDP's host with ICMP.
local net    = netglass.network{ seed = 4 }
local client = net:host("client", { ip = "10.0.0.1/24" })
local server = net:host("server", { ip = "10.0.0.2/24" })
net:link(client, server, { rate = "100Mbit", delay = "10us" })

client:app("knocker", function(app)
  local s = app:socket("tcp")
  pcall(function() s:connect("10.0.0.2", 81) end)
  s:close()
  local u = app:socket("udp")
  u:connect("10.0.0.2", 9)
  u:write("anybody there?")
  pcall(function() u:read(100) end)
  u:close()
end)

net:run("1s")
