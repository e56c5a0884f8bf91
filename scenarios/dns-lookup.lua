-- dns-lookup.lua - a name becomes an address: what connect("www.example", 80) does first.
--
-- What to look at:
--   The program only says a name. The resolver, an app of its own on the same host, asks the name
--   server twice at once: for an IPv6 address (AAAA) and for an IPv4 one (A). Each question goes
--   out from a new port with a random number, so that a stranger has both to guess.
--   www.example is but another name of server.example (CNAME): the answer says so, and has the
--   addresses too. The best comes first, and connect() tries them in that order.
--   A lost answer is asked for again after five seconds: UDP sends nothing twice.
--   Forty addresses do not fit into a datagram of 512 bytes: the answer comes without them, and
--   bears a mark ("truncated"). The same question then goes over TCP, with its length before it.
local six    = param.ip6 ~= nil  -- -D ip6=1: the name server is asked by IPv6
local net    = netglass.network{ seed = 12 }
local client = net:host("client", { ip = "10.0.0.1/24", ip6 = "2001:db8::1/64",
                                    dns = six and "2001:db8::2" or "10.0.0.2" })
local server = net:host("server", { ip = "10.0.0.2/24", ip6 = "2001:db8::2/64" })
local cable  = net:link(client, server, { delay = "1ms" })

-- --- a name server, and its zone --------------------------------------------------------------
local A, CNAME, AAAA = 1, 5, 28
local function bytes(address)
  return (address:gsub("(%d+)%.?", function(n) return string.char(n) end))
end
local function encode(name)
  return name:gsub("([^.]+)%.?", function(label) return string.pack("s1", label) end) .. "\0"
end
local zone = {
  ["server.example"] = { [A] = { bytes("10.0.0.2") },
                         [AAAA] = { "\x20\x01\x0d\xb8" .. ("\0"):rep(11) .. "\2" } },
  ["www.example"]    = { [CNAME] = { encode("server.example") } },
  ["many.example"]   = { [A] = {} },
}
for n = 1, 40 do zone["many.example"][A][n] = bytes("10.0.1." .. n) end

local function answer(question, longest)
  local labels, at = {}, 13
  while question:byte(at) > 0 do labels[#labels + 1], at = string.unpack("s1", question, at) end
  local name, kind = table.concat(labels, "."), string.unpack(">I2", question, at + 1)
  local records, count = "", 0
  local function add(owner, what)
    for _, data in ipairs((zone[owner] or {})[what] or {}) do
      records = records .. encode(owner) .. string.pack(">I2I2I4s2", what, 1, 60, data)
      count = count + 1
    end
  end
  add(name, CNAME)
  add(name == "www.example" and "server.example" or name, kind)
  local flags = zone[name] and 0x8180 or 0x8183  -- an answer; or an answer, and: no such name
  if 12 + #question + #records > longest then records, count, flags = "", 0, flags | 0x200 end
  return question:sub(1, 2) .. string.pack(">I2I2I2I2I2", flags, 1, count, 0, 0)
      .. question:sub(13, at + 4) .. records
end

server:app("named", function(app)
  app:spawn(function()
    local listener = app:socket("tcp")
    listener:bind(53)
    listener:listen()
    while true do
      local s = listener:accept()
      local question = s:read_all((string.unpack(">I2", s:read_all(2))))
      s:write(string.pack(">s2", answer(question, 65535)))
      s:close()
    end
  end)
  local s = app:socket("udp")
  s:bind(53)
  while true do
    local question, who = s:recvfrom()
    s:sendto(answer(question, 512), who)
  end
end)

server:app("web", function(app)
  local listener = app:socket("tcp")
  listener:bind(80)
  listener:listen()
  while true do listener:accept():close() end
end)

-- --- and one who only knows names -------------------------------------------------------------
client:app("browser", function(app)
  local s = app:socket("tcp")
  expect(s:connect("www.example", 80))
  expect(s:peer_name() == "[2001:db8::2]:80", "the server was found, over IPv6")
  s:close()
  local list, real = app:resolve("www.example")
  expect(list[1] == "2001:db8::2" and list[2] == "10.0.0.2" and real == "server.example")

  local none, why = app:resolve("nobody.example")
  expect(none == nil and why == "NXDOMAIN")

  app:note("an answer is lost")
  local before = app:now()
  cable:drop{ from = server, filter = "udp src port 53", count = 1 }
  expect(app:resolve("server.example", "ip4")[1] == "10.0.0.2")
  expect(app:now() - before > 5 and app:now() - before < 5.1, "patience, and a second question")

  app:note("an answer too long for a datagram")
  local many = app:resolve("many.example", "ip4")
  expect(#many == 16, "as many as a resolver keeps")
end)

local streams = 0
net:on("sock_name", function(ev)
  local tcp = six and "[2001:db8::2]:53" or "10.0.0.2:53"
  if ev.host == "server" and ev["local"] == tcp then streams = streams + 1 end
end)
net:run("20s")
expect(streams == 1, "one question went over TCP")
