// Test helpers: a network whose layers are single ops, and weights for any network.
import type { Layer, Model, Tensors } from '@isonet/core';
import {
  avgPool2d,
  batchNorm,
  dense,
  flatten,
  float32,
  hardSigmoid,
  he,
  initialize,
  leakyRelu,
  localResponseNorm,
  parallel,
  prelu,
  sequential,
  sizeOf,
  stateOf,
  streamKey,
  uniformBlock,
} from '@isonet/core';

/** Returns initial weights, and running statistics like those after some training. */
export function weightsOf(model: Model): Tensors {
  const { parameters, buffers } = stateOf(model);
  const statistics = buffers.map(({ name, shape, initial }) => {
    const unit = uniformBlock(5, streamKey(name), 0, 0, sizeOf(shape));
    return [
      name,
      float32(
        shape,
        unit.map((u) => initial + u / 4),
      ),
    ] as const;
  });
  return { ...initialize(parameters, he, 7), ...Object.fromEntries(statistics) };
}

const gate: Layer = (scope, x) => scope.op.clip(scope.op.mul(x, scope.op.sigmoid(x)), { low: -0.2, high: 2 });

const cut: Layer = (scope, x) => {
  const [n = 1, , ...field] = x.shape;
  const half = scope.op.slice(x, { starts: [0, 1, 0, 0], sizes: [n, 4, ...field] });
  return scope.op.transpose(half, { permutation: [0, 2, 3, 1] });
};

export const mixed: Model = {
  name: 'mixed',
  input: { name: 'images', shape: [4, 6, 6] },
  output: { name: 'logits', shape: [3] },
  layer: sequential({
    norm: batchNorm(),
    both: parallel({
      odd: sequential({ norm: localResponseNorm({ size: 3, alpha: 1 }), act: leakyRelu() }),
      even: sequential({ norm: localResponseNorm({ size: 2, alpha: 1 }), act: hardSigmoid() }),
      slopes: prelu(),
      gate,
    }),
    pool: avgPool2d({ kernel: 3, stride: 2, padding: 1 }),
    cut,
    flatten: flatten(),
    fc: dense(3),
    tail: (scope, x) => scope.op.exp(scope.op.logSoftmax(scope.op.softmax(x, { axis: 1 }), { axis: 1 })),
  }),
};
