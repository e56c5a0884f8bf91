-- two-connections.lua - two connections to one server port: what accept() gives.
--
-- What to look at:
--   accept() returns a NEW socket each time. The listener (fd 3) stays what it was and keeps
--   listening; the connections are fd 4 and fd 5. No new port is opened: all three share port 80.
--   A segment finds its socket by four numbers: both addresses and both ports. Here three of the
--   four are equal, and only the client's port tells the two connections apart.
--   A descriptor means something inside its own process only. The connection that is fd 3 for the
--   client is fd 4 for the web server, and the mail server next to it has an fd 3 of its own.
local six    = param.ip6 ~= nil          -- -D ip6=1: the same by IPv6
local there  = six and "fd00::2" or "10.0.0.2"
local name   = six and "[fd00::2]" or there
local net    = netglass.network{ seed = 7 }
local client = net:host("client", six and { ip6 = "fd00::1/64" } or { ip = "10.0.0.1/24" })
local server = net:host("server", six and { ip6 = "fd00::2/64" } or { ip = "10.0.0.2/24" })
net:link(client, server, { rate = "100Mbit", delay = "10us" })

server:app("smtpd", function(app)
  local listener = app:socket("tcp")
  expect(listener:fd() == 3)
  listener:bind(25)
  listener:listen(5)
  listener:accept()                    -- nobody ever comes here
end)

server:app("httpd", function(app)
  local listener = app:socket("tcp")
  expect(listener:fd() == 3, "fd 3 again: another process, another table")
  listener:bind(80)
  listener:listen(5)
  for number = 4, 5 do
    local conn, peer = listener:accept()
    expect(conn:fd() == number, "a new socket with a number of its own")
    expect(conn:local_name() == name .. ":80", "and the same port as the listener")
    expect(conn:peer_name() == peer)
    app:spawn(function()
      local request = conn:read(1000)
      conn:write("you asked for " .. request:match("GET (%S+)"))
      conn:read(1000)                  -- nothing: the browser is done
      conn:close()
    end)
  end
  expect(listener:info().state == "LISTEN", "the listener is what it was")
end)

client:app("browser", function(app)
  local one, two = app:socket("tcp"), app:socket("tcp")
  expect(one:fd() == 3 and two:fd() == 4)
  expect(one:connect(there, 80))
  expect(two:connect(there, 80))
  expect(one:peer_name() == two:peer_name(), "both go to the same port")
  expect(one:local_name() ~= two:local_name(), "from different ones")
  one:write("GET /one\r\n")
  two:write("GET /two\r\n")
  expect(two:read(1000) == "you asked for /two", "no answer went to the wrong socket")
  expect(one:read(1000) == "you asked for /one")
  one:close()
  two:close()
end)

net:run("1s")
