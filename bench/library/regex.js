const text = '10.0.0.7 - GET /index.html 200 1234\n'.repeat(290000);
const rows = text.split('\n').slice(0, -1);
function matching(rows) {
  let count = 0;
  for (const row of rows) if (/^(\d{1,3}\.){3}\d{1,3} - GET/u.test(row)) count++;
  return count;
}
const start = performance.now();
const found = text.match(/\d+\.\d+/gu);
const changed = text.replace(/(\w+)\.html/gu, '$1.htm');
const count = matching(rows);
const elapsed = performance.now() - start;
console.log(found.length, found[3], changed.length, count);
console.log('elapsed_ms', elapsed);
