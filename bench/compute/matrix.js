function make(size, seed) {
  const rows = [];
  for (let i = 0; i < size; i++) {
    const row = [];
    for (let j = 0; j < size; j++) {
      row.push(((i * seed + j * 7) % 11) - 5.5);
    }
    rows.push(row);
  }
  return rows;
}

function multiply(a, b) {
  const size = a.length;
  const result = [];
  for (let i = 0; i < size; i++) {
    const row = [];
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += a[i][k] * b[k][j];
      row.push(sum);
    }
    result.push(row);
  }
  return result;
}

const start = performance.now();
const size = 280;
const product = multiply(multiply(make(size, 3), make(size, 5)), make(size, 8));
let trace = 0;
for (let i = 0; i < size; i++) trace += product[i][i];
console.log(trace, product[17][42]);
console.log('elapsed_ms', performance.now() - start);
