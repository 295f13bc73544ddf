function primesBelow(limit) {
  const composite = [false, false];
  for (let i = 2; i < limit; i++) composite.push(false);
  let count = 0;
  let last = 0;
  for (let i = 2; i < limit; i++) {
    if (composite[i]) continue;
    count++;
    last = i;
    for (let j = i * i; j < limit; j += i) composite[j] = true;
  }
  return [count, last];
}

const start = performance.now();
const [count, last] = primesBelow(4000000);
console.log(count, last);
console.log('elapsed_ms', performance.now() - start);
