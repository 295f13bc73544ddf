/**
 * Where a `match` stands decides what its arms may do. As the whole of a statement, of the value that a
 * statement assigns or returns, or of a function's or an arm's body, its blocks are ordinary blocks. Inside a
 * larger expression (`1 + match ...`) they are compiled as functions of their own, so `return`, `break` and
 * `continue` cannot leave them. The checker and the emitter both ask here.
 */
import type * as ast from '../syntax/ast';
import { visitExpr, visitStmt } from './visit';
import type { Visited } from './visit';

/** The `match` that a statement consists of, apart from where its value goes. */
export function statementMatch(node: Visited): ast.Match | null {
  switch (node.kind) {
    case 'ExprStmt':
      return asMatch(node.expr);
    case 'Let':
      return node.target.kind === 'NamePattern' && node.init !== null ? asMatch(node.init) : null;
    case 'Assign':
      return node.target.kind === 'Ident' && node.op === '=' ? asMatch(node.value) : null;
    case 'Return':
      return node.value === null ? null : asMatch(node.value);
    default:
      return null;
  }
}

function asMatch(node: ast.Expr): ast.Match | null {
  return node.kind === 'Match' ? node : null;
}

/** The first `return`, `break` or `continue` in the arms that would leave the match. */
export function leavingJump(match: ast.Match): ast.Return | ast.Break | ast.Continue | null {
  let found: ast.Return | ast.Break | ast.Continue | null = null;
  /** Labels of loops inside, null for each unlabelled one. */
  const loops: (string | null)[] = [];
  const jumpLeaves = (label: string | null): boolean => (label === null ? loops.length === 0 : !loops.includes(label));

  const visitBody = (body: readonly ast.Stmt[]): void => {
    for (const statement of body) {
      visitStmt(statement, (node) => {
        switch (node.kind) {
          case 'Return':
            found ??= node;
            return true;
          case 'Break':
          case 'Continue':
            if (jumpLeaves(node.label)) found ??= node;
            return true;
          case 'While':
          case 'For':
          case 'ForIn':
            loops.push(node.label);
            visitBody(node.body.body);
            loops.pop();
            return false;
          case 'Fn':
          case 'FnDecl':
            return false;
          case 'Spawn':
            return node.body.kind !== 'Block';
          default:
            return true;
        }
      });
    }
  };
  const visitArms = (node: ast.Match): void => {
    for (const arm of node.arms) {
      if (arm.body.kind === 'Block') visitBody(arm.body.body);
      else visitExpr(arm.body, (inner) => (inner.kind === 'Match' ? (visitArms(inner), false) : inner.kind !== 'Fn'));
    }
  };
  visitArms(match);
  return found;
}
