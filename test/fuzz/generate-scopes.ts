/** What a generated program has declared where it stands: names, what they probably hold, how they may be used. */

/** What an expression should give. Only a hope: variables change, so programs also run into type errors. */
export type Kind = 'number' | 'string' | 'boolean' | 'array' | 'map' | 'function' | 'any';

export interface Variable {
  readonly name: string;
  kind: Kind;
  readonly constant: boolean;
  /** How many arguments the checker allows at most; null where it does not know the function. */
  readonly arity: number | null;
}

interface Level {
  readonly variables: Variable[];
  /** A function begins here. */
  readonly isFunction: boolean;
}

export class Names {
  private levels: Level[] = [{ variables: [], isFunction: true }];

  enter(isFunction = false): void {
    this.levels.push({ variables: [], isFunction });
  }

  leave(): void {
    this.levels.pop();
  }

  declare(variable: Variable): void {
    this.levels.at(-1)!.variables.push(variable);
  }

  /** `var` */
  declareInFunction(variable: Variable): void {
    this.levels.findLast((level) => level.isFunction)!.variables.push(variable);
  }

  /** What names mean here, innermost first. */
  visible(): Variable[] {
    const seen = new Map<string, Variable>();
    for (const level of [...this.levels].reverse()) {
      for (const variable of [...level.variables].reverse())
        if (!seen.has(variable.name)) seen.set(variable.name, variable);
    }
    return [...seen.values()];
  }

  ofKind(kind: Kind): Variable[] {
    return this.visible().filter((variable) => kind === 'any' || variable.kind === kind || variable.kind === 'any');
  }

  /** Without those that may hold anything. */
  certain(kind: Kind): Variable[] {
    return this.visible().filter((variable) => kind === 'any' || variable.kind === kind);
  }

  assignable(): Variable[] {
    return this.visible().filter((variable) => !variable.constant);
  }

  isShadowed(name: string): boolean {
    return this.levels.some((level) => level.variables.some((variable) => variable.name === name));
  }
}
