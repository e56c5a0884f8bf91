-- multicast.lua - one datagram for many: groups, and who listens to them.
--
-- What to look at:
--   join is a wish to hear: the interface opens its ear for the group's MAC, and the host reports
--   it to the routers and switches of the link (IGMPv3, in IPv6 MLDv2), twice in case one is lost.
--   Nobody is asked for a MAC: it follows from the group (01:00:5e... or 33:33:...).
--   The radio sends on both of its links. The listener hears it; the deaf one's interface throws
--   the frame away before IP sees it ("eth-not-mine"), at no cost.
--   What is sent to a group goes no further than the link (TTL 1), unless the sender says so.
--   The radio listens to itself, on the other socket: a copy came around by lo.
--   After leave the ear is shut again.
local net   = netglass.network{ seed = 9 }
local radio = net:host("radio", { ip = { "10.0.0.1/24", "10.0.1.1/24" },
                                  ip6 = { "fd00::1/64", "fd00:0:0:1::1/64" } })
local listener = net:host("listener", { ip = "10.0.0.2/24", ip6 = "fd00::2/64" })
local deaf     = net:host("deaf", { ip = "10.0.1.2/24", ip6 = "fd00:0:0:1::2/64" })
net:link(radio, listener, { delay = "1ms" })
net:link(radio, deaf, { delay = "1ms" })

local groups = { "239.1.2.3", "ff15::77" }
local reports, refused = 0, {}  -- refused: by whom, in the second round
net:on("frame_tx", function(ev)
  if ev.why == "group-report" and ev.host == "listener" then reports = reports + 1 end
end)
net:on("frame_drop", function(ev)
  if ev.why == "eth-not-mine" and ev.at > 5 then
    refused[ev.host] = (refused[ev.host] or 0) + 1
  end
end)

local heard, echo = {}, {}
local function listen(list, leaves)
  return function(app, group)
    local s = app:socket("udp")
    s:bind(5000)
    for _, g in ipairs(groups) do expect(s:set("join", g)) end
    for _ = 1, 2 do list[#list + 1] = s:recvfrom() end
    if not leaves then return end
    app:note("the listener has heard enough")
    for _, g in ipairs(groups) do expect(s:set("leave", g)) end
    app:sleep("10s")
  end
end
listener:app("listener", listen(heard, true))
radio:app("monitor", listen(echo, false))
deaf:app("deaf", function(app)  -- the right port is not enough
  local s = app:socket("udp")
  s:bind(5000)
  heard.deaf = s:recvfrom()
end)

radio:app("radio", function(app)
  local s = { app:socket("udp"), app:socket("udp") }
  app:sleep("3s")
  for round = 1, 2 do
    for family, group in ipairs(groups) do
      for link = 1, 2 do  -- interfaces count from 1
        s[family]:set("multicast_if", link)
        s[family]:set("multicast_loop", link == 1)
        s[family]:sendto("to all: " .. group, group, 5000)
      end
    end
    app:sleep("3s")
  end
end)

net:run("15s")
expect(#heard == 2 and heard[1] == "to all: 239.1.2.3" and heard[2] == "to all: ff15::77")
expect(#echo == 2, "a member on the sender's own host hears it too")
expect(heard.deaf == nil and refused.deaf == 2, "who did not join does not hear")
expect(refused.listener == 2, "nor who left")
expect(reports >= 4, "the listener reported both groups, twice")
