import time


def mandelbrot(width, height, limit):
    inside = 0
    steps = 0
    for row in range(height):
        ci = 2 * row / height - 1
        for column in range(width):
            cr = 2 * column / width - 1.5
            zr = 0
            zi = 0
            n = 0
            while n < limit and zr * zr + zi * zi <= 4:
                zr, zi = zr * zr - zi * zi + cr, 2 * zr * zi + ci
                n += 1
            steps += n
            if n == limit:
                inside += 1
    return inside, steps


start = time.perf_counter()
print(*mandelbrot(800, 800, 100))
print("elapsed_ms", (time.perf_counter() - start) * 1000)
