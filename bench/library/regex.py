import re
import time

text = "10.0.0.7 - GET /index.html 200 1234\n" * 290000
rows = text.splitlines()


def matching(rows):
    pattern = re.compile(r"^(\d{1,3}\.){3}\d{1,3} - GET")
    count = 0
    for row in rows:
        if pattern.search(row):
            count += 1
    return count


start = time.perf_counter()
found = re.findall(r"\d+\.\d+", text)
changed = re.sub(r"(\w+)\.html", r"\1.htm", text)
count = matching(rows)
elapsed = (time.perf_counter() - start) * 1000
print(len(found), found[3], len(changed), count)
print("elapsed_ms", elapsed)
