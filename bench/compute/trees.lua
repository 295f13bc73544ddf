local function grow(depth)
  if depth == 0 then return { left = nil, right = nil } end
  return { left = grow(depth - 1), right = grow(depth - 1) }
end

local function count(tree)
  if tree.left == nil then return 1 end
  return 1 + count(tree.left) + count(tree.right)
end

local function run(max_depth)
  local kept = grow(max_depth)
  for depth = 4, max_depth, 4 do
    local rounds = 1 << (max_depth - depth + 4)
    local nodes = 0
    for _ = 1, rounds do nodes = nodes + count(grow(depth)) end
    print(rounds, "trees of depth", depth, "have", nodes)
  end
  print("kept", count(kept))
end

local start = os.clock()
run(16)
print("elapsed_ms", (os.clock() - start) * 1000)
