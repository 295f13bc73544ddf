import time

start = time.perf_counter()
total = 0
for a in range(1, 601):
    for b in range(a, 601):
        for c in range(b, 601):
            if (a * a + b * b) % 7 == c % 5:
                total += a + b - c
rounds = 0
n = 0
while n < 6000000:
    n += 1
    left = n
    while left % 2 == 0:
        left = left // 2
        rounds += 1
print(total, rounds)
print("elapsed_ms", (time.perf_counter() - start) * 1000)
