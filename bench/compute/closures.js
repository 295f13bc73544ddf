const adder = (amount) => (x) => x + amount;

const compose = (f, g) => (x) => f(g(x));

function range(from, to) {
  const list = [];
  for (let i = from; i < to; i++) list.push(i);
  return list;
}

function pipeline(count) {
  let total = 0;
  for (let turn = 0; turn < count; turn++) {
    const limit = 100 + (turn % 50);
    const numbers = range(0, 200);
    total += numbers
      .map(compose(adder(turn % 10), (x) => x * 3))
      .filter((x) => x % 2 === 0 && x < limit * 4)
      .reduce((sum, x) => sum + x, 0);
  }
  return total;
}

function counter() {
  let n = 0;
  return () => {
    n += 1;
    return n;
  };
}

function tick(count) {
  const counters = range(0, 10).map(() => counter());
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += counters[i % 10]();
  }
  return sum;
}

const start = performance.now();
console.log(pipeline(40000), tick(4000000));
console.log('elapsed_ms', performance.now() - start);
