import hashlib
import sys
import time

start = time.perf_counter()
digest = hashlib.sha256()
with open(sys.argv[2], "rb") as file:
    while piece := file.read(1 << 20):
        digest.update(piece)
elapsed = time.perf_counter() - start
print(digest.hexdigest())
print("elapsed_ms", 1000 * elapsed)
