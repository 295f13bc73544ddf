import os
import sys
import time

path, _, out = sys.argv[1:]
start = time.perf_counter()
with open(path, encoding="utf-8", errors="surrogateescape") as file:
    text = file.read()
with open(out + ".tmp", "w", encoding="utf-8", errors="surrogateescape") as file:
    file.write(text)
os.rename(out + ".tmp", out)
elapsed = time.perf_counter() - start
print(len(text), os.stat(out).st_size)
print("elapsed_ms", 1000 * elapsed)
