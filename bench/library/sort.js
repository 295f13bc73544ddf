let seed = 42;
const numbers = [];
for (let i = 0; i < 1000000; i++) {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  numbers.push(seed);
}
const start = performance.now();
numbers.sort((a, b) => a - b);
const elapsed = performance.now() - start;
console.log(numbers[0], numbers[500000], numbers.at(-1));
console.log('elapsed_ms', elapsed);
