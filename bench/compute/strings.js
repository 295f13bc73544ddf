function rot13(text) {
  let out = '';
  for (const c of text) {
    const code = c.charCodeAt(0);
    if (code >= 97 && code <= 122) {
      out += String.fromCharCode(((code - 97 + 13) % 26) + 97);
    } else if (code >= 65 && code <= 90) {
      out += String.fromCharCode(((code - 65 + 13) % 26) + 65);
    } else {
      out += c;
    }
  }
  return out;
}

function run(count) {
  const lines = [];
  for (let i = 0; i < count; i++) {
    const line = '10.0.' + (i % 256) + '.' + ((i * 7) % 256) + ' GET /Item/' + i + ' ' + (200 + (i % 5) * 100);
    lines.push(rot13(line));
  }
  const text = lines.join('\n');
  let errors = 0;
  let length = 0;
  for (const line of text.split('\n')) {
    const parts = rot13(line).split(' ');
    if (parts[3].startsWith('5')) errors++;
    length += parts[2].length;
  }
  console.log(text.length, errors, length, text.substring(0, 20).toUpperCase());
}

const start = performance.now();
run(60000);
console.log('elapsed_ms', performance.now() - start);
