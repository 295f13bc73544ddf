local function rot13(text)
  local out = {}
  for i = 1, #text do
    local code = text:byte(i)
    if code >= 97 and code <= 122 then
      out[i] = string.char((code - 97 + 13) % 26 + 97)
    elseif code >= 65 and code <= 90 then
      out[i] = string.char((code - 65 + 13) % 26 + 65)
    else
      out[i] = text:sub(i, i)
    end
  end
  return table.concat(out)
end

local function run(count)
  local lines = {}
  for i = 0, count - 1 do
    lines[#lines + 1] = rot13("10.0." .. i % 256 .. "." .. i * 7 % 256 .. " GET /Item/" .. i .. " " .. 200 + i % 5 * 100)
  end
  local text = table.concat(lines, "\n")
  local errors, length = 0, 0
  for line in text:gmatch("[^\n]+") do
    local parts = {}
    for part in rot13(line):gmatch("[^ ]+") do parts[#parts + 1] = part end
    if parts[4]:sub(1, 1) == "5" then errors = errors + 1 end
    length = length + #parts[3]
  end
  print(#text, errors, length, text:sub(1, 20):upper())
end

local start = os.clock()
run(60000)
print("elapsed_ms", (os.clock() - start) * 1000)
