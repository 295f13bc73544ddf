# The same as client.sn with aiohttp.
import asyncio, sys, time
import aiohttp

url, each = sys.argv[1], int(sys.argv[2])

async def measure(session, count):
    async def worker():
        size = 0
        for _ in range(count):
            async with session.get(url) as answer:
                size += len(await answer.text())
        return size
    return sum(await asyncio.gather(*(worker() for _ in range(50))))

async def main():
    async with aiohttp.ClientSession() as session:
        await measure(session, 20)
        start = time.perf_counter()
        size = await measure(session, each)
        print(size)
        print("elapsed_ms", (time.perf_counter() - start) * 1000)

asyncio.run(main())
