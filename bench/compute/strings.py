import time


def rot13(text):
    out = ""
    for c in text:
        code = ord(c)
        if 97 <= code <= 122:
            out += chr((code - 97 + 13) % 26 + 97)
        elif 65 <= code <= 90:
            out += chr((code - 65 + 13) % 26 + 65)
        else:
            out += c
    return out


def run(count):
    lines = []
    for i in range(count):
        lines.append(rot13(f"10.0.{i % 256}.{i * 7 % 256} GET /Item/{i} {200 + i % 5 * 100}"))
    text = "\n".join(lines)
    errors = 0
    length = 0
    for line in text.split("\n"):
        parts = rot13(line).split(" ")
        if parts[3].startswith("5"):
            errors += 1
        length += len(parts[2])
    print(len(text), errors, length, text[0:20].upper())


start = time.perf_counter()
run(60000)
print("elapsed_ms", (time.perf_counter() - start) * 1000)
