import hashlib
import hmac
import time


def digests(count):
    last = "seed"
    for i in range(1, count + 1):
        last = hashlib.sha256((last + str(i)).encode()).hexdigest()
    return last


def macs(count):
    last = "seed"
    for _ in range(count):
        last = hmac.new(b"key", last.encode(), "sha256").hexdigest()
    return last


start = time.perf_counter()
a = digests(200000)
b = macs(100000)
elapsed = time.perf_counter() - start
print(a, b)
print("elapsed_ms", 1000 * elapsed)
