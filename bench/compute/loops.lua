local start = os.clock()
local total = 0
for a = 1, 600 do
  for b = a, 600 do
    for c = b, 600 do
      if (a * a + b * b) % 7 == c % 5 then total = total + a + b - c end
    end
  end
end
local rounds = 0
local n = 0
while n < 6000000 do
  n = n + 1
  local left = n
  while left % 2 == 0 do
    left = left // 2
    rounds = rounds + 1
  end
end
print(total, rounds)
print("elapsed_ms", (os.clock() - start) * 1000)
