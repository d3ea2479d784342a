// Layers made of layers.
import { givenText } from '../arguments/check.ts';
import { isObject } from '../arguments/forms.ts';
import { failOf } from './attributes.ts';
import type { Layer, Scope } from './scope.ts';

/**
 * Layers one after the other; the keys name them: `sequential({ c1: conv2d(...), pool: maxPool2d(...) })` has the
 * parameters `c1.w` and `c1.b`. It takes an object, not a list, because the names are those of the parameters: in weights,
 * exported files, messages, and the rules of `fit`.
 * @throws ShapeError, when the network is built, for a list; for a name that is a whole number: JavaScript lists those first,
 * wherever they are written; and for one that is empty or has a dot, which parts the names of parameters
 */
export function sequential(layers: Readonly<Record<string, Layer>>): Layer {
  return (scope, x) => {
    checkNames('sequential', layers, scope);
    return Object.entries(layers).reduce((value, [name, layer]) => scope.run(name, layer, value), x);
  };
}

/**
 * Layers side by side on one input, their results joined along the channels: Inception's concatenation. The keys name them.
 * `x: [N, C, H, W] -> [N, sum of the branches' channels, OH, OW]`
 * @throws ShapeError, when the network is built, if the results differ in more than their channels, and for what `sequential` refuses
 */
export function parallel(branches: Readonly<Record<string, Layer>>): Layer {
  return (scope, x) => {
    checkNames('parallel', branches, scope);
    const results = Object.entries(branches).map(([name, branch]) => scope.run(name, branch, x));
    return scope.op.concat(...results, { axis: 1 });
  };
}

/** Names of this form are indices to JavaScript: an object lists them first and in order, wherever they are written. */
const INDEX = /^(?:0|[1-9]\d*)$/;

function checkNames(layer: string, layers: object, scope: Scope): void {
  const fail = failOf(layer, scope);
  // The type says that it is an object; plain JavaScript may pass anything.
  if (!isObject(layers)) {
    const given = Array.isArray(layers) ? 'a list' : givenText(layers);
    throw fail(`expected an object that names the layers, as { c1: conv2d(...) }, got ${given}`);
  }
  for (const name of Object.keys(layers)) {
    if (INDEX.test(name)) {
      throw fail(
        `expected names that are not whole numbers, which JavaScript lists first, got "${name}"; ` +
          `begin it with a letter, as l${name}`,
      );
    }
    if (name === '' || name.includes('.')) {
      throw fail(
        `expected names without dots, which part the names of parameters (c1.w), and not empty, got "${name}"`,
      );
    }
  }
}
