const { readFile, rename, stat, writeFile } = require('node:fs/promises');
async function main() {
  const [path, , out] = process.argv.slice(2);
  const start = performance.now();
  const text = await readFile(path, 'utf8');
  await writeFile(`${out}.tmp`, text);
  await rename(`${out}.tmp`, out);
  const elapsed = performance.now() - start;
  console.log(text.length, (await stat(out)).size);
  console.log('elapsed_ms', elapsed);
}
main();
