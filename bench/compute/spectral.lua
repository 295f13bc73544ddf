local function element(i, j)
  return 1 / ((i + j) * (i + j + 1) / 2 + i + 1)
end

local function times(vector)
  local n = #vector
  local result = {}
  for i = 0, n - 1 do
    local sum = 0
    for j = 0, n - 1 do sum = sum + element(i, j) * vector[j + 1] end
    result[#result + 1] = sum
  end
  return result
end

local function times_transposed(vector)
  local n = #vector
  local result = {}
  for i = 0, n - 1 do
    local sum = 0
    for j = 0, n - 1 do sum = sum + element(j, i) * vector[j + 1] end
    result[#result + 1] = sum
  end
  return result
end

local function norm(n)
  local u = {}
  for i = 1, n do u[i] = 1 end
  local v
  for _ = 1, 10 do
    v = times_transposed(times(u))
    u = times_transposed(times(v))
  end
  local uv, vv = 0, 0
  for i = 1, n do
    uv = uv + u[i] * v[i]
    vv = vv + v[i] * v[i]
  end
  return (uv / vv) ^ 0.5
end

local start = os.clock()
print(string.format("%.17g", norm(1000)))
print("elapsed_ms", (os.clock() - start) * 1000)
