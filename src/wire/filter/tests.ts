/**
 * What a capture filter becomes: tests of bytes at places that are known when it is compiled, joined by and, or, not.
 * From this both a JavaScript function and a program for the kernel are made.
 */

/** A number: computed modulo 2^32, without a sign. */
export type Arithmetic =
  | { readonly kind: 'number'; readonly value: number }
  /** The length of the packet on the wire. */
  | { readonly kind: 'length' }
  | {
      readonly kind: 'load';
      /** Where it counts from: this many bytes into the packet; with `ipHeader` behind the IPv4 header that begins there. */
      readonly base: number;
      readonly ipHeader: boolean;
      readonly offset: Arithmetic;
      readonly size: 1 | 2 | 4;
    }
  | {
      readonly kind: 'binary';
      readonly operator: ArithmeticOperator;
      readonly left: Arithmetic;
      readonly right: Arithmetic;
    };

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>';
export type Comparison = '=' | '!=' | '<' | '>' | '<=' | '>=';

export type Test =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'and' | 'or'; readonly left: Test; readonly right: Test }
  | { readonly kind: 'not'; readonly test: Test }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly left: Arithmetic; readonly right: Arithmetic };

export const number = (value: number): Arithmetic => ({ kind: 'number', value: value >>> 0 });
export const always = (value: boolean): Test => ({ kind: 'constant', value });

export function load(base: number, offset: number, size: 1 | 2 | 4, ipHeader = false): Arithmetic {
  return { kind: 'load', base, ipHeader, offset: number(offset), size };
}

export function compare(operator: Comparison, left: Arithmetic, right: Arithmetic | number): Test {
  return { kind: 'compare', operator, left, right: typeof right === 'number' ? number(right) : right };
}

export function masked(value: Arithmetic, mask: number): Arithmetic {
  return mask >>> 0 === 0xffffffff ? value : { kind: 'binary', operator: '&', left: value, right: number(mask) };
}

export function not(test: Test): Test {
  return test.kind === 'constant' ? always(!test.value) : { kind: 'not', test };
}

export function and(...tests: readonly Test[]): Test {
  return tests.reduce((left, right) => {
    if (left.kind === 'constant') return left.value ? right : left;
    if (right.kind === 'constant') return right.value ? left : right;
    return { kind: 'and', left, right };
  });
}

export function or(...tests: readonly Test[]): Test {
  return tests.reduce((left, right) => {
    if (left.kind === 'constant') return left.value ? left : right;
    if (right.kind === 'constant') return right.value ? right : left;
    return { kind: 'or', left, right };
  });
}
