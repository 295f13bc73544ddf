import time


def grow(depth):
    if depth == 0:
        return {"left": None, "right": None}
    return {"left": grow(depth - 1), "right": grow(depth - 1)}


def count(tree):
    if tree["left"] is None:
        return 1
    return 1 + count(tree["left"]) + count(tree["right"])


def run(max_depth):
    kept = grow(max_depth)
    for depth in range(4, max_depth + 1, 4):
        rounds = 1 << (max_depth - depth + 4)
        nodes = 0
        for _ in range(rounds):
            nodes += count(grow(depth))
        print(rounds, "trees of depth", depth, "have", nodes)
    print("kept", count(kept))


start = time.perf_counter()
run(16)
print("elapsed_ms", (time.perf_counter() - start) * 1000)
