-- dense.lua - two megabytes over a link that loses now and then: more arrows than pixels.
local net    = netglass.network{ seed = 11 }
local client = net:host("client", { ip = "10.0.0.1/24" })
local server = net:host("server", { ip = "10.0.0.2/24" })
net:link(client, server, { rate = "100Mbit", delay = "5ms", loss = 0.002, queue = "100p" })

server:app("sink", function(app)
  local listener = app:socket("tcp")
  listener:bind(9000)
  listener:listen(1)
  listener:accept():read_all()
end)

client:app("source", function(app)
  local s = app:socket("tcp")
  s:connect("10.0.0.2", 9000)
  s:write(("0123456789abcdef"):rep(131072))
  s:close()
end)

net:run("5s")
