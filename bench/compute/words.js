function makeText(count) {
  const parts = ['al', 'be', 'ga', 'de', 'ep', 'ze', 'et', 'th', 'io', 'ka'];
  let seed = 7;
  const words = [];
  for (let i = 0; i < count; i++) {
    seed = (seed * 3877 + 29573) % 139968;
    let word = parts[seed % 10] + parts[(seed >> 4) % 10];
    if (seed % 3 > 0) word += parts[(seed >> 8) % 10] + parts[seed % 7];
    words.push(word);
  }
  return words.join(' ');
}

function countWords(text) {
  const counts = new Map();
  for (const word of text.split(' ')) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

const start = performance.now();
const counts = countWords(makeText(800000));
let common = 0;
let best = '';
for (const [word, count] of counts) {
  if (count > 300) common++;
  if (best === '' || count > counts.get(best) || (count === counts.get(best) && word < best)) best = word;
}
console.log(counts.size, common, best, counts.get(best));
console.log('elapsed_ms', performance.now() - start);
