import time


def circle(radius):
    def area():
        return radius * radius * 3

    def grow(by):
        nonlocal radius
        radius += by

    return {"name": "circle", "area": area, "grow": grow}


def box(width, height):
    def area():
        return width * height

    def grow(by):
        nonlocal width, height
        width += by
        height += by

    return {"name": "box", "area": area, "grow": grow}


def stack():
    items = []
    return {"push": items.append, "pop": items.pop, "size": lambda: len(items)}


def shapes(turns):
    items = [circle(i) if i % 2 == 0 else box(i, i + 1) for i in range(100)]
    total = 0
    for turn in range(turns):
        for shape in items:
            total = (total + shape["area"]()) % 1000003
            if turn % 8 == 0:
                shape["grow"](1)
    return total


def stacks(turns):
    s = stack()
    total = 0
    for i in range(turns):
        s["push"](i)
        if i % 3 == 2:
            total += s["pop"]()
    return total + s["size"]()


start = time.perf_counter()
print(shapes(40000), stacks(3000000))
print("elapsed_ms", (time.perf_counter() - start) * 1000)
