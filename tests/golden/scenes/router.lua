-- router.lua - two clients, one router, one server behind a slow link: its queue fills.
local net = netglass.network{ seed = 21 }
local anna   = net:host("anna",   { ip = "10.1.0.1/24", gateway = "10.1.0.254" })
local bob    = net:host("bob",    { ip = "10.2.0.1/24", gateway = "10.2.0.254" })
local router = net:host("router", { ip = { "10.1.0.254/24", "10.2.0.254/24", "10.3.0.254/24" },
                                    sysctl = { ["net.ipv4.ip_forward"] = 1 } })
local server = net:host("server", { ip = "10.3.0.1/24", gateway = "10.3.0.254" })
net:link(anna, router, { rate = "100Mbit", delay = "1ms" })
net:link(bob, router, { rate = "100Mbit", delay = "1ms" })
net:link(router, server, { rate = "10Mbit", delay = "3ms", queue = "30p" })

server:app("sink", function(app)
  local listener = app:socket("tcp")
  listener:bind(9000)
  listener:listen(4)
  for _ = 1, 2 do
    local conn = listener:accept()
    app:spawn(function() conn:read_all() conn:close() end)
  end
end)

for name, host in pairs{ anna = anna, bob = bob } do
  host:app("sender", function(app)
    local s = app:socket("tcp")
    s:connect("10.3.0.1", 9000)
    s:write((name .. " "):rep(20000))
    s:close()
  end)
end

net:run("2s")
