-- traceroute.lua - who is on the way? Pings that may only go so far, in both families.
--
-- What to look at:
--   Each ping may pass one router more than the one before. The router at which its time to live
--   (in IPv6: hop limit) reaches zero throws it away and says so: "time exceeded". That error
--   quotes the ping, so the stack finds the socket that sent it; and its sender is the answer we
--   are after.
--   The last ping reaches the server, which answers as to any ping.
--   Each router counts down by one what it passes on, both ways: compare the TTL of the answers.
--   A router answers with the address of the side that the ping came in by.
local net     = netglass.network{ seed = 6 }
local forward = { ["net.ipv4.ip_forward"] = 1, ["net.ipv6.conf.all.forwarding"] = 1 }

-- A host takes its addresses link by link, and its gateways are on its first link.
local client = net:host("client", { ip = "10.0.0.2/24", gateway = "10.0.0.1",
                                    ip6 = "fd00::2/64", gateway6 = "fd00::1" })
local near = net:host("near", { ip = { "10.0.1.1/24", "10.0.0.1/24" }, gateway = "10.0.1.2",
                                ip6 = { "fd00:0:0:1::1/64", "fd00::1/64" },
                                gateway6 = "fd00:0:0:1::2", sysctl = forward })
local far  = net:host("far", { ip = { "10.0.1.2/24", "10.0.2.1/24" }, gateway = "10.0.1.1",
                               ip6 = { "fd00:0:0:1::2/64", "fd00:0:0:2::1/64" },
                               gateway6 = "fd00:0:0:1::1", sysctl = forward })
local server = net:host("server", { ip = "10.0.2.2/24", gateway = "10.0.2.1",
                                    ip6 = "fd00:0:0:2::2/64", gateway6 = "fd00:0:0:2::1" })
net:link(near, far, { delay = "5ms" })
net:link(client, near, { delay = "1ms" })
net:link(far, server, { delay = "1ms" })

local function traceroute(app, goal)
  local way = {}
  for ttl = 1, 8 do
    local seconds, who, told = app:ping(goal, { ttl = ttl })
    way[ttl] = seconds and who or told
    if seconds then return table.concat(way, " ") end
    expect(who == "EHOSTUNREACH", "a router said that the ping's time ran out")
  end
end

client:app("traceroute", function(app)
  expect(traceroute(app, "10.0.2.2") == "10.0.0.1 10.0.1.2 10.0.2.2",
         "two routers, then the server")
  expect(app:ping("10.0.2.2") == 0.014, "there and back: 2 * (1 + 5 + 1) ms")
  app:note("the same over IPv6")
  expect(traceroute(app, "fd00:0:0:2::2") == "fd00::1 fd00:0:0:1::2 fd00:0:0:2::2")
end)

net:run("5s")
