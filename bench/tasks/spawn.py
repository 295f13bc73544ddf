import asyncio
import time


async def work(n):
    await asyncio.sleep(0)
    return n % 10


async def main():
    start = time.perf_counter()
    total = 0
    for i in range(1, 100001):
        total += await asyncio.create_task(work(i))
    print(total)
    print("one_by_one_ms", (time.perf_counter() - start) * 1000)

    again = time.perf_counter()
    tasks = [asyncio.create_task(work(i)) for i in range(1, 100001)]
    print(sum(await asyncio.gather(*tasks)))
    print("all_at_once_ms", (time.perf_counter() - again) * 1000)


asyncio.run(main())
