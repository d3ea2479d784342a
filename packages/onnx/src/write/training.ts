// The training table: every op in standard ONNX operators, so that a runtime that knows nothing of training trains. It is
// the canonical table and the ops of gradients graphs, which need fixed sizes. Composites without an entry are decomposed.
import { canonical } from './canonical.ts';
import { avgPool2dGrad } from './gradients/avgPool2dGrad.ts';
import { conv2dGradFilter } from './gradients/conv2dGradFilter.ts';
import { maxPool2dGather } from './gradients/maxPool2dGather.ts';
import { maxPool2dGrad } from './gradients/maxPool2dGrad.ts';
import { allFinite } from './ops/allFinite.ts';
import type { OnnxKernels } from './writer/writer.ts';

/** How every op of a training graph is written in standard ONNX operators, by its name; needs static shapes. */
export const training: OnnxKernels = {
  ...canonical,
  allFinite,
  avgPool2dGrad,
  conv2dGradFilter,
  maxPool2dGather,
  maxPool2dGrad,
  // An input of the model: ONNX's own generators differ from runtime to runtime, so the numbers are drawn outside and fed.
  randomUniform: (node, { outputs: [y] }, writer) => writer.set(y, writer.uniform(node)),
};
