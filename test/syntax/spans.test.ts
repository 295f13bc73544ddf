import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as ast from '../../src/syntax/ast';
import { parseText } from './parsing';
import { checkNesting, checkSlices, everyNode } from './tree-checks';

const PROGRAM = `#!/usr/bin/env sentra
import math
import "./lib/tool.sn" as tool
import { a, b as c } from "./other"

/** Says hello. */
export fn greet(name, {city, age: years = 5, ...more}, [x, , ...tail] = [], ...rest) {
  log("Hello " + name, \`\${city} \${ {k: [1, 2]}.k[0] } end\`);
  return (x + 1) * -2 ** 2;
}

let {p, q: [r], s = (1)} = m ; const T = (fn(u) => (u)) ;
var w
( w.deep )[ 0 ] [1:2] . name ( ...rest, ( 1 ) ) ;
(w)(1)
w.x ??= ( a ) ?? b || c && !d == e in f
i++ ; w[0]-- ; (w).y += 1
if (w) && (q) { } else if q { r } else { }
outer: for (let i = 0 ; i < (3) ; i = (i) + 1 ) { continue outer }
for ( k , [v] in (m) ) { break }
for ;; { }
while ( w ) { }
try { throw ( w ) } catch ( e ) { } finally { }
match ( w ) { 1 .. 5 , -3 => ( a ) , [ x , _ , ...y ] if (x) => { b } {"k" : n , z , ...o} => w = ( 2 ) , _ => c }
select { case v = <- ( ch ) : v
  case ( ch ) <- ( 1 ) : ;
  case timeout ( 5 ) : ; default : { } }
spawn ( f ) ( 1 ) ; spawn { a } ; defer ( f ) ( ) ;
ch <- ( <-ch )
let t = a ? ( b ) : ( c ) ;
fn late() => ( 1 )
{"a": 1 , b , [ ( c ) ] : ( d ) , ... ( m ) }
export { a , b as d }
export {"name" : ( value ) }
`;

test('a node spans its own text', () => {
  const { program, diagnostics } = parseText(PROGRAM);
  assert.deepEqual(
    diagnostics.map((found) => found.message),
    [],
  );
  checkNesting(program, PROGRAM);
  checkSlices(program, PROGRAM);
});

test('all kinds of nodes stand in that program', () => {
  const kinds = new Set<string>();
  everyNode(parseText(PROGRAM).program, (node) => kinds.add(node.kind));
  const missing = (
    'Program Num Str Template Ident Spread Array Map Entry Fn Param Unary Binary Logical Cond Call MethodCall Index ' +
    'Slice Field Receive Spawn Match Arm NamePattern PatternItem ArrayPattern PatternEntry MapPattern Any Value RangePattern ' +
    'ArrayMatch MapMatch Let FnDecl Assign ExprStmt Block If While For ForIn Break Continue Return Throw Try Defer Send ' +
    'Select ReceiveCase SendCase TimeoutCase DefaultCase ImportName Import Export'
  )
    .split(' ')
    .filter((kind) => !kinds.has(kind));
  assert.deepEqual(missing, []);
});

const expression = (text: string): ast.Expr => {
  const [statement] = parseText(text).program.body;
  assert.equal(statement?.kind, 'ExprStmt');
  return statement.expr;
};
const shown = (text: string, span: { readonly start: number; readonly end: number }): string =>
  text.slice(span.start, span.end);

test('parentheses belong to the node around them, not to the one within', () => {
  const text = '(a + b) * (c)';
  const product = expression(text) as ast.Binary;
  assert.equal(shown(text, product), text);
  assert.equal(shown(text, product.left), 'a + b');
  assert.equal(shown(text, product.right), 'c');
  assert.equal(shown(text, product.opSpan), '*');
});

test('a statement spans its parentheses, its expression does not', () => {
  const text = '  (a) ;';
  const [statement] = parseText(text).program.body;
  assert.equal(shown(text, statement!), '(a)');
  assert.equal(shown(text, (statement as ast.ExprStmt).expr), 'a');
});

test('the name of a member and the step of i++', () => {
  const text = 'a .  b ( 1 )';
  assert.equal(shown(text, (expression(text) as ast.MethodCall).nameSpan), 'b');
  const step = parseText('i ++').program.body[0] as ast.Assign;
  assert.deepEqual(
    [step.opSpan, step.value],
    [
      { start: 2, end: 4 },
      { kind: 'Num', start: 2, end: 4, value: 1 },
    ],
  );
});

test('a chain of else if: each part reaches to the end', () => {
  const text = 'if a {} else if b {} else {}';
  const first = parseText(text).program.body[0] as ast.If;
  assert.equal(shown(text, first), text);
  assert.equal(shown(text, first.otherwise!), 'if b {} else {}');
});

test('the program spans the whole text', () => {
  const { program } = parseText('  a  ');
  assert.deepEqual([program.start, program.end], [0, 5]);
});

test('the variable of an import without a name spans the path', () => {
  const text = 'import "./lib/my-tool"';
  const { local } = parseText(text).program.body[0] as ast.Import;
  assert.equal(shown(text, local!), '"./lib/my-tool"');
});

test('comments are kept when asked for, each once, in order', async () => {
  const { parse } = await import('../../src/syntax/parser');
  const text = '// one\nfn /* two */ f() { } // three\n/** four */ let x = {/* five */}';
  const { comments } = parse({ name: 'x', text }, { comments: true });
  assert.deepEqual(
    comments.map((comment) => [shown(text, comment), comment.block]),
    [
      ['// one', false],
      ['/* two */', true],
      ['// three', false],
      ['/** four */', true],
      ['/* five */', true],
    ],
  );
  assert.deepEqual(parseText(text).comments, []);
});
