-- fragments.lua - a datagram longer than the link takes: cut, carried in pieces, put together.
--
-- What to look at:
--   3,000 bytes do not fit into packets of 1,500: the sender's IP cuts the datagram into three
--   fragments. All bear the same identification, each says where its part belongs, and only the
--   first has the UDP header with the ports. The receiver waits until no byte is missing.
--   The router's other link takes 1,280 bytes. In IPv4 it cuts the fragments again. In IPv6 only
--   the sender may cut: the router says "packet too big", that one is lost, and from then on the
--   sender cuts small enough.
--   When one fragment is lost, all of the datagram is: UDP sends nothing again. The other pieces
--   wait for a minute; then the receiver gives up and tells the sender.
local net     = netglass.network{ seed = 7 }
local forward = { ["net.ipv4.ip_forward"] = 1, ["net.ipv6.conf.all.forwarding"] = 1 }
local client = net:host("client", { ip = "10.0.0.2/24", gateway = "10.0.0.1",
                                    ip6 = "fd00::2/64", gateway6 = "fd00::1" })
local router = net:host("router", { ip = { "10.0.0.1/24", "10.0.1.1/24" },
                                    ip6 = { "fd00::1/64", "fd00:0:0:1::1/64" },
                                    sysctl = forward })
local server = net:host("server", { ip = "10.0.1.2/24", gateway = "10.0.1.1",
                                    ip6 = "fd00:0:0:1::2/64", gateway6 = "fd00:0:0:1::1" })
net:link(client, router, { rate = "10Mbit", delay = "1ms" })
local narrow = net:link(router, server, { rate = "10Mbit", delay = "1ms", mtu = 1280 })

local lengths = {}
server:app("sink", function(app)
  local s = app:socket("udp")
  s:bind(7)
  while true do lengths[#lengths + 1] = #s:recvfrom() end
end)

local cut, told = { client = 0, router = 0 }, {}
net:on("frame_step", function(ev)
  if ev.step == "ip-cut" then cut[ev.host] = cut[ev.host] + 1 end
end)
net:on("frame_tx", function(ev) told[ev.why] = (told[ev.why] or 0) + 1 end)

local text = ("All work and no play makes Jack a dull boy. "):rep(80):sub(1, 3000)

client:app("sender", function(app)
  local s = app:socket("udp")
  expect(s:sendto(text, "10.0.1.2", 7))
  app:sleep("100ms")
  expect(#lengths == 1 and lengths[1] == 3000, "put together, it is whole")
  expect(cut.client == 3 and cut.router == 4, "three fragments; two of them were cut again")

  app:note("over IPv6, where routers never cut")
  local six = app:socket("udp")
  six:sendto(text, "fd00:0:0:1::2", 7)
  app:sleep("100ms")
  expect(#lengths == 1 and told["too-big"] == 2, "what is too long dies there")
  six:sendto(text, "fd00:0:0:1::2", 7)
  app:sleep("100ms")
  expect(#lengths == 2, "now the sender cuts small enough")
  expect(cut.router == 4, "and the router had nothing to cut")

  app:note("and one fragment is lost")
  narrow:drop{ from = router, filter = "ip[6:2] & 0x1fff != 0", count = 1 }
  s:sendto(text, "10.0.1.2", 7)
  app:sleep("59s")
  expect(#lengths == 2 and not told["reassembly-exceeded"], "the others still wait")
  app:sleep("2s")
  expect(told["reassembly-exceeded"] == 1, "after a minute the receiver gives up, and says so")
end)

net:run("70s")
