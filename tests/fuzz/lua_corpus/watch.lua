local n = 0 net:on("*", function(ev) n = n + 1 end) net:on("tcp_state", print)
net:breakpoint(function(ev) return ev.type == "note" and n > 3 end)
cable:drop{from = a, filter = "tcp", skip = 1, count = 2}
cable:set{delay = "3ms", jitter = "1ms", from = b}
net:at("10ms", function() cable:set{down = true, queue = "3p"} net:note("down") end)
a:app("x", function(app) app:sleep("5ms") local s = app:socket("tcp") s:set("nodelay", true)
  s:connect("10.0.0.2:1")
  print(s:info().state, s:get("rcvbuf"), s:local_name(), s:peer_name()) s:abort() end)
net:run("1s") net:run("1s")
