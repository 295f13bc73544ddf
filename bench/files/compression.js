const { readFileSync } = require('node:fs');
const { promisify } = require('node:util');
const zlib = require('node:zlib');
async function main() {
  const text = readFileSync(process.argv[2], 'utf8').slice(0, 30000000);
  const start = performance.now();
  const packed = await promisify(zlib.gzip)(text);
  const back = (await promisify(zlib.gunzip)(packed)).toString();
  const elapsed = performance.now() - start;
  // The checksum stands in front of the length at the end of what was packed (RFC 1952, section 2.3.1).
  console.log(text.length, back === text, packed.readUInt32LE(packed.length - 8));
  console.log('elapsed_ms', elapsed);
}
main();
