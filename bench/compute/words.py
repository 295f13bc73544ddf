import time


def make_text(count):
    parts = ["al", "be", "ga", "de", "ep", "ze", "et", "th", "io", "ka"]
    seed = 7
    words = []
    for _ in range(count):
        seed = (seed * 3877 + 29573) % 139968
        word = parts[seed % 10] + parts[(seed >> 4) % 10]
        if seed % 3 > 0:
            word += parts[(seed >> 8) % 10] + parts[seed % 7]
        words.append(word)
    return " ".join(words)


def count_words(text):
    counts = {}
    for word in text.split(" "):
        counts[word] = counts.get(word, 0) + 1
    return counts


start = time.perf_counter()
counts = count_words(make_text(800000))
common = 0
best = ""
for word, count in counts.items():
    if count > 300:
        common += 1
    if best == "" or count > counts[best] or count == counts[best] and word < best:
        best = word
print(len(counts), common, best, counts[best])
print("elapsed_ms", (time.perf_counter() - start) * 1000)
