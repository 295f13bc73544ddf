import time

seed = 42
numbers = []
for _ in range(1000000):
    # As a double computes it.
    seed = int((float(seed) * 1103515245.0 + 12345.0) % 2147483648.0)
    numbers.append(seed)
start = time.perf_counter()
numbers.sort()
elapsed = (time.perf_counter() - start) * 1000
print(numbers[0], numbers[500000], numbers[-1])
print("elapsed_ms", elapsed)
