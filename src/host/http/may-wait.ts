/** Whether a function of the program may wait: the compiler has made it a generator function then. */
import type { FunctionValue } from '../../runtime/values';

export const GeneratorFunction = function* () {}.constructor as GeneratorFunctionConstructor;

export function mayWait(f: FunctionValue): boolean {
  return f instanceof GeneratorFunction;
}
