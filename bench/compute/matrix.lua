local function make(size, seed)
  local rows = {}
  for i = 0, size - 1 do
    local row = {}
    for j = 0, size - 1 do row[#row + 1] = (i * seed + j * 7) % 11 - 5.5 end
    rows[#rows + 1] = row
  end
  return rows
end

local function multiply(a, b)
  local size = #a
  local result = {}
  for i = 1, size do
    local row = {}
    for j = 1, size do
      local sum = 0
      for k = 1, size do sum = sum + a[i][k] * b[k][j] end
      row[#row + 1] = sum
    end
    result[#result + 1] = row
  end
  return result
end

local start = os.clock()
local size = 280
local product = multiply(multiply(make(size, 3), make(size, 5)), make(size, 8))
local trace = 0
for i = 1, size do trace = trace + product[i][i] end
print(trace, product[18][43])
print("elapsed_ms", (os.clock() - start) * 1000)
