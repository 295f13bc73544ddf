const text = 'GET /index.html 200 1234\n'.repeat(420000);
const start = performance.now();
const loud = text.toUpperCase();
const changed = text.replaceAll('index', 'start page');
const all = text.split(/\r?\n/);
all.pop();
const elapsed = performance.now() - start;
console.log(loud.length, loud.slice(5, 10), changed.length, changed.slice(5, 15), all.length, all[9]);
console.log('elapsed_ms', elapsed);
