-- long.lua - twelve megabytes over a good link: more than a window takes in at once.
local net = netglass.network{ seed = 4 }
local left  = net:host("left",  { ip = "10.0.0.1/24" })
local right = net:host("right", { ip = "10.0.0.2/24" })
net:link(left, right, { rate = "1Gbit", delay = "1ms" })

right:app("sink", function(app)
  local listener = app:socket("tcp")
  listener:bind(9000)
  listener:listen(1)
  local conn, got = listener:accept(), 0
  for bytes in function() return conn:read(200000) end do got = got + #bytes end
  expect(got == 12000000)
end)

left:app("source", function(app)
  local s = app:socket("tcp")
  s:connect("10.0.0.2", 9000)
  local part = ("x"):rep(100000)
  for _ = 1, 120 do s:write(part) end
  s:close()
end)

net:run("60s")
