-- dhcp-lease.lua - an address on loan: asked for, checked, used, renewed, and given up.
--
-- What to look at:
--   The client has no address and knows nobody: it sends from 0.0.0.0 to everyone. DISCOVER asks
--   who has an address to lend, OFFER names one, REQUEST takes it (all hear which offer was taken),
--   ACK says for how long, and through which router and name server the world is reached.
--   Before it uses the address the client asks by ARP whether anybody has it: three probes, and
--   nobody answers. Only then is it its own, and is announced.
--   At half of the time it asks its server for more, at 7/8 anybody who hears it. Here the server
--   has lost its voice by then: when the time is over, the client gives the address up.
local net    = netglass.network{ seed = 11 }
local server = net:host("server", { ip = "10.0.0.1/24" })
local client = net:host("client", { dhcp = true,
                                    sysctl = { ["net.ipv4.conf.all.addr_probe"] = 1 } })
net:link(client, server, { delay = "1ms" })

local DISCOVER, OFFER, REQUEST, ACK = "\1", "\2", "\3", "\5"
local here, lent = "\10\0\0\1", "\10\0\0\50"
local function option(number, value) return string.pack("B s1", number, value) end

-- The answer is the question with other fields; see RFC 2131, figure 1, and RFC 2132.
local function answer(question, kind)
  return "\2\1\6\0" .. question:sub(5, 12) .. "\0\0\0\0" .. lent .. ("\0"):rep(8)
      .. question:sub(29, 44) .. ("\0"):rep(192) .. "\x63\x82\x53\x63"
      .. option(53, kind) .. option(54, here) .. option(51, string.pack(">I4", 60))
      .. option(1, "\255\255\255\0") .. option(3, here) .. option(6, here) .. "\255"
end

local heard = {}
server:app("dhcpd", function(app)
  local s = app:socket("udp")
  expect(s:bind(67) and s:set("broadcast", true))
  while true do
    local question, who = s:recvfrom()
    local kind = question:match("\53\1(.)", 241)  -- option 53, one byte long
    heard[#heard + 1] = kind .. " " .. who
    local to = who:match("^0%.") and "255.255.255.255:68" or who
    if app:now() < 35 then s:sendto(answer(question, kind == DISCOVER and OFFER or ACK), to) end
  end
end)

client:app("user", function(app)
  while not client:lease() do app:sleep("100ms") end
  local lease = client:lease()
  expect(lease.addr == "10.0.0.50" and lease.bits == 24 and lease.seconds == 60)
  expect(lease.gateway == "10.0.0.1" and lease.dns == "10.0.0.1")
  expect(app:ping("10.0.0.1"), "the address is good for something")
end)

local probes, given = 0, {}
net:on("frame_tx", function(ev) if ev.why == "addr-probe" then probes = probes + 1 end end)
net:on("addr_state", function(ev) given[#given + 1] = ev.from .. "-" .. ev.to end)

net:run("40s")
expect(probes == 3, "is anybody called so?")
expect(heard[1] == DISCOVER .. " 0.0.0.0:68" and heard[2] == REQUEST .. " 0.0.0.0:68")
expect(heard[3] == REQUEST .. " 10.0.0.50:68" and #heard == 3, "half of the time is over")
net:run("70s")
expect(#heard > 4, "it asked its server for more, and then everybody")
expect(client:lease() == nil, "without an answer, it is over")
