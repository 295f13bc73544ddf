/** How long packets are: the classes that tshark's `-z plen,tree` has. */

export const SIZE_CLASSES = ['0-19', '20-39', '40-79', '80-159', '160-319', '320-639', '640-1279', '1280-2559', '2560-5119', '5120+'] as const; // prettier-ignore

export class Sizes {
  min = Infinity;
  max = 0;
  readonly counts = new Float64Array(SIZE_CLASSES.length);

  add(length: number): void {
    if (length < this.min) this.min = length;
    if (length > this.max) this.max = length;
    // 20, 40, 80...: each class is twice as wide as the one before it.
    const doubled = 32 - Math.clz32(length / 20);
    this.counts[doubled > 9 ? 9 : doubled]!++;
  }
}
