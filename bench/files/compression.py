import gzip
import sys
import time
import zlib

text = open(sys.argv[1], encoding="utf-8").read()[:30000000]
start = time.perf_counter()
packed = gzip.compress(text.encode(), 6)
back = gzip.decompress(packed).decode()
elapsed = time.perf_counter() - start
print(len(text), "true" if back == text else "false", zlib.crc32(back.encode()))
print("elapsed_ms", 1000 * elapsed)
