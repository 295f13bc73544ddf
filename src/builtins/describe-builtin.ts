/** The help texts with every built-in at hand: for the command and for what writes the reference. */
import './registry';

export { describeBuiltin, nearestName } from './help-text';
export { referencePage } from './reference-page';
