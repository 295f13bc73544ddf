const text = 'GET /index.html 200 1234 '.repeat(420000);
const start = performance.now();
const pieces = text.split(' ');
const joined = pieces.join('_');
const elapsed = performance.now() - start;
console.log(pieces.length, joined.length, joined.slice(100, 120));
console.log('elapsed_ms', elapsed);
