-- group.lua - hears what is sent to two groups, and answers each to the group itself.
host:app("listener", function(app)
  local s = app:socket("udp")
  s:bind(5000)
  print("joined", s:set("join", "239.1.2.3"), s:set("join", "ff15::77", 1))
  while true do
    local text, who = s:recvfrom()
    print("heard", text, who)
    local group = who:match("%[") and "ff15::77" or "239.1.2.3"
    local out = app:socket("udp")
    out:set("multicast_loop", false)
    out:sendto("netglass heard: " .. text, group, 5001)
    out:close()
    if text == "leave" then
      print("left", s:set("leave", group))
    end
  end
end)
