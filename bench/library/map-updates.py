import time

keys = ["host-" + str(i * 7919 % 50000) for i in range(50000)]


def update(m):
    for i in range(1000000):
        key = keys[i * 31 % 50000]
        m[key] = m.get(key, 0) + i


start = time.perf_counter()
m = {}
update(m)
elapsed = (time.perf_counter() - start) * 1000
print(len(m), m["host-0"], m["host-49999"])
print("elapsed_ms", elapsed)
