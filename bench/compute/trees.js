function grow(depth) {
  if (depth === 0) return { left: null, right: null };
  return { left: grow(depth - 1), right: grow(depth - 1) };
}

function count(tree) {
  if (tree.left === null) return 1;
  return 1 + count(tree.left) + count(tree.right);
}

function run(maxDepth) {
  const kept = grow(maxDepth);
  for (let depth = 4; depth <= maxDepth; depth += 4) {
    const rounds = 1 << (maxDepth - depth + 4);
    let nodes = 0;
    for (let i = 0; i < rounds; i++) nodes += count(grow(depth));
    console.log(rounds, 'trees of depth', depth, 'have', nodes);
  }
  console.log('kept', count(kept));
}

const start = performance.now();
run(16);
console.log('elapsed_ms', performance.now() - start);
