let lastId = 0;

export class Channel {
  readonly id = ++lastId;

  constructor(readonly capacity: number) {}
}
