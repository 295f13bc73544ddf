/**
 * What is said about texts that are wrong: for each text the findings as `marked text | message`, and the
 * text after the first fix that is offered.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseText } from './parsing';

type Row = readonly [text: string, findings: readonly string[], fixed?: string];

// prettier-ignore
const TABLE: readonly Row[] = [
  ['function f(a, b) { return a }', ["function | a function begins with 'fn'"], 'fn f(a, b) { return a }'],
  ['func f(a) { return a }', ["func | a function begins with 'fn'"], 'fn f(a) { return a }'],
  ['def f(x):\n    return x\nlog(1)', ["def | a function begins with 'fn'", ": | a block stands in braces, not behind ':'"], 'fn f(x):\n    return x\nlog(1)'],
  ['def f(x):\n    if x:\n        return 1\n    elif y:\n        return 2\n    else:\n        return 3', ["def | a function begins with 'fn'", ": | a block stands in braces, not behind ':'", ": | a block stands in braces, not behind ':'", "elif | 'elif' is written 'else if'", ": | a block stands in braces, not behind ':'", ": | a block stands in braces, not behind ':'"], 'fn f(x):\n    if x:\n        return 1\n    elif y:\n        return 2\n    else:\n        return 3'],
  ['if x == 1 { a } elif x == 2 { b } else { c }', ["elif | 'elif' is written 'else if'"], 'if x == 1 { a } else if x == 2 { b } else { c }'],
  ['class Foo { constructor() { this.x = 1 } }\nlog(1)', ["class | there is no 'class'"]],
  ['class Foo(Bar):\n    x = 1', ["class | there is no 'class'"]],
  ['if a === b { }', ["=== | there is no '===': '==' compares without converting"], 'if a == b { }'],
  ['if a !== b { }', ["!== | there is no '!==': '!=' compares without converting"], 'if a != b { }'],
  ['x := 5', ['x := | a variable is declared with let'], 'let x = 5'],
  ['let x := 5', [":= | the value follows a single '='"], 'let x = 5'],
  ['let f = x => x + 1', ["x => | a function begins with 'fn'"], 'let f = fn(x) => x + 1'],
  ['let f = (x, y) => x + y', ["(x, y) => | a function begins with 'fn'"], 'let f = fn(x, y) => x + y'],
  ['let f = () => 5', ["() => | a function begins with 'fn'"], 'let f = fn() => 5'],
  ['let f = (x) => { return x }', ["(x) => | a function begins with 'fn'"], 'let f = fn(x) => { return x }'],
  ['f(async (x) => x)', ["async (x) => | a function begins with 'fn'"]],
  ['let f = function(x) { return x }', ["function | a function begins with 'fn'"], 'let f = fn(x) { return x }'],
  ['xs.map(function(x) { return x })', ["function | a function begins with 'fn'"], 'xs.map(fn(x) { return x })'],
  ['xs.map(func(x) { return x })', ["func | a function begins with 'fn'"], 'xs.map(fn(x) { return x })'],
  ['a?.b', ["?. | there is no '?.'"]],
  ['a?.b()', ["?. | there is no '?.'"]],
  ['a?.[0]', ["?. | there is no '?.'"]],
  ['a and b or not c', ["and | 'and' is written '&&'", "or | 'or' is written '||'", "not | 'not' is written '!'"], 'a && b or not c'],
  ['if not x { }', ["not | 'not' is written '!'"], 'if ! x { }'],
  ['if x is null { }', ["is | 'is' is written '=='"], 'if x == null { }'],
  ['if x is not null { }', ["is not | 'is not' is written '!='"], 'if x != null { }'],
  ['if x not in m { }', ["not | 'not in' is written with '!' before the whole test"]],
  ['let v = await f()', ["await | there is no 'await': a call waits by itself"], 'let v = f()'],
  ['async fn f() { }', ["async | there is no 'async': any function may wait"], 'fn f() { }'],
  ['async function f() { }', ["async | there is no 'async': any function may wait", "function | a function begins with 'fn'"], 'function f() { }'],
  ['let x = new Foo(1)', ["new | there is no 'new': a function that makes a value is called like any other"], 'let x = Foo(1)'],
  ['print x', ["print | 'print' is called like every function: with parentheses"]],
  ['print "hello", name', ["print | 'print' is called like every function: with parentheses"]],
  ['switch (x) { case 1: foo(); break; default: bar() }\nlog(1)', ["switch | there is no 'switch'"]],
  ['switch x { case 1: foo() }', ["switch | there is no 'switch'"]],
  ['do { x() } while (y)', ["do | there is no 'do'"]],
  ['foreach (x in xs) { y }', ["foreach | there is no 'foreach'"]],
  ['foreach x in xs { y }', ["foreach | there is no 'foreach'"]],
  ['let f = lambda x, y: x + y', ['lambda | a function is written fn(x) => value']],
  ['f(lambda x: x)', ['lambda | a function is written fn(x) => value']],
  ['x &&= y', ["&&= | there is no '&&='"]],
  ['x ||= y', ["||= | there is no '||='"]],
  ['x **= 2', ["**= | there is no '**='"]],
  ['let x = a if c else b', ['if | a choice is written condition ? a : b']],
  ['return x if c', ['if | a choice is written condition ? a : b']],
  ['[x * 2 for x in xs]', ['for | there are no comprehensions']],
  ['try { } except Exception as e { }', ["except | 'except' is written 'catch'"]],
  ['try:\n    f()\nexcept E as e:\n    g()', [": | a block stands in braces, not behind ':'", "except | 'except' is written 'catch'", ": | a block stands in braces, not behind ':'"]],
  ['raise Error("x")', ["raise | 'raise' is written 'throw'"]],
  ['import x from "y"', ['import x from "y" | the path comes first, then the name'], 'import "y" as x'],
  ['import * as x from "y"', ['import * as x from "y" | the path comes first, then the name'], 'import "y" as x'],
  ['import a, b', [', | each module is imported on a line of its own']],
  ['import os.path', ['. | a module of built-ins has a plain name']],
  ['from x import y', ['from x | the names stand before the path']],
  ['import fmt from fmt', ['import fmt from fmt | the path comes first, then the name'], 'import fmt as fmt'],
  ['for i := 0; i < 10; i++ { }', ['i := | a variable is declared with let'], 'for let i = 0; i < 10; i++ { }'],
  ['for (const x of xs) { }', ["of | a loop over elements is written with 'in'"], 'for (const x in xs) { }'],
  ['for x of xs { }', ["of | a loop over elements is written with 'in'"], 'for x in xs { }'],
  ['for (int i = 0; i < 10; i++) { }', ['i | the variable of a loop has no type']],
  ['for (x : xs) { }', [": | a loop over elements is written with 'in'"]],
  ['for i < 10 { }', ["{ | a loop with a condition alone is a 'while'"]],
  ['for { }', ["{ | expected what to loop over after 'for', found '{'"]],
  ['for (k, v) in m { }', ['(k, v) | the names of a loop stand without parentheses']],
  ['for i, (a, b) in m { }', ["( | expected a second name for the loop, found '('"]],
  ['for x in xs: \n  f(x)', [": | a block stands in braces, not behind ':'"]],
  ['try { } catch (e: Error) { }', [': Error | an error has no type: values carry theirs'], 'try { } catch (e) { }'],
  ['try { } catch (Error e) { }', ['e | an error has no type: values carry theirs']],
  ['let x: int = 5', [': int | a variable has no type: values carry theirs'], 'let x = 5'],
  ['let x: Map<string, int> = 5', [': Map<string, int> | a variable has no type: values carry theirs'], 'let x = 5'],
  ['let x int = 5', ['int | a variable has no type: values carry theirs']],
  ['int x = 5', ['int | a variable is declared with let, and without a type'], 'let x = 5'],
  ['fn f(a: int, b: string = "x"): int { }', [': int | a parameter has no type: values carry theirs', ': string | a parameter has no type: values carry theirs', ': int | a function has no type: values carry theirs'], 'fn f(a, b: string = "x"): int { }'],
  ['fn f(a int) -> int { }', ['int | a parameter has no type: values carry theirs', '-> int | a function has no type: values carry theirs'], 'fn f(a int) { }'],
  ['fn f(*args, **kw) { }', ['* | the rest of the arguments is written ...name', '** | the rest of the arguments is written ...name'], 'fn f(...args, **kw) { }'],
  ['defer { f() }', ["{ | 'defer' takes a call, not a block"]],
  ['if (x) return 1', ["return | expected '{' after the condition, found 'return'"]],
  ['if (x) foo()\nelse bar()', ["foo | expected '{' after the condition, found the name 'foo'", "bar | expected '{' after 'else', found the name 'bar'"]],
  ['while (x) foo()', ["foo | expected '{' after the condition, found the name 'foo'"]],
  ['for (x in y) foo(x)', ["foo | expected '{' after the header of the loop, found the name 'foo'"]],
  ['[1 2 3]', ["2 | expected ',' before the number 2"], '[1, 2 3]'],
  ['{"a": 1 "b": 2}', ['"b" | expected \',\' before the string "b"'], '{"a": 1, "b": 2}'],
  ['f(a b)', ["b | expected ',' before the name 'b'"], 'f(a, b)'],
  ['let x = [\n  1\n  2\n]', ["2 | expected ',' before the number 2"], 'let x = [\n  1,\n  2\n]'],
  ['let x = {\n  a: 1\n  b: 2\n}', ["b | expected ',' before the name 'b'"], 'let x = {\n  a: 1,\n  b: 2\n}'],
  ['let x = [1, 2\nlet y = 3', ["let | expected ']' after the elements, found 'let'"]],
  ['foo(1, 2\nlet y = 3', ["let | expected ')' after the arguments, found 'let'"]],
  ['foo(1, 2\nbar(3)', ["bar | expected ')' after the arguments, found the name 'bar'"]],
  ['fn f() {\n  if x {\n    a()\n\nfn g() { }', [" | expected '}' after the block, found the end of the text"]],
  ['}', ["} | unexpected '}'"]],
  ['f())', [") | unexpected ')'"]],
  ['x = (1 + 2', [" | expected ')' after the expression, found the end of the text"]],
  ['x = [1, 2)', [") | expected ']' after the elements, found ')'"]],
  ['let = 5', ["= | expected the name of the variable, found '='"]],
  ['let if = 5', ["if | 'if' is a word of the language and cannot be a name"]],
  ['fn if() { }', ["if | 'if' is a word of the language and cannot be a name"]],
  ['let a$b = 1', ["$ | a name cannot contain '$'"]],
  ['fn f(a, b { }', ["{ | expected ')' after the parameters, found '{'"]],
  ['log(`abc', ['` | the template is never closed']],
  ['f(/* a', ['/* | the comment is never closed']],
  ['fn f { }', ["{ | expected '(' after the function's name, found '{'"]],
  ['fn f() ', [" | expected '{' or '=>' after the parameters, found the end of the text"]],
  ['fn f() return 1', ["return | expected '{' or '=>' after the parameters, found 'return'"]],
  ['fn x => x', ['x | parameters stand in parentheses'], 'fn (x) => x'],
  ['if { }', ["{ | expected a condition after 'if', found '{'"]],
  ['while { }', ["{ | expected a condition after 'while', found '{'"]],
  ['if x = 5 { }', ["= | '=' assigns, and only as a statement of its own"], 'if x == 5 { }'],
  ['if (x = 5) { }', ["= | '=' assigns, and only as a statement of its own"], 'if (x == 5) { }'],
  ['a = b = c', ['= | an assignment is a statement and gives no value']],
  ['let a = b = c', ['= | an assignment is a statement and gives no value']],
  ['f(x = 1)', ['x = | arguments have no names']],
  ['f(x: 1)', ['x: | arguments have no names, and names no types']],
  ['{a = 1, b = 2}', [", | expected a line break or ';' after the statement, found ','"]],
  ['x = {a = 1}', ["= | a key and its value are separated by ':'"], 'x = {a : 1}'],
  ['x = {"a" => 1}', ["=> | a key and its value are separated by ':'"], 'x = {"a" : 1}'],
  ['x = ["a" => 1]', ['=> | keys and values stand in a map']],
  ['x = ["a": 1]', [': | keys and values stand in a map']],
  ['x = {"a", "b"}', ['"a" | the key has no value']],
  ['x = {f() { return 1 }}', ['f | a function in a map is a value like any other']],
  ['a < b < c', ['< b < | comparisons cannot be chained']],
  ['++i', ["++ | '++' stands behind a variable, as a statement of its own"]],
  ['x = ++i', ["++ | '++' stands behind a variable, as a statement of its own"]],
  ['x = i++', ["++ | '++' is a statement of its own and gives no value"]],
  ['f(i++)', ["++ | '++' is a statement of its own and gives no value"]],
  ['a\n+ b', ["+ | a line that begins with '+' does not go on with the one before"]],
  ['x = +5', ["+ | there is no '+' before a value"], 'x = 5'],
  ['x = /abc/', ["/ | expected an expression, found '/'"]],
  ['x = `a ${} b`', ["} | an expression must stand in '${ }'"]],
  ['x = `a ${b c} d`\nlet y = )', ["c | expected '}' after the expression in the template, found the name 'c'", ") | expected an expression, found ')'"]],
  ['x = `a ${b', [" | expected '}' after the expression in the template, found the end of the text"]],
  ['match x { case 1: a\ndefault: b }', ["case | an arm of a match has no 'case'", ": | a pattern and its result are separated by '=>'"], 'match x { 1: a\ndefault: b }'],
  ['match x { 1: a }', [": | a pattern and its result are separated by '=>'"]],
  ['match x { 1 -> a, else -> b }', ["-> | a pattern and its result are separated by '=>'", "else | the arm for everything else is written '_'", "-> | a pattern and its result are separated by '=>'"], 'match x { 1 => a, else -> b }'],
  ['match x { else => 1 }', ["else | the arm for everything else is written '_'"], 'match x { _ => 1 }'],
  ['match x { a.b => 1 }', [". | expected '=>' after the pattern, found '.'"]],
  ['match x { f(y) => 1 }', ["( | expected '=>' after the pattern, found '('"]],
  ['match x { > 5 => 1 }', ['> | a pattern holds no comparison']],
  ['match x { [1 | 2] => 1 }', ['| | alternatives stand only at the top of a pattern']],
  ['match x { 1 || 2 => 1 }', ["|| | alternatives of a pattern are separated by '|' or ','"], 'match x { 1 | 2 => 1 }'],
  ['match x { 1 => if a { } }', ["if | 'if' cannot stand after '=>'"]],
  ['match x { 1 => a 2 => b }', ["2 | expected ',' or a line break after the arm, found the number 2"]],
  ['match x { 1.. => a }', ["=> | expected the last number of the range, found '=>'"]],
  ['match x { "a".."z" => b }', ['.. | a range in a pattern is one of numbers']],
  ['match x { [...a, b] => 1 }', [", | what follows '...' is the rest: nothing can come after it"]],
  ['spawn f', ["f | 'spawn' takes a call"], 'spawn f()'],
  ['spawn fn() { }', ["fn() { } | 'spawn' takes a call"], 'spawn fn() { }()'],
  ['defer f', ["f | 'defer' takes a call"], 'defer f()'],
  ['spawn 5', ["5 | 'spawn' takes a call"]],
  ['select { case v := <-a: b }', [":= | a case declares its name with '='"], 'select { case v = <-a: b }'],
  ['select { case v, ok = <-a: b }', [', | a receive gives one value']],
  ['select { v = <-a: b }', ["v | expected 'case' or 'default', found the name 'v'"]],
  ['select { case a => b }', ["=> | expected '= <-channel', '<- value' or ':' of a timeout, found '=>'"]],
  ['select { case timeout(): b }', ["timeout() | 'timeout' of a select takes the milliseconds"]],
  ['break 5', ["5 | expected a line break or ';' after the statement, found the number 5"]],
  ['throw', [" | expected a value after 'throw', found the end of the text"]],
  ['try { }', [" | expected 'catch' or 'finally' after the block of a 'try', found the end of the text"]],
  ['else { }', ["else | 'else' without 'if'"]],
  ['catch (e) { }', ["catch | 'catch' without 'try'"]],
  ['export default fn f() { }', ['default | there is no default export: what is exported has a name']],
  ['export x', ['x | names are exported in braces'], 'export { x }'],
  ['export default f', ['default | there is no default export: what is exported has a name']],
  ['export * from "x"', ['* | names are exported one by one']],
  ['outer: f()', ["f | a label stands before a loop, not before the name 'f'"]],
  ['x: int = 5', ['int | a variable is declared with let, and without a type']],
  ['a, b = b, a', [', | one variable is assigned at a time']],
  ['let a, b = f()', [', | one variable is declared at a time']],
  ['let a = 1, b = 2', [', | one variable is declared at a time']],
  ['let (a, b) = f()', ['(a, b) | values are taken apart with [ ] or { }']],
  ['let mut x = 1', ["mut | 'let' declares a variable that can change"], 'let x = 1'],
  ['return 1, 2', [", | 'return' gives one value"]],
  ['const x', ['const x | a constant needs a value']],
  ['let {a, b}', ['let {a, b} | a pattern needs a value to take apart']],
  ['let {if} = m', ["if | 'if' is a word of the language and cannot be a name"]],
  ['5 = x', ['5 | cannot assign to a number']],
  ['f() = x', ['f() | cannot assign to the result of a call']],
  ['[a, b] = [b, a]', ['[a, b] | cannot assign to a new array']],
  ['"a" = 1', ['"a" | cannot assign to a string']],
  ['a[] = 1', ['] | an index must stand in the brackets']],
  ['a[1, 2]', [', | an index is one value']],
  ['a[1::2]', [':: | a slice has no step']],
  ['a->b', ["-> | a member is written with '.'"], 'a.b'],
  ['a::b', [":: | a member is written with '.'"], 'a.b'],
  ['xs...', ["... | expected a line break or ';' after the statement, found '...'"]],
  ['f(xs...)', ["xs... | '...' stands before what is spread"]],
  ['x ?: y', ["?: | '?:' is written '??'"], 'x ?? y'],
  ['x ? y', [" | expected ':' and the value for the other case, found the end of the text"]],
  ['del m["x"]', ["del | 'del' is a function here"]],
  ['delete m.x', ["delete | 'delete' is a function here"]],
  ['global x', ["global | there is no 'global': a function sees and sets the variables around it"]],
  ['assert x == 1', ["assert | 'assert' is called like every function: with parentheses"]],
  ['with open(f) as g { }', ["with | there is no 'with'"]],
  ['unless x { y }', ["unless | there is no 'unless'"]],
  ['loop { x }', ["loop | there is no 'loop'"]],
  ['public fn f() { }', ["public | there is no 'public'"], 'fn f() { }'],
  ['val x = 5', ['val | a variable is declared with let, and without a type'], 'let x = 5'],
  ['if x then y end', ["then | a block stands in braces: there is no 'then'"]],
  ['while x do y done', ["do | a block stands in braces: there is no 'do'"]],
  ['let x = if a { 1 } else { 2 }', ["if | 'if' gives no value"]],
  ['var x = typeof y', ["typeof | 'typeof' is a function here"]],
  ['yield 5', ["yield | there is no 'yield'"]],
  ['a b', ["b | expected a line break or ';' after the statement, found the name 'b'"]],
  ['"abc" "def"', ['"def" | expected a line break or \';\' after the statement, found the string "def"']],
  ['x = 5 y = 6', ["y | expected a line break or ';' after the statement, found the name 'y'"]],
  ['let x <- ch', ['<- | what is received is a value like any other'], 'let x = <- ch'],
  ['if x <- ch { }', ["<- | '<-' sends only as a statement of its own"]],
  ['x = ch <- 5', ["<- | '<-' sends only as a statement of its own"]],
  ["let s = 'it's'", ["s | expected a line break or ';' after the statement, found the name 's'"]],
  ['let x = 1;;\n)', [") | expected an expression, found ')'"]],
  ['struct P { x: int }', ["struct | there is no 'struct'"]],
  ['enum Color { Red, Green }', ["enum | there is no 'enum'"]],
  ['type P struct { x int }', ["type | there is no 'type'"]],
  ['interface X { }', ["interface | there is no 'interface'"]],
  ['use std', ["use | 'use' is written 'import'"], 'import std'],
  ['require "x"', ["require | 'require' is written 'import'"], 'import "x"'],
  ['let x == 5', ["== | the value follows a single '='"], 'let x = 5'],
  ['fn f(a, a b) { }', ['b | a parameter has no type: values carry theirs']],
  ['fn f(a b) { }', ['b | a parameter has no type: values carry theirs']],
  ['fn f(...rest, x) { }', [", | what follows '...' is the rest: nothing can come after it"]],
  ['f(,)', [", | expected an expression, found ','"]],
  ['[,1]', [", | expected an expression, found ','"]],
  ['(1, 2)', ['(1, 2) | there are no tuples']],
  ['()', ['() | nothing stands in the parentheses']],
  ['x = ()', ['() | nothing stands in the parentheses']],
  ['foo {\n a \n}', ["{ | expected a line break or ';' after the statement, found '{'"]],
  ['let f = fn x, y => x', [", | expected '(' after the function's name, found ','"]],
  ['x.5', ['.5 | a number does not begin with a point']],
  ['x.', [" | expected a name after '.', found the end of the text"]],
  ['x = ', [' | expected an expression, found the end of the text']],
  ['if x', [" | expected '{' after the condition, found the end of the text"]],
  ['if x {', [" | expected '}' after the block, found the end of the text"]],
  ['import', [' | expected the path of a file in quotes, or the name of a module, found the end of the text']],
  ['import "', ['" | the string is not closed on its line']],
  ['import ""', ['"" | the path of an import is empty']],
  ['export', [" | expected fn, let, const or '{ names }' after 'export', found the end of the text"]],
  ['let x = $y', ["$y | names have no '$' before them"], 'let x = y'],
  ['a # comment', ["# | a comment begins with '//'"], 'a // comment'],
  ['let x = “hi”', ['“hi” | strings go between \'"\' or "\'", not typographic quotes'], 'let x = "hi"'],
  ['let y = 5 – 3', ["– | unexpected character '–'"], 'let y = 5 - 3'],
  ['let x = 0x', ["0x | the hexadecimal number '0x' has no digits"]],
  ['for (let i = 0, n = 5; i < n; i++) { }', [', | one variable is declared at a time']],
  ['for (let i = 0; i < n; i++, j++) { }', [', | one statement stands in each part of a loop']],
  ['for x in { }', ["{ | expected an expression, found '{'"]],
  ['while x; { }', ["; | expected '{' after the condition, found ';'"]],
  ['if (a) { } else b()', ["b | expected '{' after 'else', found the name 'b'"]],
  ['if (a { b }', ["{ | expected ')' after the expression, found '{'"]],
  ['if a) { b }', [") | expected '{' after the condition, found ')'"]],
  ['f(fn(x) { return x }', [" | expected ')' after the arguments, found the end of the text"]],
  ['let x = { a: 1, b: [1, 2 }', ["} | expected ']' after the elements, found '}'"]],
  ['let x = f(1)(\nlet y = 2', ["let | expected ')' after this, found 'let'"]],
  ['xs.map(x -> x + 1)', ["x -> | a function is written with 'fn' and '=>'"], 'xs.map(fn(x) => x + 1)'],
  ['xs.map(|x| x + 1)', ["| | expected an expression, found '|'"]],
  ['let f = |x| x + 1', ["| | expected an expression, found '|'"]],
  ['let x = y!', ["! | no '!' stands behind a value"], 'let x = y'],
  ['let x = y as int', ["as | expected a line break or ';' after the statement, found the name 'as'"]],
  ['let x = <int>y', ["< | expected an expression, found '<'"]],
  ['not x == y', ["not | 'not' is written '!'"], '! x == y'],
  ['func (r *Recv) Name() { }', ['func | a function belongs to no type']],
  ['go func() { }()', ["func | a function begins with 'fn'"], 'go fn() { }()'],
  ['x = a <> b', ["<> | '<>' is written '!='"], 'x = a != b'],
  ['x = a <=> b', ["<=> | there is no '<=>'"]],
  ['x = a >>> b', [">>> | '>>>' is written '>>': shifts are unsigned"], 'x = a >> b'],
  ['for x in 0..=3 { }', ["..= | '..' includes its end"], 'for x in 0..3 { }'],
  ['x = a..\n=3', ["= | expected an expression, found '='"]],
  ['f(*list)', ["* | an array is spread with '...'"], 'f(...list)'],
  ['f(a, **more)', ["** | an array is spread with '...'"], 'f(a, ...more)'],
  ['x = *p', ["* | expected an expression, found '*'"]],
  ['let f = fn(x) -> x + 1', ["-> | the value of a function follows '=>'"], 'let f = fn(x) => x + 1'],
  ['fn f(x) -> number { }', ["-> number | a function has no type: values carry theirs"], 'fn f(x) { }'],
  ['fn f<A, B>(x) { }', ["<A, B> | a function has no types: values carry theirs"], 'fn f(x) { }'],
  ['fn f(a, b { a }\nf(1)', ["{ | expected ')' after the parameters, found '{'"]],
  ['if !a { !b }', []],
  ['x = y\n!z', []],
  ['x = y !', ["! | expected a line break or ';' after the statement, found '!'"]],
  ['x = y != z', []],
  ['x = vec![1]', ['! | there are no macros']],
  ['begin = 1\nbegin.x = 2\nensure(begin)\ngoto = 3\nimpl = pub\nmodule(record)\nnamespace\ninclude\n', []],
  ['f(len x)', ["len | 'len' is called like every function: with parentheses"]],
  ['f(x y)', ["y | expected ',' before the name 'y'"], 'f(x, y)'],
  ['f("a)\ng("b")', ['"a) | the string is not closed on its line']],
  ["-- y's\nlet x = 1", ["-- | a comment begins with '//'"], "// y's\nlet x = 1"],
  ['x = #y', ["#y | the length is given by 'len'"], 'x = len(y)'],
  ['x = y #z', ["# | a comment begins with '//'"], 'x = y //z'],
  ['x = """a"""', ['""" | text over several lines goes between backticks']],
  ['x = """', ['" | the string is not closed on its line']],
  ['if a and b { c }', ["and | 'and' is written '&&'"], 'if a && b { c }'],
  ['if (a) and (b) { c }', ["and | 'and' is written '&&'"], 'if (a) && (b) { c }'],
  ['elif x { }', ["elif | 'elif' is written 'else if'"]],
  ['goto x', ["goto | there is no 'goto'"]],
  ['println!("x")', ['println! | there are no macros']],
];

function findings(text: string): string[] {
  return parseText(text).diagnostics.map(({ span, message }) => `${text.slice(span.start, span.end)} | ${message}`);
}

for (const [text, expected, fixed] of TABLE) {
  test(text, () => {
    assert.deepEqual(findings(text), expected);
    const fix = parseText(text).diagnostics.find((found) => found.fix !== undefined)?.fix;
    if (fixed === undefined || fix === undefined) {
      assert.equal(fix, fixed);
      return;
    }
    assert.equal(text.slice(0, fix.span.start) + fix.text + text.slice(fix.span.end), fixed);
    // A list whose commas are missing reports the first only.
    const most = expected.length - (expected[0]!.includes("','") ? 0 : 1);
    assert.ok(findings(fixed).length <= most, 'the fix mends an error and makes no other');
  });
}

test('every error has a stable code and a source', () => {
  for (const [text] of TABLE) {
    for (const { code, severity, source } of parseText(text).diagnostics) {
      assert.match(code, /^[a-z]+(-[a-z]+)*$/);
      assert.equal(severity, 'error');
      assert.equal(source.name, 'test.sn');
    }
  }
});

// ---------------------------------------------------------------- several errors in one file

const lines = (text: string): number[] =>
  parseText(text).diagnostics.map(({ span }) => text.slice(0, span.start).split('\n').length);

// prettier-ignore
const SEVERAL: readonly (readonly [name: string, text: string, lines: readonly number[]])[] = [
  ['one on each line', 'let = 1\nlet x = 2\nx +* 3\nf(\n)\nreturn )\n', [1, 3, 6]],
  ['in blocks', 'fn f() {\n  let = 1\n  if x {\n    y = = 2\n    z = 3\n  }\n  w = )\n}\nlet ok = 1\nlet = 2\n', [2, 4, 7, 10]],
  ['in the arms of a match', 'match v {\n  1 => a\n  2 => )\n  3 => b\n  [x => c\n  _ => d\n}\nlet = 1\n', [3, 5, 8]],
  ['in the cases of a select', 'select {\n  case v = a: b\n  case c <- 1: d\n  case <-: e\n  default: let = 1\n}\nlet = 2\n', [2, 4, 5, 7]],
  ['in the arguments of a call', 'f(a, fn() {\n  let = 1\n  b = 2\n  c = )\n}, d)\nlet = 2\n', [2, 4, 6]],
  ['a bracket that is never closed', 'let a = f(1, 2\nlet b = [1, 2\nlet c = {a: 1\nlet d = 4\n', [2, 3, 4]],
  ['a bracket too many', 'f(1))\ng(2)]\nlet a = 1\n', [1, 2]],
  ['a brace too many', 'fn f() { }}\nlet a = 1\n}\nlet = 2\n', [1, 3, 4]],
  ['a header that is wrong', 'if x ( { a() }\nelse { b() }\nlet = 1\n', [1, 3]],
  ['a broken template', 'let s = `a ${ b c } d ${ ) }`\nlet = 1\n', [1, 1, 2]],
  ['a string without an end', 'let s = "abc\nlet t = 1\nlet = 2\n', [1, 3]],
  ['a list over several lines', 'let a = [\n  1,\n  2 +,\n  3,\n]\nlet = 1\n', [3, 6]],
  ['several words in one line', 'if not a and b or c is d { }\n', [1, 1, 1, 1]],
  ['a map over several lines', 'let m = {\n  a: 1,\n  b: ,\n  c: 3,\n}\nlet = 1\n', [3, 6]],
];
for (const [name, text, expected] of SEVERAL)
  test(`several errors: ${name}`, () => assert.deepEqual(lines(text), expected));

test('a bracket that is never closed is shown where it was opened', () => {
  const text = 'let a = f(1, [2\nlet b = 1';
  const [found] = parseText(text).diagnostics;
  assert.deepEqual(
    found?.related?.map(({ span, message }) => [text.slice(span.start, span.end + 1), message]),
    [['[2', "this '[' is still open"]],
  );
});

test('a missing brace is looked for where the indentation does not fit', () => {
  const text = 'fn f() {\n  if x {\n    a()\n}\n\nfn g() {\n}\n';
  const [found, ...others] = parseText(text).diagnostics;
  assert.deepEqual(
    found?.related?.map(({ span }) => text.slice(0, span.start).split('\n').length),
    [1, 2],
  );
  assert.deepEqual(others, []);
});

test('what is no text at all gives no flood of errors', () => {
  const image = Array.from({ length: 20_000 }, (_, i) => String.fromCharCode((i * 7919) % 256)).join('');
  assert.ok(parseText(image).diagnostics.length <= 100);
});

// ---------------------------------------------------------------- texts that go on

for (const text of [
  'fn f() {',
  'if x {\n  a()',
  'f(',
  'f(1,',
  '[1,\n',
  'x = {a:',
  'x =',
  'a +',
  'a.',
  'match v {\n  1 => a',
  'match v { 1 =>',
  '`a',
  '`a ${',
  '`a ${b',
  '`a ${b} c',
  '/* a',
  'select {',
  'if x',
  'while',
  'for',
  'for x in',
  'try {}',
  'let',
  'import',
  'import {a} from',
  'export',
  'a ?',
  'a ? b :',
  'fn f()',
  'fn',
  'return (',
  'spawn',
  'let [a,',
  'f(`a ${g(',
  'throw',
  'fn(x) =>',
]) {
  test(`more can follow: ${text}`, () => {
    const { incomplete, diagnostics } = parseText(text);
    assert.equal(incomplete, true);
    assert.ok(diagnostics.length >= 1);
  });
}

for (const text of [
  '',
  'a',
  'f()',
  'if x {}',
  'let x',
  '// a',
  'a b',
  ')',
  'f(]',
  '"a',
  'let = (',
  'x = $ + (',
  'f("\\q"',
  '}',
  'return',
] as const) {
  test(`nothing can mend or complete: ${text}`, () => assert.equal(parseText(text).incomplete, false));
}
