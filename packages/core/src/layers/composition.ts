// Layers composed of other layers.
import { givenText } from '../arguments/check.ts';
import { isObject } from '../arguments/forms.ts';
import { failOf } from './attributes.ts';
import type { Layer, Scope } from './scope.ts';

/**
 * Runs layers one after the other. The keys name them: `sequential({ c1: conv2d(...), pool: maxPool2d(...) })` has the
 * parameters `c1.w` and `c1.b`. It accepts an object rather than a list because the keys become parameter names in weights,
 * exported files, messages and the rules of `fit`.
 * @throws ShapeError, when the network is built, for a list; for an integer name, because JavaScript would list it first; and
 * for a name that is empty or contains a dot, the separator of parameter names
 */
export function sequential(layers: Readonly<Record<string, Layer>>): Layer {
  return (scope, x) => {
    checkNames('sequential', layers, scope);
    return Object.entries(layers).reduce((value, [name, layer]) => scope.run(name, layer, value), x);
  };
}

/**
 * Runs branches in parallel on one input and concatenates their results along the channels, as in Inception. The keys name the
 * branches. `x: [N, C, H, W] -> [N, sum of the branches' channels, OH, OW]`
 * @throws ShapeError, when the network is built, if the results differ in more than their channels, and for the names that
 * `sequential` rejects
 */
export function parallel(branches: Readonly<Record<string, Layer>>): Layer {
  return (scope, x) => {
    checkNames('parallel', branches, scope);
    const results = Object.entries(branches).map(([name, branch]) => scope.run(name, branch, x));
    return scope.op.concat(...results, { axis: 1 });
  };
}

/**
 * Names of this form are array indices to JavaScript: an object lists them first, in numeric order, regardless of insertion
 * order.
 */
const INDEX = /^(?:0|[1-9]\d*)$/;

function checkNames(layer: string, layers: object, scope: Scope): void {
  const fail = failOf(layer, scope);
  // Plain JavaScript may pass anything.
  if (!isObject(layers)) {
    const given = Array.isArray(layers) ? 'a list' : givenText(layers);
    throw fail(`expected an object of named layers, such as { c1: conv2d(...) }, got ${given}`);
  }
  for (const name of Object.keys(layers)) {
    if (INDEX.test(name)) {
      throw fail(
        `expected layer names that are not integers, which JavaScript lists first, got "${name}"; ` +
          `start it with a letter, such as l${name}`,
      );
    }
    if (name === '' || name.includes('.')) {
      throw fail(
        `expected non-empty layer names without dots, which separate parameter names (c1.w), got "${name}"`,
      );
    }
  }
}
