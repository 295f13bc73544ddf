import math
import time


def evaluate(text):
    at = 0

    def skip():
        nonlocal at
        while at < len(text) and text[at] == " ":
            at += 1

    def number():
        nonlocal at
        value = 0
        while at < len(text) and "0" <= text[at] <= "9":
            value = value * 10 + ord(text[at]) - 48
            at += 1
        skip()
        return value

    def factor():
        nonlocal at
        if text[at] == "(":
            at += 1
            skip()
            value = total()
            at += 1
            skip()
            return value
        return number()

    def product():
        nonlocal at
        value = factor()
        while at < len(text) and text[at] == "*":
            at += 1
            skip()
            value = int(math.fmod(value * factor(), 1000003))
        return value

    def total():
        nonlocal at
        value = product()
        while at < len(text) and (text[at] == "+" or text[at] == "-"):
            plus = text[at] == "+"
            at += 1
            skip()
            value = value + product() if plus else value - product()
        return value

    skip()
    return total()


start = time.perf_counter()
result = 0
for i in range(60000):
    text = f"(12 + {i}) * 3 - (4 * (5 + {i * 7})) + 6 * (7 - 8) * 99 + ((1 + 2) * (3 + 4))"
    result = int(math.fmod(result + evaluate(text), 1000003))
print(result)
print("elapsed_ms", (time.perf_counter() - start) * 1000)
