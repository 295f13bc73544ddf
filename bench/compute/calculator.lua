local function evaluate(text)
  local at = 1
  local sum

  local function skip()
    while at <= #text and text:sub(at, at) == " " do at = at + 1 end
  end

  local function number()
    local value = 0
    while at <= #text and text:sub(at, at) >= "0" and text:sub(at, at) <= "9" do
      value = value * 10 + text:byte(at) - 48
      at = at + 1
    end
    skip()
    return value
  end

  local function factor()
    if text:sub(at, at) == "(" then
      at = at + 1
      skip()
      local value = sum()
      at = at + 1
      skip()
      return value
    end
    return number()
  end

  local function product()
    local value = factor()
    while at <= #text and text:sub(at, at) == "*" do
      at = at + 1
      skip()
      value = math.fmod(value * factor(), 1000003)
    end
    return value
  end

  function sum()
    local value = product()
    while at <= #text and (text:sub(at, at) == "+" or text:sub(at, at) == "-") do
      local plus = text:sub(at, at) == "+"
      at = at + 1
      skip()
      if plus then value = value + product() else value = value - product() end
    end
    return value
  end

  skip()
  return sum()
end

local start = os.clock()
local total = 0
for i = 0, 59999 do
  local text = "(12 + " .. i .. ") * 3 - (4 * (5 + " .. i * 7 .. ")) + 6 * (7 - 8) * 99 + ((1 + 2) * (3 + 4))"
  total = math.fmod(total + evaluate(text), 1000003)
end
print(total)
print("elapsed_ms", (os.clock() - start) * 1000)
