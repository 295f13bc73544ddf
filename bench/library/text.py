import time

text = "GET /index.html 200 1234\n" * 420000
start = time.perf_counter()
loud = text.upper()
changed = text.replace("index", "start page")
lines = text.splitlines()
elapsed = (time.perf_counter() - start) * 1000
print(len(loud), loud[5:10], len(changed), changed[5:15], len(lines), lines[9])
print("elapsed_ms", elapsed)
