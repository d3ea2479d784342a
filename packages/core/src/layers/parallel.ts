import type { Layer } from './scope.ts';

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
