import time
from functools import reduce


def adder(amount):
    return lambda x: x + amount


def compose(f, g):
    return lambda x: f(g(x))


def pipeline(count):
    total = 0
    for turn in range(count):
        limit = 100 + turn % 50
        numbers = range(200)
        tripled = map(compose(adder(turn % 10), lambda x: x * 3), numbers)
        even = filter(lambda x: x % 2 == 0 and x < limit * 4, tripled)
        total += reduce(lambda sum, x: sum + x, even, 0)
    return total


def counter():
    n = 0

    def tick():
        nonlocal n
        n += 1
        return n

    return tick


def tick(count):
    counters = [counter() for _ in range(10)]
    total = 0
    for i in range(count):
        total += counters[i % 10]()
    return total


start = time.perf_counter()
print(pipeline(40000), tick(4000000))
print("elapsed_ms", (time.perf_counter() - start) * 1000)
