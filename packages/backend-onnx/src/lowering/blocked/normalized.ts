// Expresses normalization with known statistics as a factor and a shift per channel, which a convolution folds into
// its filter and its bias. If the weights are constants, the factor and the shift are constants, too, and the library
// computes them only once.
import type { NodeOf, Shape4, ValueId } from '@isonet/core';
import type { Writer } from '@isonet/onnx/write';
import { deviationOf } from './batchNorm.ts';
import { channelsOf } from './filter.ts';
import type { Layout } from './layout.ts';
import { view } from './layout.ts';

type Norm = NodeOf<'batchNormInference'>;

/** Writes `scale / sqrt(variance + epsilon)`. `-> [Kp]` */
export function factorOf({ inputs, attrs }: Norm, layout: Layout, writer: Writer): string {
  const [, scale, , , variance] = inputs;
  const spread = deviationOf(variance, attrs.epsilon, layout, writer);
  return writer.emit('Div', [channelsOf(scale, layout, writer), spread]);
}

/** Writes the convolution's bias after normalization: `bias + (before - mean) * factor`, where a missing `before` is 0. `-> [Kp]` */
export function normalizedBias(
  before: ValueId | undefined,
  norm: Norm,
  layout: Layout,
  writer: Writer,
): string {
  const [, , bias, mean] = norm.inputs;
  const means = channelsOf(mean, layout, writer);
  const start =
    before === undefined
      ? writer.emit('Neg', [means])
      : writer.emit('Sub', [channelsOf(before, layout, writer), means]);
  const moved = writer.emit('Mul', [start, factorOf(norm, layout, writer)]);
  return writer.emit('Add', [channelsOf(bias, layout, writer), moved]);
}

/** Multiplies each output channel of a filter in blocks by its factor. `filter: [Kb, ..., B] with any shape -> the same` */
export function scaledFilter(
  filter: string,
  norm: Norm,
  [k, ...others]: Shape4,
  { block, form }: Layout,
  writer: Writer,
): string {
  const blocks = Math.ceil(k / block);
  const factor = view(writer, factorOf(norm, { block, form }, writer), [blocks, 1, block]);
  const scaled = writer.emit('Mul', [view(writer, filter, [blocks, -1, block]), factor]);
  return view(writer, scaled, [blocks * block, ...others]);
}
