import time


def element(i, j):
    return 1 / ((i + j) * (i + j + 1) // 2 + i + 1)


def times(vector):
    n = len(vector)
    result = []
    for i in range(n):
        total = 0
        for j in range(n):
            total += element(i, j) * vector[j]
        result.append(total)
    return result


def times_transposed(vector):
    n = len(vector)
    result = []
    for i in range(n):
        total = 0
        for j in range(n):
            total += element(j, i) * vector[j]
        result.append(total)
    return result


def norm(n):
    u = [1] * n
    v = None
    for _ in range(10):
        v = times_transposed(times(u))
        u = times_transposed(times(v))
    uv = vv = 0
    for a, b in zip(u, v):
        uv += a * b
        vv += b * b
    return (uv / vv) ** 0.5


start = time.perf_counter()
print(norm(1000))
print("elapsed_ms", (time.perf_counter() - start) * 1000)
