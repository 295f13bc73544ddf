import time


def make(size, seed):
    return [[(i * seed + j * 7) % 11 - 5.5 for j in range(size)] for i in range(size)]


def multiply(a, b):
    size = len(a)
    result = []
    for i in range(size):
        row = []
        for j in range(size):
            total = 0
            for k in range(size):
                total += a[i][k] * b[k][j]
            row.append(total)
        result.append(row)
    return result


start = time.perf_counter()
size = 280
product = multiply(multiply(make(size, 3), make(size, 5)), make(size, 8))
trace = 0
for i in range(size):
    trace += product[i][i]
print(trace, product[17][42])
print("elapsed_ms", (time.perf_counter() - start) * 1000)
