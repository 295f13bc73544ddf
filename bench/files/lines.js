const { createReadStream } = require('node:fs');
const { createInterface } = require('node:readline');
async function count(path) {
  let lines = 0;
  let characters = 0;
  let errors = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    lines++;
    characters += line.length;
    if (line.includes(' 500 ')) errors++;
  }
  return [lines, characters, errors];
}
async function main() {
  const start = performance.now();
  const [lines, characters, errors] = await count(process.argv[2]);
  const elapsed = performance.now() - start;
  console.log(lines, characters, errors);
  console.log('elapsed_ms', elapsed);
}
main();
