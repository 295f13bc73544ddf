/** What holds in every syntax tree, whatever the text: where nodes lie, and what their spans show. */
import assert from 'node:assert/strict';

interface Node {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'kind' in value && 'start' in value && 'end' in value;
}

/** The nodes right below a node, in the order of its fields. */
function children(node: Node): Node[] {
  const found: Node[] = [];
  const collect = (value: unknown): void => {
    if (isNode(value)) found.push(value);
    else if (Array.isArray(value)) value.forEach(collect);
    // The entries of some patterns and of exports are no nodes themselves.
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  Object.values(node).forEach(collect);
  return found;
}

export function everyNode(
  node: unknown,
  visit: (node: Node, parent: Node | null) => void,
  parent: Node | null = null,
): void {
  assert.ok(isNode(node));
  visit(node, parent);
  for (const child of children(node)) everyNode(child, visit, node);
}

/** Spans lie within the text and within those of their parents. */
export function checkNesting(program: Node, text: string): void {
  everyNode(program, (node, parent) => {
    const shown = `${node.kind} ${node.start}..${node.end}`;
    assert.ok(Number.isInteger(node.start) && Number.isInteger(node.end), shown);
    assert.ok(0 <= node.start && node.start <= node.end && node.end <= text.length, shown);
    if (parent !== null) {
      assert.ok(
        parent.start <= node.start && node.end <= parent.end,
        `${shown} in ${parent.kind} ${parent.start}..${parent.end}`,
      );
    }
    for (const key of ['opSpan', 'nameSpan'] as const) {
      const span = (node as unknown as Record<string, Node | undefined>)[key];
      if (span !== undefined)
        assert.ok(node.start <= span.start && span.start <= span.end && span.end <= node.end, `${key} of ${shown}`);
    }
  });
}

/** In a text without errors: a node shows neither more nor less than its own text. */
export function checkSlices(program: Node, text: string): void {
  everyNode(program, (node, parent) => {
    if (parent === null) return;
    const slice = text.slice(node.start, node.end);
    assert.equal(slice, slice.trim(), `${node.kind} begins and ends with a character that is not space`);
    assert.notEqual(slice, '', `${node.kind} is not empty`);
    assert.ok(!slice.endsWith(';') && !slice.startsWith(';'), `${node.kind} has no ';' around it`);
    const fields = node as unknown as Record<string, unknown>;
    if (node.kind === 'Ident' || node.kind === 'NamePattern') {
      if (parent.kind !== 'Import') assert.equal(slice, fields['name']);
    } else if (node.kind === 'Num' && parent.kind !== 'Assign') {
      assert.equal(Number(slice.replaceAll('_', '')), fields['value']);
    }
    const span = (key: string): string | null => {
      const found = fields[key] as Node | undefined;
      return found === undefined ? null : text.slice(found.start, found.end);
    };
    const op = span('opSpan');
    if (op !== null && op !== '++' && op !== '--') assert.equal(op, fields['op']);
    if ('nameSpan' in fields) assert.equal(span('nameSpan'), fields['name']);
  });
}
