// The same with Node's own resolver.
const { Resolver } = require('node:dns').promises;
const resolver = new Resolver();
resolver.setServers(['127.0.0.1:53']);

async function ask(_none, t) {
  let sum = 0;
  for (let i = 0; i < 100; i++) {
    const [address] = await resolver.resolve4(`n${(t * 100 + i) % 256}.bench.test`);
    sum += Number(address.split('.')[3]);
  }
  return sum;
}

(async () => {
  await resolver.resolve4('n0.bench.test');
  for (let round = 0; round < 4; round++) {
    const start = performance.now();
    const sums = await Promise.all(Array.from({ length: 100 }, ask));
    console.log(
      10000,
      sums.reduce((a, b) => a + b, 0),
      performance.now() - start,
    );
  }
})();
