function fib(n) {
  if (n < 2) return n;
  return fib(n - 1) + fib(n - 2);
}

const start = performance.now();
console.log(fib(36));
console.log('elapsed_ms', performance.now() - start);
