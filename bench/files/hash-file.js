const { createHash } = require('node:crypto');
const { createReadStream } = require('node:fs');
const { pipeline } = require('node:stream/promises');
async function main() {
  const start = performance.now();
  const hash = createHash('sha256');
  await pipeline(createReadStream(process.argv[3], { highWaterMark: 1 << 20 }), hash);
  const digest = hash.digest('hex');
  const elapsed = performance.now() - start;
  console.log(digest);
  console.log('elapsed_ms', elapsed);
}
main();
