import type { Layer } from './scope.ts';

/**
 * Layers one after the other; the keys name them: `sequential({ c1: conv2d(...), pool: maxPool2d(...) })` has the
 * parameters `c1.w` and `c1.b`.
 */
export function sequential(layers: Readonly<Record<string, Layer>>): Layer {
  return (scope, x) =>
    Object.entries(layers).reduce((value, [name, layer]) => scope.run(name, layer, value), x);
}
