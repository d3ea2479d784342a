// The training table writes every op in standard ONNX operators, so that an inference-only runtime can train. It extends the
// canonical table with the ops of gradients, which need fixed sizes. Composites without an entry are decomposed.
import { canonical } from './canonical.ts';
import { avgPool2dGrad } from './gradients/avgPool2dGrad.ts';
import { conv2dGradFilter } from './gradients/conv2dGradFilter.ts';
import { maxPool2dGather } from './gradients/maxPool2dGather.ts';
import { maxPool2dGrad } from './gradients/maxPool2dGrad.ts';
import { allFinite } from './ops/allFinite.ts';
import type { OnnxKernels } from './writer/writer.ts';

/** Writes every op of a training graph in standard ONNX operators, by op name. Needs static shapes. */
export const training: OnnxKernels = {
  ...canonical,
  allFinite,
  avgPool2dGrad,
  conv2dGradFilter,
  maxPool2dGather,
  maxPool2dGrad,
  // An input of the model. ONNX's generators differ between runtimes, so the caller draws the random numbers and feeds them.
  randomUniform: (node, { outputs: [y] }, writer) => writer.set(y, writer.uniform(node)),
};
