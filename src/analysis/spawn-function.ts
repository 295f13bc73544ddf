import type * as ast from '../syntax/ast';

const spawnFunctions = new WeakMap<ast.Block, ast.Fn>();

/** The body of `spawn { ... }` as the function that the task runs; the same object each time. */
export function spawnFn(node: ast.Spawn, block: ast.Block): ast.Fn {
  let fn = spawnFunctions.get(block);
  if (fn === undefined) {
    fn = { kind: 'Fn', name: null, params: [], rest: null, body: block, doc: null, start: node.start, end: node.end };
    spawnFunctions.set(block, fn);
  }
  return fn;
}
