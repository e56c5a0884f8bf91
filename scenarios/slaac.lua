-- slaac.lua - an address of one's own making: a router tells the prefix, the host adds the rest.
--
-- What to look at:
--   The client has no address, and there is no server to lend one (compare with dhcp-lease). It
--   makes a name that is good on this link only (fe80::...), asks whether anybody has it already,
--   and solicits routers. The router's advertisement says: I am a way out, and these 64 bits are
--   the prefix of this link.
--   To the prefix the client adds 64 bits of its own, made from a secret (RFC 7217): the same on
--   this link each time, another one on each other link. It asks for that name as well; silence for
--   a second means that it is free. Nobody else keeps a list.
--   The names live as long as the router says so, and it says so again and again. Then its voice is
--   lost: the name becomes deprecated - good for what is open, not for anything new - and vanishes.
local net    = netglass.network{ seed = 8 }
local router = net:host("router", { ip6 = { "2001:db8:1::1/64", "2001:db8:2::1/64" }, sysctl = {
                                    ["net.ipv6.conf.all.forwarding"] = 1,
                                    ["netglass.router_advert"] = 10,
                                    ["netglass.router_prefix_preferred"] = 30,
                                    ["netglass.router_prefix_valid"] = 60 } })
local client = net:host("client", { slaac = true,
                                    sysctl = { ["net.ipv6.conf.all.accept_dad"] = 1 } })
local server = net:host("server", { ip6 = "2001:db8:2::2/64", gateway6 = "2001:db8:2::1" })

local life, when, sent = {}, {}, {}  -- of each of the client's addresses: what became of it
net:on("addr_state", function(ev)
  if ev.host ~= "client" then return end
  life[ev.addr] = (life[ev.addr] or ev.from) .. " " .. ev.to
  when[ev.to] = ev.at
end)
net:on("frame_tx", function(ev) sent[ev.why] = (sent[ev.why] or 0) + 1 end)
local function named(pattern)
  for address, states in pairs(life) do
    if address:match(pattern) then return address, states end
  end
end

local cable = net:link(client, router, { delay = "1ms" })
net:link(router, server, { delay = "1ms" })

client:app("user", function(app)
  local function ready(pattern) return (select(2, named(pattern)) or ""):match("PREFERRED$") end
  while not (ready("^fe80::") and ready("^2001:")) do app:sleep("100ms") end
  expect(app:ping("2001:db8:1::1"), "the address is good for something")
  expect(app:ping("2001:db8:2::2"), "and the router is the way out")
  local s = app:socket("udp")
  expect(s:connect("2001:db8:2::2", 9))
  expect(s:local_name():match("^%[(.*)%]") == named("^2001:db8:1:0:"), "new packets bear it")
end)

net:run("40s")
local _, near = named("^fe80::")
local _, far  = named("^2001:db8:1:0:")
expect(near == "NONE TENTATIVE PREFERRED" and far == near, "said again, it lives on")
expect(sent["router-advert"] >= 4 and sent["ndp-dad"] == 2)

cable:drop{ from = router, filter = "icmp6 and ip6[40] == 134", count = 100 }
net:run("70s")
_, far = named("^2001:db8:1:0:")
expect(far == "NONE TENTATIVE PREFERRED DEPRECATED NONE")
expect(when.DEPRECATED > 59 and when.DEPRECATED < 71, "30 s after the router's last word")
expect(when.NONE == when.DEPRECATED + 30, "then it is gone")
