const keys = [];
for (let i = 0; i < 50000; i++) keys.push('host-' + ((i * 7919) % 50000));
function update(m) {
  for (let i = 0; i < 1000000; i++) {
    const key = keys[(i * 31) % 50000];
    m.set(key, (m.get(key) ?? 0) + i);
  }
}
const start = performance.now();
const m = new Map();
update(m);
const elapsed = performance.now() - start;
console.log(m.size, m.get('host-0'), m.get('host-49999'));
console.log('elapsed_ms', elapsed);
