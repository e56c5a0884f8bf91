local t = setmetatable({b = 1, a = 2, [1] = 3}, {__index = function(_, k) return k end})
for k, v in pairs(t) do net:note(tostring(k) .. tostring(v)) end
table.sort(t, function(x, y) return x > y end)
print(math.random(3), ("%5d %s"):format(7, t), next(t))
local ok, e = pcall(error, {})
local f = load("return 1") expect(f() == 1, "one") t[f] = nil
for w in ("a b c"):gmatch("%a") do net:note(w) end
