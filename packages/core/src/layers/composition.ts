// Layers made of layers.
import type { Layer } from './scope.ts';

/**
 * Layers one after the other; the keys name them: `sequential({ c1: conv2d(...), pool: maxPool2d(...) })` has the
 * parameters `c1.w` and `c1.b`. It takes an object, not a list, because the names are those of the parameters: in weights,
 * exported files, messages, and the rules of `fit`.
 */
export function sequential(layers: Readonly<Record<string, Layer>>): Layer {
  return (scope, x) =>
    Object.entries(layers).reduce((value, [name, layer]) => scope.run(name, layer, value), x);
}

/**
 * Layers side by side on one input, their results joined along the channels: Inception's concatenation. The keys name them.
 * `x: [N, C, H, W] -> [N, sum of the branches' channels, OH, OW]`
 * @throws ShapeError, when the network is built, if the results differ in more than their channels
 */
export function parallel(branches: Readonly<Record<string, Layer>>): Layer {
  return (scope, x) => {
    const results = Object.entries(branches).map(([name, branch]) => scope.run(name, branch, x));
    return scope.op.concat(...results, { axis: 1 });
  };
}
