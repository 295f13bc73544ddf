local function primes_below(limit)
  local composite = {}
  for i = 0, limit - 1 do composite[i] = false end
  local count, last = 0, 0
  for i = 2, limit - 1 do
    if not composite[i] then
      count = count + 1
      last = i
      for j = i * i, limit - 1, i do composite[j] = true end
    end
  end
  return count, last
end

local start = os.clock()
print(primes_below(4000000))
print("elapsed_ms", (os.clock() - start) * 1000)
