const element = (i, j) => 1 / (((i + j) * (i + j + 1)) / 2 + i + 1);

function times(vector) {
  const n = vector.length;
  const result = [];
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += element(i, j) * vector[j];
    result.push(sum);
  }
  return result;
}

function timesTransposed(vector) {
  const n = vector.length;
  const result = [];
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += element(j, i) * vector[j];
    result.push(sum);
  }
  return result;
}

function norm(n) {
  let u = [];
  for (let i = 0; i < n; i++) u.push(1);
  let v = null;
  for (let i = 0; i < 10; i++) {
    v = timesTransposed(times(u));
    u = timesTransposed(times(v));
  }
  let uv = 0;
  let vv = 0;
  for (let i = 0; i < n; i++) {
    uv += u[i] * v[i];
    vv += v[i] * v[i];
  }
  return Math.sqrt(uv / vv);
}

const start = performance.now();
console.log(norm(1000));
console.log('elapsed_ms', performance.now() - start);
