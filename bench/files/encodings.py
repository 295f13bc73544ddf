import base64
import sys
import time

text = open(sys.argv[1], encoding="utf-8").read()[:10000000]
start = time.perf_counter()
encoded = base64.b64encode(text.encode()).decode()
decoded = base64.b64decode(encoded).decode()
hexed = text.encode().hex()
back = bytes.fromhex(hexed).decode()
elapsed = time.perf_counter() - start
print(len(encoded), len(hexed), str(decoded == text).lower(), str(back == text).lower())
print("elapsed_ms", 1000 * elapsed)
