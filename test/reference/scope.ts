/**
 * Which variable a name means. Every block, function and turn of a loop has a scope with one cell for
 * each declaration in it, set up when the scope is entered; a name is looked up by where it stands in the
 * text. In its own function it means the declaration before it; a function looks at its surroundings as
 * they are as a whole: what was declared before the function, else what comes later in that scope.
 */
import type * as ast from '../../src/syntax/ast';
import type { Value } from './values';

type Naming = ast.NamePattern | ast.Ident;

interface Place {
  readonly start: number;
  readonly end: number;
}

export interface Cell {
  readonly name: string;
  /** Where it is declared, with all names of its pattern; -1 for what the whole scope sees. */
  readonly start: number;
  /** A name that stands from here on sees it ... */
  readonly visibleFrom: number;
  /** ... unless it stands in one of these, which give it its value. */
  readonly hidden: readonly Place[];
  /** Undefined until the declaration has run. */
  value: Value | undefined;
}

export class Scope {
  readonly cells: Cell[] = [];
  private readonly byNode = new Map<Naming, Cell>();

  /** `fn` is set for the outermost scope of a function. */
  constructor(
    readonly parent: Scope | null,
    readonly fn: ast.Fn | null,
  ) {}

  /** Adds a variable that is seen from `visibleFrom` on. */
  declare(node: Naming, visibleFrom: number, hidden: Cell['hidden'] = [], value?: Value, start = node.start): Cell {
    const cell: Cell = { name: node.name, start: visibleFrom < 0 ? -1 : start, visibleFrom, hidden, value };
    this.cells.push(cell);
    this.byNode.set(node, cell);
    return cell;
  }

  /** A `var` again in the same function: the same variable. */
  alias(node: Naming, cell: Cell): void {
    this.byNode.set(node, cell);
  }

  /** Gives a declared variable its value. */
  set(node: Naming, value: Value): void {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      const cell = scope.byNode.get(node);
      if (cell !== undefined) {
        cell.value = value;
        return;
      }
    }
    throw new Error(`'${node.name}' was not declared`);
  }

  /** The variable that a name at this offset means; undefined for a built-in. */
  find(name: string, offset: number): Cell | undefined {
    let at = offset;
    let crossed = false;
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      const found = scope.findHere(name, at, crossed);
      if (found !== undefined) return found;
      if (scope.fn !== null) {
        at = scope.fn.start;
        crossed = true;
      }
    }
    return undefined;
  }

  private findHere(name: string, at: number, crossed: boolean): Cell | undefined {
    const named = this.cells.filter((cell) => cell.name === name);
    const before = named.filter((cell) => {
      if (crossed) return cell.start < at;
      return cell.visibleFrom <= at && !cell.hidden.some(({ start, end }) => at >= start && at < end);
    });
    return before.at(-1) ?? (crossed ? named[0] : undefined);
  }

  /** The scope of the next turn of a `for`: its own variables with the values they have now. */
  copy(): Scope {
    const copy = new Scope(this.parent, this.fn);
    for (const [node, cell] of this.byNode) {
      const twin = { ...cell };
      copy.cells.push(twin);
      copy.byNode.set(node, twin);
    }
    return copy;
  }
}

/** Every name that a pattern binds, in the order of the text. */
export function namesOf(pattern: ast.Pattern | ast.MatchPattern): ast.NamePattern[] {
  switch (pattern.kind) {
    case 'NamePattern':
      return [pattern];
    case 'ArrayPattern':
      return [...pattern.items.flatMap((item) => (item === null ? [] : namesOf(item.target))), ...rest(pattern)];
    case 'MapPattern':
      return [...pattern.entries.flatMap((entry) => namesOf(entry.target)), ...rest(pattern)];
    case 'ArrayMatch':
      return [...pattern.items.flatMap(namesOf), ...rest(pattern)];
    case 'MapMatch':
      return [...pattern.entries.flatMap((entry) => namesOf(entry.pattern)), ...rest(pattern)];
    case 'Any':
    case 'Value':
    case 'RangePattern':
      return [];
  }
}

/** Every name that a pattern binds, with the defaults that may give it its value. */
export function namesWithDefaults(
  pattern: ast.Pattern,
  around: readonly Place[] = [],
): [ast.NamePattern, readonly Place[]][] {
  if (pattern.kind === 'NamePattern') return [[pattern, around]];
  const parts = pattern.kind === 'ArrayPattern' ? pattern.items : pattern.entries;
  const inner = parts.flatMap((part) => {
    if (part === null) return [];
    return namesWithDefaults(part.target, part.fallback === null ? around : [...around, part.fallback]);
  });
  return pattern.rest === null ? inner : [...inner, [pattern.rest, around]];
}

function rest(pattern: { readonly rest: ast.NamePattern | null }): ast.NamePattern[] {
  return pattern.rest === null ? [] : [pattern.rest];
}
