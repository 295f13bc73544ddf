/** A syntax tree as one short line, so that a test is a table of source and tree. */
import type * as ast from '../../src/syntax/ast';

type Node =
  | ast.Stmt
  | ast.Expr
  | ast.Spread
  | ast.MapEntry
  | ast.Pattern
  | ast.MatchPattern
  | ast.MatchArm
  | ast.PatternItem
  | ast.MapPatternEntry
  | ast.Param
  | ast.SelectCase
  | ast.ImportName;

export function dumpAll(body: readonly ast.Stmt[]): string {
  return body.map(dump).join('; ');
}

const orNothing = (node: Node | null): string => (node === null ? '_' : dump(node));
const list = (nodes: readonly (Node | null)[]): string => nodes.map(orNothing).join(' ');
const block = (node: ast.Block): string => `{${dumpAll(node.body)}}`;
const withDefault = (text: string, fallback: ast.Expr | null): string =>
  fallback === null ? text : `${text}=${dump(fallback)}`;
const label = (name: string | null): string => (name === null ? '' : `${name}:`);
const parts = (...texts: string[]): string => `(${texts.filter((text) => text !== '').join(' ')})`;
const rest = (name: { readonly name: string } | null): string => (name === null ? '' : `...${name.name}`);
const items = (...texts: string[]): string => texts.filter((text) => text !== '').join(' ');

export function dump(node: Node): string {
  switch (node.kind) {
    case 'Null':
      return 'null';
    case 'Bool':
    case 'Num':
      return String(node.value);
    case 'Str':
      return JSON.stringify(node.value);
    case 'Template':
      return parts(
        'template',
        node.strings.map((text, i) => (i === 0 ? '' : `${dump(node.exprs[i - 1]!)} `) + JSON.stringify(text)).join(' '),
      );
    case 'Ident':
    case 'NamePattern':
      return node.name;
    case 'Spread':
      return `...${dump(node.value)}`;
    case 'Array':
      return `[${list(node.items)}]`;
    case 'Map':
      return `{${list(node.entries)}}`;
    case 'Entry':
      return `${node.key.kind === 'Str' ? dump(node.key) : `[${dump(node.key)}]`}:${dump(node.value)}`;
    case 'Fn':
      return parts(
        node.name === null ? 'fn' : `fn ${node.name.name}`,
        `(${items(list(node.params), rest(node.rest))})`,
        node.body.kind === 'Block' ? block(node.body) : dump(node.body),
      );
    case 'Param':
    case 'PatternItem':
      return withDefault(dump(node.target), node.fallback);
    case 'PatternEntry':
      return withDefault(`${JSON.stringify(node.key)}:${dump(node.target)}`, node.fallback);
    case 'Unary':
      return parts(node.op, dump(node.operand));
    case 'Binary':
    case 'Logical':
      return parts(node.op, dump(node.left), dump(node.right));
    case 'Cond':
      return parts('?', dump(node.test), dump(node.then), dump(node.otherwise));
    case 'Call':
      return parts('call', dump(node.callee), list(node.args));
    case 'MethodCall':
      return parts(`.${node.name}()`, dump(node.object), list(node.args));
    case 'Index':
      return parts('index', dump(node.object), dump(node.index));
    case 'Slice':
      return parts('slice', dump(node.object), orNothing(node.from), orNothing(node.to));
    case 'Field':
      return parts(`.${node.name}`, dump(node.object));
    case 'Receive':
      return parts('<-', dump(node.channel));
    case 'Spawn':
      return parts('spawn', dump(node.body));
    case 'Match':
      return parts('match', dump(node.subject), list(node.arms));
    case 'Arm':
      return `${node.patterns.map(dump).join('|')}${node.guard === null ? '' : ` if ${dump(node.guard)}`}=>${dump(node.body)}`;
    case 'Any':
      return '*';
    case 'Value':
      return dump(node.value);
    case 'RangePattern':
      return `${node.from}..${node.to}`;
    case 'ArrayPattern':
      return `[${items(list(node.items), rest(node.rest))}]`;
    case 'MapPattern':
      return `{${items(list(node.entries), rest(node.rest))}}`;
    case 'ArrayMatch':
      return `[${items(list(node.items), node.open ? `...${node.rest?.name ?? ''}` : '')}]`;
    case 'MapMatch':
      return `{${items(node.entries.map((entry) => `${JSON.stringify(entry.key)}:${dump(entry.pattern)}`).join(' '), rest(node.rest))}}`;
    case 'Let':
      return parts(
        node.exported ? 'export' : '',
        node.keyword,
        dump(node.target),
        node.init === null ? '' : dump(node.init),
        node.doc === null ? '' : `doc:${node.doc}`,
      );
    case 'FnDecl':
      return parts(node.exported ? 'export' : '', dump(node.fn), node.fn.doc === null ? '' : `doc:${node.fn.doc}`);
    case 'Assign':
      return parts(node.op, dump(node.target), dump(node.value));
    case 'ExprStmt':
      return dump(node.expr);
    case 'Block':
      return block(node);
    case 'If':
      return parts('if', dump(node.test), block(node.then), node.otherwise === null ? '' : dump(node.otherwise));
    case 'While':
      return parts(`${label(node.label)}while`, dump(node.test), block(node.body));
    case 'For':
      return parts(`${label(node.label)}for`, list([node.init, node.test, node.update]), block(node.body));
    case 'ForIn':
      return parts(
        `${label(node.label)}for`,
        node.first === null ? '' : `${node.first.name},`,
        dump(node.value),
        'in',
        dump(node.iterable),
        block(node.body),
      );
    case 'Break':
      return node.label === null ? 'break' : parts('break', node.label);
    case 'Continue':
      return node.label === null ? 'continue' : parts('continue', node.label);
    case 'Return':
      return node.value === null ? 'return' : parts('return', dump(node.value));
    case 'Throw':
      return parts('throw', dump(node.value));
    case 'Try':
      return parts(
        'try',
        block(node.block),
        node.handler === null ? '' : `catch ${items(node.param?.name ?? '', block(node.handler))}`,
        node.finalizer === null ? '' : `finally ${block(node.finalizer)}`,
      );
    case 'Defer':
      return parts('defer', dump(node.call));
    case 'Send':
      return parts('send', dump(node.channel), dump(node.value));
    case 'Select':
      return parts('select', list(node.cases));
    case 'ReceiveCase':
      return `${node.target === null ? '' : dump(node.target)}<-${dump(node.channel)}:{${dumpAll(node.body)}}`;
    case 'SendCase':
      return `${dump(node.channel)}<-${dump(node.value)}:{${dumpAll(node.body)}}`;
    case 'TimeoutCase':
      return `timeout ${dump(node.ms)}:{${dumpAll(node.body)}}`;
    case 'DefaultCase':
      return `default:{${dumpAll(node.body)}}`;
    case 'ImportName':
      return node.name === node.local.name ? node.name : `${node.name} as ${node.local.name}`;
    case 'Import':
      return parts(
        'import',
        dump(node.path),
        node.local === null ? '' : `as ${node.local.name}`,
        node.names === null ? '' : `{${list(node.names)}}`,
      );
    case 'Export':
      return parts('export', ...node.entries.map((entry) => `${entry.name}:${dump(entry.value)}`));
  }
}
