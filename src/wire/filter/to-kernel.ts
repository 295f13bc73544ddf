/**
 * A filter as a program for the kernel: classic BPF (the kernel's Documentation/networking/filter.rst). Jumps lead
 * forward only, at most 255 instructions; a filter that does not fit is left to the function alone.
 */
import type { Arithmetic, Test } from './tests';

/** code, jump if true, jump if false, operand. */
export type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, k: number];

const LD = 0x00;
const LDX = 0x01;
const ST = 0x02;
const ALU = 0x04;
const JMP = 0x05;
const RET = 0x06;
const MISC = 0x07;
const W = 0x00;
const H = 0x08;
const B = 0x10;
const IMM = 0x00;
const ABS = 0x20;
const IND = 0x40;
const MEM = 0x60;
const LEN = 0x80;
const MSH = 0xa0;
const X = 0x08;
const TAX = 0x00;
const JEQ = 0x10;
const JGT = 0x20;
const JGE = 0x30;
const JA = 0x00;
const OPERATORS = { '+': 0x00, '-': 0x10, '*': 0x20, '/': 0x30, '|': 0x40, '&': 0x50, '<<': 0x60, '>>': 0x70, '%': 0x90, '^': 0xa0 } as const; // prettier-ignore
const MAX_INSTRUCTIONS = 4000;
const MAX_JUMP = 255;
const SCRATCH_CELLS = 16;

class Label {
  at = -1;
}

interface Draft {
  readonly code: number;
  readonly k: number;
  readonly whenTrue: Label | null;
  readonly whenFalse: Label | null;
}

/** A packet that passes is kept up to `snapLength` bytes. Null where it cannot be said in this way. */
export function toKernel(test: Test, snapLength: number): Instruction[] | null {
  try {
    return new Assembler().program(test, snapLength);
  } catch (error) {
    if (error instanceof DoesNotFit) return null;
    throw error;
  }
}

class DoesNotFit extends Error {}

class Assembler {
  private readonly drafts: Draft[] = [];
  private cells = 0;

  program(test: Test, snapLength: number): Instruction[] {
    const pass = new Label();
    const reject = new Label();
    this.test(test, pass, reject);
    this.place(pass);
    this.emit(RET, snapLength);
    this.place(reject);
    this.emit(RET, 0);
    return this.drafts.map((draft, i) => this.resolved(draft, i));
  }

  private resolved({ code, k, whenTrue, whenFalse }: Draft, at: number): Instruction {
    if (whenTrue === null || whenFalse === null) return [code, 0, 0, k];
    if (code === (JMP | JA)) return [code, 0, 0, whenTrue.at - at - 1];
    const jumps = [whenTrue.at - at - 1, whenFalse.at - at - 1] as const;
    if (jumps.some((jump) => jump < 0 || jump > MAX_JUMP)) throw new DoesNotFit();
    return [code, jumps[0], jumps[1], k];
  }

  private emit(code: number, k = 0, whenTrue: Label | null = null, whenFalse: Label | null = null): void {
    if (this.drafts.length >= MAX_INSTRUCTIONS) throw new DoesNotFit();
    this.drafts.push({ code, k, whenTrue, whenFalse });
  }

  private place(label: Label): void {
    label.at = this.drafts.length;
  }

  private test(test: Test, pass: Label, reject: Label): void {
    switch (test.kind) {
      case 'constant': {
        const target = test.value ? pass : reject;
        this.emit(JMP | JA, 0, target, target);
        return;
      }
      case 'and': {
        const next = new Label();
        this.test(test.left, next, reject);
        this.place(next);
        this.test(test.right, pass, reject);
        return;
      }
      case 'or': {
        const next = new Label();
        this.test(test.left, pass, next);
        this.place(next);
        this.test(test.right, pass, reject);
        return;
      }
      case 'not':
        this.test(test.test, reject, pass);
        return;
      case 'compare':
        this.compare(test, pass, reject);
    }
  }

  private compare(test: Test & { readonly kind: 'compare' }, pass: Label, reject: Label): void {
    const { left, right, operator } = test;
    let source = 0;
    let k = 0;
    if (right.kind === 'number') {
      this.value(left);
      k = right.value;
    } else {
      const cell = this.store(right);
      this.value(left);
      this.emit(LDX | MEM, cell);
      this.cells--;
      source = X;
    }
    const jump = (code: number, straight: boolean): void =>
      this.emit(JMP | code | source, k, straight ? pass : reject, straight ? reject : pass);
    switch (operator) {
      case '=':
        return jump(JEQ, true);
      case '!=':
        return jump(JEQ, false);
      case '>':
        return jump(JGT, true);
      case '>=':
        return jump(JGE, true);
      case '<':
        return jump(JGE, false);
      case '<=':
        return jump(JGT, false);
    }
  }

  /** Puts a value into a cell of the scratch memory. */
  private store(value: Arithmetic): number {
    this.value(value);
    if (this.cells >= SCRATCH_CELLS) throw new DoesNotFit();
    const cell = this.cells++;
    this.emit(ST, cell);
    return cell;
  }

  /** Leaves the value in the accumulator. */
  private value(value: Arithmetic): void {
    switch (value.kind) {
      case 'number':
        this.emit(LD | IMM, value.value);
        return;
      case 'length':
        this.emit(LD | W | LEN);
        return;
      case 'load':
        this.load(value);
        return;
      case 'binary': {
        const code = ALU | OPERATORS[value.operator];
        if (value.right.kind === 'number') {
          this.value(value.left);
          this.emit(code, value.right.value);
          return;
        }
        const cell = this.store(value.right);
        this.value(value.left);
        this.emit(LDX | MEM, cell);
        this.cells--;
        this.emit(code | X);
      }
    }
  }

  private load({ base, ipHeader, offset, size }: Arithmetic & { readonly kind: 'load' }): void {
    const width = size === 1 ? B : size === 2 ? H : W;
    if (offset.kind === 'number') {
      if (!ipHeader) {
        this.emit(LD | width | ABS, base + offset.value);
        return;
      }
      this.emit(LDX | B | MSH, base);
      this.emit(LD | width | IND, base + offset.value);
      return;
    }
    if (ipHeader) {
      const cell = this.store(offset);
      // The header's length gets into the accumulator by way of the index register.
      this.emit(LDX | B | MSH, base);
      this.emit(MISC | 0x80);
      this.emit(LDX | MEM, cell);
      this.cells--;
      this.emit(ALU | OPERATORS['+'] | X);
    } else {
      this.value(offset);
    }
    this.emit(MISC | TAX);
    this.emit(LD | width | IND, base);
  }
}
