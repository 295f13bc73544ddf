const { createHash, createHmac } = require('node:crypto');
function digests(count) {
  let last = 'seed';
  for (let i = 1; i <= count; i++)
    last = createHash('sha256')
      .update(last + i)
      .digest('hex');
  return last;
}
function macs(count) {
  let last = 'seed';
  for (let i = 1; i <= count; i++) last = createHmac('sha256', 'key').update(last).digest('hex');
  return last;
}
const start = performance.now();
const a = digests(200000);
const b = macs(100000);
const elapsed = performance.now() - start;
console.log(a, b);
console.log('elapsed_ms', elapsed);
