import json
import time

row = '{"id":7,"host":"db-1.example","up":true,"load":[0.25,1.5],"tags":{"a":null,"b":"x\\ny"}}'
text = "[" + ",".join([row] * 100000) + "]"
start = time.perf_counter()
rows = json.loads(text)
back = json.dumps(rows, separators=(",", ":"))
elapsed = (time.perf_counter() - start) * 1000
print(len(rows), rows[99999]["host"], len(back), str(back == text).lower())
print("elapsed_ms", elapsed)
