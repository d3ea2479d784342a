import type { Value } from '../graph/value.ts';
import { dimOf, sizeOf, typeText } from '../tensor.ts';
import type { Definition } from './definition.ts';
import { channelSums } from './perChannel.ts';

declare module './signatures.ts' {
  interface Signatures {
    /**
     * Fully connected layer: x times the transpose of w, plus bias. `x: [N, I], w: [O, I], bias: [O] -> [N, O]`
     * @throws ShapeError unless all are float32 of these shapes
     */
    readonly dense: Composite<[x: Value, w: Value, bias: Value]>;
  }
}

export const dense: Definition<'dense'> = {
  kind: 'composite',
  inputs: ['x', 'w', 'bias'],
  infer: ([x, w, bias], _, fail) => {
    const [n, inputs] = x.shape;
    const [outputs] = w.shape;
    const floats = [x, w, bias].every(({ dtype }) => dtype === 'float32');
    const ranks = [x, w, bias].map(({ shape }) => shape.length).join();
    if (!floats || ranks !== '2,2,1' || n === undefined || outputs === undefined) {
      throw fail(`expected x [N, I], w [O, I], bias [O], got ${[x, w, bias].map(typeText).join(', ')}`);
    }
    if (w.shape[1] !== inputs) throw fail(`the weight expects ${w.shape[1]} inputs, x has ${inputs}`);
    if (bias.shape[0] !== outputs)
      throw fail(`the weight has ${outputs} outputs, the bias has ${bias.shape[0]}`);
    return [{ dtype: 'float32', shape: [n, outputs] }];
  },
  cost: ([x], [y]) => sizeOf(x.shape) * dimOf(y.shape, 1),
  decompose: (b, [x, w, bias]) => [
    b.op.biasAdd(b.op.matMul(x, w, { transposeA: false, transposeB: true }), bias),
  ],
  gradient: ({ b, inputs: [x, w], outputGradients: [dy] }) => [
    b.op.matMul(dy, w, { transposeA: false, transposeB: false }),
    b.op.matMul(dy, x, { transposeA: true, transposeB: false }),
    channelSums(b, dy),
  ],
};
