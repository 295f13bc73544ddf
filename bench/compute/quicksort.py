import time


def numbers(count):
    result = []
    seed = 42
    for i in range(count):
        seed = (seed * 3877 + 29573) % 139968
        result.append(seed * 1000 + i % 1000)
    return result


def sort_between(items, low, high):
    while low < high:
        pivot = items[low + ((high - low) >> 1)]
        i = low
        j = high
        while i <= j:
            while items[i] < pivot:
                i += 1
            while items[j] > pivot:
                j -= 1
            if i <= j:
                items[i], items[j] = items[j], items[i]
                i += 1
                j -= 1
        if j - low < high - i:
            sort_between(items, low, j)
            low = i
        else:
            sort_between(items, i, high)
            high = j


def checksum(items):
    total = 0
    for i, x in enumerate(items):
        total = (total * 31 + x + i) % 1000003
    return total


start = time.perf_counter()
items = numbers(1000000)
sort_between(items, 0, len(items) - 1)
print(items[0], items[-1], checksum(items))
print("elapsed_ms", (time.perf_counter() - start) * 1000)
