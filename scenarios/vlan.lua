-- vlan.lua - several networks on one cable: the 802.1Q tag says whose a frame is.
--
-- What to look at:
--   Between the MACs and the type of each frame of VLAN 10 stand four bytes more: 0x8100, and the
--   number. ARP asks with the tag too: a VLAN is a network of its own, down to broadcasts.
--   On the second cable the ends disagree. What the client sends there arrives, but the other end
--   is in another VLAN: the frame dies at its door ("vlan-not-mine"), and the question of ARP is
--   never answered. A switch with a wrong VLAN on a port looks just like that.
local net    = netglass.network{ seed = 8 }
local client = net:host("client", { ip = { "10.0.10.1/24", "10.0.20.1/24" },
                                    ip6 = { "fd00:0:0:10::1/64", "fd00:0:0:20::1/64" } })
local server = net:host("server", { ip = { "10.0.10.2/24", "10.0.20.2/24" },
                                    ip6 = { "fd00:0:0:10::2/64", "fd00:0:0:20::2/64" } })
net:link(client, server, { delay = "1ms", vlan = 10 })
net:link(client, server, { delay = "1ms", vlan = { 20, 30 } })

server:app("echod", function(app)
  local s = app:socket("udp")
  s:bind(7)
  while true do s:sendto(s:recvfrom()) end
end)

local tagged, frames, strangers = 0, 0, 0
net:on("frame_tx", function(ev)
  frames = frames + 1
  if ev.data:sub(13, 14) == "\x81\x00" then tagged = tagged + 1 end
end)
net:on("frame_drop", function(ev)
  if ev.why == "vlan-not-mine" then strangers = strangers + 1 end
end)

client:app("pinger", function(app)
  for _, address in ipairs{ "10.0.10.2", "fd00:0:0:10::2" } do
    local s = app:socket("udp")
    s:sendto("who is in my VLAN?", address, 7)
    expect(s:recvfrom() == "who is in my VLAN?")
    s:close()
  end
  app:note("and now where the ends of the cable are in two VLANs")
  for _, address in ipairs{ "10.0.20.2", "fd00:0:0:20::2" } do
    local seconds, why = app:ping(address, { timeout = "4s" })
    expect(seconds == nil and why == "EHOSTUNREACH", "nobody there heard the question")
  end
end)

net:run("20s")
expect(tagged == frames, "every frame bore a tag")
expect(strangers >= 6, "three questions of ARP, and three of neighbour discovery")
