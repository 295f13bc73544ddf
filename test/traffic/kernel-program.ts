/** Runs a classic BPF program as the kernel does (Documentation/networking/filter.rst). */
import type { Instruction } from '../../src/wire/filter/to-kernel';

/** How much of the packet is kept; 0 where it is rejected. */
export function runKernelProgram(program: readonly Instruction[], packet: Uint8Array, wireLength: number): number {
  let a = 0;
  let x = 0;
  const cells = new Uint32Array(16);
  const read = (at: number, size: number): number => {
    if (at + size > packet.length) return -1;
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + packet[at + i]!;
    return value;
  };
  for (let pc = 0; pc < program.length; pc++) {
    const [code, jumpTrue, jumpFalse, k] = program[pc]!;
    const size = (code & 0x18) === 0 ? 4 : (code & 0x18) === 8 ? 2 : 1;
    switch (code & 7) {
      case 0: {
        const mode = code & 0xe0;
        if (mode === 0) a = k;
        else if (mode === 0x60) a = cells[k]!;
        else if (mode === 0x80) a = wireLength;
        else {
          a = read(mode === 0x20 ? k : (x + k) >>> 0, size);
          if (a < 0) return 0;
        }
        break;
      }
      case 1:
        if ((code & 0xe0) === 0xa0) {
          const byte = read(k, 1);
          if (byte < 0) return 0;
          x = (byte & 15) * 4;
        } else x = cells[k]!;
        break;
      case 2:
        cells[k] = a;
        break;
      case 4: {
        const operand = (code & 8) !== 0 ? x : k;
        switch (code & 0xf0) {
          case 0x00: a = a + operand; break;
          case 0x10: a = a - operand; break;
          case 0x20: a = Math.imul(a, operand); break;
          case 0x30: if (operand === 0) return 0; a = Math.floor(a / operand); break;
          case 0x40: a = a | operand; break;
          case 0x50: a = a & operand; break;
          case 0x60: a = a << operand; break;
          case 0x70: a = a >>> operand; break;
          case 0x90: if (operand === 0) return 0; a = a % operand; break;
          case 0xa0: a = a ^ operand; break;
          default: throw new Error(`operator ${code.toString(16)}`);
        } // prettier-ignore
        a = a >>> 0;
        break;
      }
      case 5: {
        const operand = (code & 8) !== 0 ? x : k;
        const kind = code & 0xf0;
        if (kind === 0) pc += k;
        else pc += (kind === 0x10 ? a === operand : kind === 0x20 ? a > operand : a >= operand) ? jumpTrue : jumpFalse;
        break;
      }
      case 6:
        return k;
      default:
        if ((code & 0x80) !== 0) a = x;
        else x = a;
    }
  }
  throw new Error('the program does not end');
}
