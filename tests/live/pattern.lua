-- What to look at: the applications of a scenario, on a host that lives in real time
-- (netglass up --run). They know every byte that should come, so they can say whether it did.
--
--   param.serve = PORT           serve: one line "send N" or "take N" a connection
--   param.peer  = ADDR:PORT      ask a server of the same kind there: first "send", then "take"
--   param.peer6                  ask it there every other time
--   param.size, param.times      bytes a transfer, and how often
local PERIOD = 65521
local parts, state = {}, 12345
for i = 1, PERIOD do
  state = (state * 1103515245 + 12345) & 0x7fffffff
  parts[i] = string.char(state >> 16 & 255)
end
local block = table.concat(parts)
local twice = block .. block

-- The n bytes of the endless pattern that stand at `at`, for n up to a period.
local function pattern(at, n)
  local from = at % PERIOD
  return twice:sub(from + 1, from + n)
end

local function send(s, size)
  local at = 0
  while at < size do
    local n = math.min(32768, size - at)
    if not s:write(pattern(at, n)) then return false end
    at = at + n
  end
  return true
end

-- How many bytes came, and whether each of them was the right one.
local function take(s, size)
  local at, intact = 0, true
  while at < size do
    local bytes = s:read(math.min(32768, size - at))
    if not bytes or #bytes == 0 then break end
    intact = intact and bytes == pattern(at, #bytes)
    at = at + #bytes
  end
  return at, intact
end

local function read_line(s)
  local line = ""
  while not line:find("\n") do
    local more = s:read(64)
    if not more or #more == 0 then return nil end
    line = line .. more
  end
  return line
end

local function serve_one(conn)
  local verb, size = (read_line(conn) or ""):match("^(%a+) (%d+)\n$")
  if verb == "send" then send(conn, tonumber(size)) end
  if verb == "take" then
    conn:write("go\n")
    local at, intact = take(conn, tonumber(size))
    conn:write(("%s %d\n"):format(intact and "intact" or "damaged", at))
  end
  conn:close()
end

if param.serve then
  host:app("server", function(app)
    local listener = app:socket("tcp")
    expect(listener:bind(tonumber(param.serve)))
    expect(listener:listen(16))
    while true do
      local conn = listener:accept()
      app:spawn(function() serve_one(conn) end)
    end
  end)
end

local function ask(app, peer, verb, size)
  local s = app:socket("tcp")
  expect(s:connect(peer))
  s:write(("%s %d\n"):format(verb, size))
  local good
  if verb == "send" then
    local at, intact = take(s, size)
    local more, why = s:read(1)  -- nil alone is the end
    good = at == size and intact and more == nil and why == nil
  else
    good = read_line(s) == "go\n" and send(s, size)
      and read_line(s) == ("intact %d\n"):format(size)
  end
  s:close()
  return good
end

if param.peer then
  local size, asked = tonumber(param.size), 0
  for _ = 1, tonumber(param.times or 1) do
    for _, verb in ipairs{"send", "take"} do
      asked = asked + 1
      local peer = asked % 2 == 0 and param.peer6 or param.peer
      host:app(verb, function(app)
        local good = ask(app, peer, verb, size)
        print(good and "intact" or "damaged", verb)
        expect(good)
      end)
    end
  end
end
