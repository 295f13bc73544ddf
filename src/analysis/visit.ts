/** Walks a syntax tree, every statement and expression once, parents first; a visit that gives false skips what is inside. */
import type * as ast from '../syntax/ast';

export type Visited = ast.Stmt | ast.Expr;
export type Visit = (node: Visited) => boolean | void;

export function visitProgram(program: ast.Program, visit: Visit): void {
  for (const statement of program.body) visitStmt(statement, visit);
}

export function visitFn(fn: ast.Fn, visit: Visit): void {
  for (const param of fn.params) {
    visitPattern(param.target, visit);
    if (param.fallback !== null) visitExpr(param.fallback, visit);
  }
  if (fn.body.kind === 'Block') visitAll(fn.body.body, visit);
  else visitExpr(fn.body, visit);
}

function visitAll(body: readonly ast.Stmt[], visit: Visit): void {
  for (const statement of body) visitStmt(statement, visit);
}

function visitPattern(pattern: ast.Pattern, visit: Visit): void {
  if (pattern.kind === 'NamePattern') return;
  for (const item of pattern.kind === 'ArrayPattern' ? pattern.items : pattern.entries) {
    if (item === null) continue;
    visitPattern(item.target, visit);
    if (item.fallback !== null) visitExpr(item.fallback, visit);
  }
}

export function visitStmt(node: ast.Stmt, visit: Visit): void {
  if (visit(node) === false) return;
  switch (node.kind) {
    case 'Let':
      visitPattern(node.target, visit);
      if (node.init !== null) visitExpr(node.init, visit);
      return;
    case 'FnDecl':
      return visitFn(node.fn, visit);
    case 'Assign':
      visitExpr(node.target, visit);
      return visitExpr(node.value, visit);
    case 'ExprStmt':
      return visitExpr(node.expr, visit);
    case 'Block':
      return visitAll(node.body, visit);
    case 'If':
      visitExpr(node.test, visit);
      visitStmt(node.then, visit);
      if (node.otherwise !== null) visitStmt(node.otherwise, visit);
      return;
    case 'While':
      visitExpr(node.test, visit);
      return visitStmt(node.body, visit);
    case 'For':
      if (node.init !== null) visitStmt(node.init, visit);
      if (node.test !== null) visitExpr(node.test, visit);
      if (node.update !== null) visitStmt(node.update, visit);
      return visitStmt(node.body, visit);
    case 'ForIn':
      visitPattern(node.value, visit);
      visitExpr(node.iterable, visit);
      return visitStmt(node.body, visit);
    case 'Break':
    case 'Continue':
    case 'Import':
      return;
    case 'Return':
      if (node.value !== null) visitExpr(node.value, visit);
      return;
    case 'Throw':
      return visitExpr(node.value, visit);
    case 'Try':
      visitStmt(node.block, visit);
      if (node.handler !== null) visitStmt(node.handler, visit);
      if (node.finalizer !== null) visitStmt(node.finalizer, visit);
      return;
    case 'Defer':
      return visitExpr(node.call, visit);
    case 'Send':
      visitExpr(node.channel, visit);
      return visitExpr(node.value, visit);
    case 'Select':
      for (const selectCase of node.cases) visitCase(selectCase, visit);
      return;
    case 'Export':
      for (const entry of node.entries) visitExpr(entry.value, visit);
      return;
  }
}

function visitCase(node: ast.SelectCase, visit: Visit): void {
  if (node.kind === 'ReceiveCase' || node.kind === 'SendCase') visitExpr(node.channel, visit);
  if (node.kind === 'ReceiveCase' && node.target !== null) visitPattern(node.target, visit);
  if (node.kind === 'SendCase') visitExpr(node.value, visit);
  if (node.kind === 'TimeoutCase') visitExpr(node.ms, visit);
  visitAll(node.body, visit);
}

export function visitExpr(node: ast.Expr, visit: Visit): void {
  if (visit(node) === false) return;
  switch (node.kind) {
    case 'Null':
    case 'Bool':
    case 'Num':
    case 'Str':
    case 'Ident':
      return;
    case 'Template':
      for (const part of node.exprs) visitExpr(part, visit);
      return;
    case 'Array':
      for (const item of node.items) visitExpr(item.kind === 'Spread' ? item.value : item, visit);
      return;
    case 'Map':
      for (const entry of node.entries) {
        if (entry.kind === 'Entry') visitExpr(entry.key, visit);
        visitExpr(entry.value, visit);
      }
      return;
    case 'Fn':
      return visitFn(node, visit);
    case 'Unary':
      return visitExpr(node.operand, visit);
    case 'Binary':
    case 'Logical':
      visitExpr(node.left, visit);
      return visitExpr(node.right, visit);
    case 'Cond':
      visitExpr(node.test, visit);
      visitExpr(node.then, visit);
      return visitExpr(node.otherwise, visit);
    case 'Call':
      visitExpr(node.callee, visit);
      for (const arg of node.args) visitExpr(arg.kind === 'Spread' ? arg.value : arg, visit);
      return;
    case 'MethodCall':
      visitExpr(node.object, visit);
      for (const arg of node.args) visitExpr(arg.kind === 'Spread' ? arg.value : arg, visit);
      return;
    case 'Index':
      visitExpr(node.object, visit);
      return visitExpr(node.index, visit);
    case 'Slice':
      visitExpr(node.object, visit);
      if (node.from !== null) visitExpr(node.from, visit);
      if (node.to !== null) visitExpr(node.to, visit);
      return;
    case 'Field':
      return visitExpr(node.object, visit);
    case 'Receive':
      return visitExpr(node.channel, visit);
    case 'Spawn':
      if (node.body.kind === 'Block') visitAll(node.body.body, visit);
      else visitExpr(node.body, visit);
      return;
    case 'Match':
      visitExpr(node.subject, visit);
      for (const arm of node.arms) {
        if (arm.guard !== null) visitExpr(arm.guard, visit);
        if (arm.body.kind === 'Block') visitAll(arm.body.body, visit);
        else visitExpr(arm.body, visit);
      }
      return;
  }
}
