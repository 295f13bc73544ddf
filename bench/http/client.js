/* global fetch */
// The same as client.sn: `undici` asks with undici.request, `fetch` with Node's fetch.
const [, , url, each, how] = process.argv;
const undici = how === 'undici' ? require('undici') : null;

async function ask() {
  if (undici === null) return (await (await fetch(url)).text()).length;
  return (await (await undici.request(url)).body.text()).length;
}

async function measure(count) {
  const worker = async () => {
    let bytes = 0;
    for (let i = 0; i < count; i++) bytes += await ask();
    return bytes;
  };
  const all = await Promise.all(Array.from({ length: 50 }, worker));
  return all.reduce((a, b) => a + b, 0);
}

async function main() {
  await measure(20);
  const start = performance.now();
  const bytes = await measure(Number(each));
  process.stdout.write(`${bytes}\nelapsed_ms ${performance.now() - start}\n`);
}
main();
