-- six.lua - the same two connections over IPv6, with names as long as people give them.
local net    = netglass.network{ seed = 9 }
local laptop = net:host("margarets-laptop", { ip6 = "2001:db8:cafe:1::23/64" })
local server = net:host("storage-node-0017", { ip6 = "2001:db8:cafe:1::8080/64" })
net:link(laptop, server, { rate = "1Gbit", delay = "250us" })

server:app("object-storage-gateway", function(app)
  local listener = app:socket("tcp")
  listener:bind(8443)
  listener:listen(16)
  for _ = 1, 2 do
    local conn = listener:accept()
    app:spawn(function() conn:write("stored " .. #conn:read(65536)) conn:close() end)
  end
end)

for number = 1, 2 do
  laptop:app("backup-agent-" .. number, function(app)
    local s = app:socket("tcp")
    s:connect("2001:db8:cafe:1::8080", 8443)
    s:write(("block " .. number .. " "):rep(300))
    s:read(100)
    s:close()
  end)
end

net:run("2s")
