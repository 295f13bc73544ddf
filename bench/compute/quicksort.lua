local function numbers(count)
  local list = {}
  local seed = 42
  for i = 0, count - 1 do
    seed = (seed * 3877 + 29573) % 139968
    list[#list + 1] = seed * 1000 + i % 1000
  end
  return list
end

local function sort_between(list, low, high)
  while low < high do
    local pivot = list[low + ((high - low) >> 1)]
    local i, j = low, high
    while i <= j do
      while list[i] < pivot do i = i + 1 end
      while list[j] > pivot do j = j - 1 end
      if i <= j then
        list[i], list[j] = list[j], list[i]
        i = i + 1
        j = j - 1
      end
    end
    if j - low < high - i then
      sort_between(list, low, j)
      low = i
    else
      sort_between(list, i, high)
      high = j
    end
  end
end

local function checksum(list)
  local sum = 0
  for i, x in ipairs(list) do sum = (sum * 31 + x + i - 1) % 1000003 end
  return sum
end

local start = os.clock()
local list = numbers(1000000)
sort_between(list, 1, #list)
print(list[1], list[#list], checksum(list))
print("elapsed_ms", (os.clock() - start) * 1000)
