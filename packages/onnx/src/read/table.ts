// The readers of all operators, by ONNX's names. Each folder of ops/ exports its own table.
import type { ReadOps } from './node.ts';
import { control } from './ops/control/index.ts';
import { convolution } from './ops/convolution/index.ts';
import { normalization } from './ops/normalization/index.ts';
import { pointwise } from './ops/pointwise/index.ts';
import { pooling } from './ops/pooling/index.ts';
import { products } from './ops/products/index.ts';
import { quantization } from './ops/quantization/index.ts';
import { reductions } from './ops/reductions/index.ts';
import { resize } from './ops/resize/index.ts';
import { shapes } from './ops/shapes/index.ts';

export const readOps: ReadOps = {
  ...control,
  ...convolution,
  ...normalization,
  ...pointwise,
  ...pooling,
  ...products,
  ...quantization,
  ...reductions,
  ...resize,
  ...shapes,
};

/** The names of all operators with a reader, including those that are always refused with a specific reason. */
export const operators: readonly string[] = Object.keys(readOps);
