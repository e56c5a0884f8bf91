-- million.lua - a million frames: four transfers share a link that loses some, for as long as it
-- takes. param.megabytes is what each sends.
local net    = netglass.network{ seed = 5 }
local client = net:host("client", { ip = "10.0.0.1/24" })
local server = net:host("server", { ip = "10.0.0.2/24" })
net:link(client, server, { rate = "1Gbit", delay = "2ms", loss = 0.001, queue = "400p" })

server:app("sink", function(app)
  local listener = app:socket("tcp")
  listener:bind(9000)
  listener:listen(8)
  for _ = 1, 4 do
    local conn = listener:accept()
    app:spawn(function() while conn:read(65536) do end conn:close() end)
  end
end)

local block = ("0123456789abcdef"):rep(4096)
for number = 1, 4 do
  client:app("source" .. number, function(app)
    local s = app:socket("tcp")
    s:set("maxseg", 256)
    s:connect("10.0.0.2", 9000)
    for _ = 1, 16 * tonumber(param.megabytes or 4) do s:write(block) end
    s:close()
  end)
end

net:run("1000s")
