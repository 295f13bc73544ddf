local function adder(amount)
  return function(x) return x + amount end
end

local function compose(f, g)
  return function(x) return f(g(x)) end
end

local function map(list, f)
  local result = {}
  for i = 1, #list do result[i] = f(list[i]) end
  return result
end

local function filter(list, f)
  local result = {}
  for i = 1, #list do
    if f(list[i]) then result[#result + 1] = list[i] end
  end
  return result
end

local function reduce(list, f, first)
  local result = first
  for i = 1, #list do result = f(result, list[i]) end
  return result
end

local function range(from, to)
  local list = {}
  for i = from, to - 1 do list[#list + 1] = i end
  return list
end

local function pipeline(count)
  local total = 0
  for turn = 0, count - 1 do
    local limit = 100 + turn % 50
    local numbers = range(0, 200)
    local tripled = map(numbers, compose(adder(turn % 10), function(x) return x * 3 end))
    local even = filter(tripled, function(x) return x % 2 == 0 and x < limit * 4 end)
    total = total + reduce(even, function(sum, x) return sum + x end, 0)
  end
  return total
end

local function counter()
  local n = 0
  return function()
    n = n + 1
    return n
  end
end

local function tick(count)
  local counters = map(range(0, 10), function() return counter() end)
  local sum = 0
  for i = 0, count - 1 do sum = sum + counters[i % 10 + 1]() end
  return sum
end

local start = os.clock()
print(pipeline(40000), tick(4000000))
print("elapsed_ms", (os.clock() - start) * 1000)
