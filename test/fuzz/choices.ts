/**
 * Decisions of a generator, read from a list of numbers: fast-check makes the list and shrinks it, and what
 * the generator makes shrinks with it. At the end of the list every decision is 0, so a generator puts its
 * simplest form first.
 */
export class Choices {
  private at = 0;

  constructor(private readonly data: readonly number[]) {}

  get exhausted(): boolean {
    return this.at >= this.data.length;
  }

  /** 0 to count - 1. */
  below(count: number): number {
    const value = this.data[this.at++] ?? 0;
    return value % count;
  }

  /** True in `percent` of 100 cases; never once the list is exhausted. */
  chance(percent: number): boolean {
    return this.below(100) >= 100 - percent;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}
