import sys
import time


def count(path):
    lines = 0
    characters = 0
    errors = 0
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            line = line.rstrip("\n")
            lines += 1
            characters += len(line)
            if " 500 " in line:
                errors += 1
    return lines, characters, errors


start = time.perf_counter()
lines, characters, errors = count(sys.argv[1])
elapsed = time.perf_counter() - start
print(lines, characters, errors)
print("elapsed_ms", 1000 * elapsed)
