-- flight.lua - param.frames datagrams, half of them each way, are on one cable at the same time.
local net   = netglass.network{ seed = 3 }
local left  = net:host("left", { ip = "10.0.0.1/24" })
local right = net:host("right", { ip = "10.0.0.2/24" })
net:link(left, right, { rate = "10Gbit", delay = "50ms", queue = "4000p" })

local half = tonumber(param.frames or 1000) // 2
for _, pair in ipairs{ { left, "10.0.0.2" }, { right, "10.0.0.1" } } do
  local host, peer = pair[1], pair[2]
  host:app("thrower", function(app)
    local s = app:socket("udp")
    s:bind(5000)
    s:sendto("hello", peer, 5000)
    s:recvfrom(100)
    app:sleep("200ms")
    for n = 1, half do s:sendto(("x"):rep(200 + n % 800), peer, 5000) end
    app:sleep("200ms")
  end)
end

net:run("1s")
