local function mandelbrot(width, height, limit)
  local inside, steps = 0, 0
  for row = 0, height - 1 do
    local ci = 2 * row / height - 1
    for column = 0, width - 1 do
      local cr = 2 * column / width - 1.5
      local zr, zi, n = 0, 0, 0
      while n < limit and zr * zr + zi * zi <= 4 do
        zr, zi = zr * zr - zi * zi + cr, 2 * zr * zi + ci
        n = n + 1
      end
      steps = steps + n
      if n == limit then inside = inside + 1 end
    end
  end
  return inside, steps
end

local start = os.clock()
print(mandelbrot(800, 800, 100))
print("elapsed_ms", (os.clock() - start) * 1000)
