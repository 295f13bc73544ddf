const start = performance.now();
let total = 0;
for (let a = 1; a <= 600; a++) {
  for (let b = a; b <= 600; b++) {
    for (let c = b; c <= 600; c++) {
      if ((a * a + b * b) % 7 === c % 5) total += a + b - c;
    }
  }
}
let rounds = 0;
let n = 0;
while (n < 6000000) {
  n += 1;
  let left = n;
  while (left % 2 === 0) {
    left = left / 2;
    rounds += 1;
  }
}
console.log(total, rounds);
console.log('elapsed_ms', performance.now() - start);
