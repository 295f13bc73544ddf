const text = 'GET /index.html 200 1234\n'.repeat(200000);
function countLines(text) {
  let lines = 0;
  for (let i = 0; i < text.length; i++) if (text[i] === '\n') lines++;
  return lines;
}
function parts(text) {
  let found = 0;
  for (let i = 0; i + 25 <= text.length; i += 25) if (text.substring(i + 5, i + 10) === 'index') found++;
  return found;
}
const start = performance.now();
const lines = countLines(text);
const found = parts(text);
const elapsed = performance.now() - start;
console.log(lines, found);
console.log('elapsed_ms', elapsed);
