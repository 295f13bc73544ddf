/**
 * What a program holds of a mutex and its like: a map that prints well, `{"type": "mutex", "id": 1}`. Its
 * state is found by the identity of that map, so that a program can neither make one up nor change one, and
 * nothing stays once the map is gone.
 */
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import type { Type } from '../../types';

export class Handles<State extends object> {
  private readonly states = new WeakMap<MapValue, State>();
  private lastId = 0;
  /** The type of parameters that take such a map; the function behind gets the state. */
  readonly type: Type<State>;

  /** `kind` as it is read ("wait group"), `maker`: the built-in that makes one. */
  constructor(
    private readonly kind: string,
    maker: string,
  ) {
    this.type = {
      name: 'map',
      takes: `a ${kind} made by ${maker}`,
      test: 'check($)',
      check: (value) => value instanceof MapValue && this.states.has(value),
      explain: (value) =>
        value instanceof MapValue && value.get('type') === kind
          ? `a copy of a ${kind} is none: pass on the map that ${maker} gave`
          : null,
      convert: (value) => this.states.get(value as MapValue)!,
    };
  }

  /** Makes a handle; `create` gets the name for messages: "<mutex 1>". */
  make(create: (name: string) => State): Value {
    const id = ++this.lastId;
    const handle = MapValue.from({ type: this.kind, id });
    this.states.set(handle, create(`<${this.kind} ${id}>`));
    return handle;
  }
}
