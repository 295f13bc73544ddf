import time

text = "GET /index.html 200 1234 " * 420000
start = time.perf_counter()
pieces = text.split(" ")
joined = "_".join(pieces)
elapsed = (time.perf_counter() - start) * 1000
print(len(pieces), len(joined), joined[100:120])
print("elapsed_ms", elapsed)
