import time


def primes_below(limit):
    composite = [False, False]
    for i in range(2, limit):
        composite.append(False)
    count = 0
    last = 0
    for i in range(2, limit):
        if composite[i]:
            continue
        count += 1
        last = i
        for j in range(i * i, limit, i):
            composite[j] = True
    return count, last


start = time.perf_counter()
print(*primes_below(4000000))
print("elapsed_ms", (time.perf_counter() - start) * 1000)
