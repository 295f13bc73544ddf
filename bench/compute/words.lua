local function make_text(count)
  local parts = { "al", "be", "ga", "de", "ep", "ze", "et", "th", "io", "ka" }
  local seed = 7
  local words = {}
  for _ = 1, count do
    seed = (seed * 3877 + 29573) % 139968
    local word = parts[seed % 10 + 1] .. parts[(seed >> 4) % 10 + 1]
    if seed % 3 > 0 then word = word .. parts[(seed >> 8) % 10 + 1] .. parts[seed % 7 + 1] end
    words[#words + 1] = word
  end
  return table.concat(words, " ")
end

local function count_words(text)
  local counts = {}
  for word in text:gmatch("[^ ]+") do counts[word] = (counts[word] or 0) + 1 end
  return counts
end

local start = os.clock()
local counts = count_words(make_text(800000))
local size, common, best = 0, 0, ""
for word, count in pairs(counts) do
  size = size + 1
  if count > 300 then common = common + 1 end
  if best == "" or count > counts[best] or count == counts[best] and word < best then best = word end
end
print(size, common, best, counts[best])
print("elapsed_ms", (os.clock() - start) * 1000)
