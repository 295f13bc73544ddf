import time

text = "GET /index.html 200 1234\n" * 200000


def count_lines(text):
    lines = 0
    for i in range(len(text)):
        if text[i] == "\n":
            lines += 1
    return lines


def parts(text):
    found = 0
    for i in range(0, len(text) - 24, 25):
        if text[i + 5 : i + 10] == "index":
            found += 1
    return found


start = time.perf_counter()
lines = count_lines(text)
found = parts(text)
elapsed = (time.perf_counter() - start) * 1000
print(lines, found)
print("elapsed_ms", elapsed)
