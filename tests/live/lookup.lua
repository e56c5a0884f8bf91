-- lookup.lua - asks for the names that a test's server knows, and connects to one by its name.
host:app("asker", function(app)
  while param.lease and not host:lease() do app:sleep("50ms") end
  while param.router and not app:resolve("server.example") do app:sleep("200ms") end
  local function look_up(name, family)
    local list, real = app:resolve(name, family)
    if list then table.sort(list) end
    print("found", name, family or "any", list and table.concat(list, " ") or "nil", real)
  end
  look_up("server.example")
  look_up("server.example", "ip6")
  look_up("www.example", "ip4")
  look_up("four.example", "ip6")
  look_up("nobody.example")
  local list = app:resolve("many.example", "ip4")
  print("many", list and #list)

  local s = app:socket("tcp")
  print("connect", s:connect("www.example", 8080))
  print("peer", s:peer_name())
  s:write("GET / HTTP/1.0\r\n\r\n")
  print("page", s:read_all(8))
  s:close()
end)
