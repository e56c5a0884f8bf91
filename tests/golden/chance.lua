-- chance.lua - as much chance as fits: two runs with one seed must not differ in a byte.
local net = netglass.network{ seed = 11 }
local hub = net:host("hub", { ip = { "10.0.1.1/24", "10.0.2.1/24", "10.0.3.1/24" } })
local leaf, names = {}, {}
for i = 1, 3 do
  leaf[i] = net:host("leaf" .. i, { ip = ("10.0.%d.2/24"):format(i) })
  net:link(hub, leaf[i], { rate = "20Mbit", delay = "3ms", jitter = "2ms", loss = 0.05,
                           reorder = 0.05, duplicate = 0.03, corrupt = 0.02, queue = "40p" })
  names["leaf" .. i] = i
end

hub:app("sink", function(app)
  local listener = app:socket("tcp")
  listener:bind(80)
  listener:listen(10)
  while true do
    local conn, peer = listener:accept()
    app:spawn(function()
      local text = conn:read_all()
      conn:write(("%d bytes from %s"):format(#text, peer))
      conn:close()
    end)
  end
end)

for name, i in pairs(names) do
  leaf[i]:app(name, function(app)
    for _ = 1, 4 do
      app:sleep(math.random() / 10)
      local s = app:socket("tcp")
      local size = math.random(1, 60000)
      expect(s:connect(("10.0.%d.1"):format(i), 80))
      s:write(("x"):rep(size))
      s:shutdown("wr")
      expect(s:read_all():match("^" .. size .. " bytes"))
      s:close()
    end
  end)
end

local kinds = {}
net:on("*", function(ev) kinds[ev.type] = (kinds[ev.type] or 0) + 1 end)
net:run("120s")
for kind, n in pairs(kinds) do net:note(kind .. " " .. n) end
