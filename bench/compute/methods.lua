local function circle(radius)
  return {
    name = "circle",
    area = function() return radius * radius * 3 end,
    grow = function(by) radius = radius + by end,
  }
end

local function box(width, height)
  return {
    name = "box",
    area = function() return width * height end,
    grow = function(by)
      width = width + by
      height = height + by
    end,
  }
end

local function stack()
  local items = {}
  return {
    push = function(x) items[#items + 1] = x end,
    pop = function() return table.remove(items) end,
    size = function() return #items end,
  }
end

local function shapes(turns)
  local list = {}
  for i = 0, 99 do list[#list + 1] = i % 2 == 0 and circle(i) or box(i, i + 1) end
  local total = 0
  for turn = 0, turns - 1 do
    for _, shape in ipairs(list) do
      total = (total + shape.area()) % 1000003
      if turn % 8 == 0 then shape.grow(1) end
    end
  end
  return total
end

local function stacks(turns)
  local s = stack()
  local sum = 0
  for i = 0, turns - 1 do
    s.push(i)
    if i % 3 == 2 then sum = sum + s.pop() end
  end
  return sum + s.size()
end

local start = os.clock()
print(shapes(40000), stacks(3000000))
print("elapsed_ms", (os.clock() - start) * 1000)
