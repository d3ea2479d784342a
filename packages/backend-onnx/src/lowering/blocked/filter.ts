// Converts filters from the graph's `[K, C, KH, KW]` to the forms that the blocked convolutions need, during the run.
// There are three forms: for x in blocks, for x in the graph's own layout, and with input and output channels
// exchanged, for the gradient of x.
import type { ValueId } from '@isonet/core';
import { float32, int32, sizeOf } from '@isonet/core';
import type { Writer } from '@isonet/onnx/write';
import type { Layout } from './layout.ts';
import { emitBlocked, padEnd, roundUp, view } from './layout.ts';

/** Converts a filter for x in blocks. `-> [Kp, Cp, KH, KW]`, in memory `[Kb, Cb, KH * KW, B of C, B of K]` */
export function filterOf(weights: ValueId, layout: Layout, target: Writer): string {
  return target.once(weights, 'filter', (writer, w) => {
    const [k, c, kh, kw] = writer.shape4(w);
    const { block } = layout;
    const [kp, cp, taps] = [roundUp(k, block), roundUp(c, block), kh * kw];
    const outputs = outputsInBlocks(w, [kp, cp], layout, writer);
    if (taps === 1) return view(writer, outputs, [kp, cp, kh, kw]);
    const blocks = view(writer, outputs, [(kp / block) * (cp / block), block, taps, block]);
    const moved = writer.emit('Transpose', [blocks], { perm: [0, 2, 1, 3] });
    return view(writer, moved, [kp, cp, kh, kw]);
  });
}

/**
 * Converts a filter for x in the graph's own layout, with fewer channels than a block. `-> [Kp, C, KH, KW]`, in memory
 * `[Kb, C, KH * KW, B of K]`
 */
export function planarFilterOf(weights: ValueId, layout: Layout, target: Writer): string {
  return target.once(weights, 'planar filter', (writer, w) => {
    const [k, c, kh, kw] = writer.shape4(w);
    const kp = roundUp(k, layout.block);
    return view(writer, outputsInBlocks(w, [kp, c], layout, writer), [kp, c, kh, kw]);
  });
}

/** Groups the output channels in blocks. `[K, C, KH, KW] -> [Kb, Cp * KH * KW, B of K]` */
function outputsInBlocks(
  w: ValueId,
  [kp, cp]: readonly [number, number],
  { block }: Layout,
  writer: Writer,
): string {
  const [k, c, kh, kw] = writer.shape4(w);
  const whole =
    k === kp && c === cp ? writer.full(w) : padEnd(writer, writer.full(w), [kp - k, cp - c, 0, 0]);
  const images = view(writer, whole, [kp / block, block, cp * kh * kw, 1]);
  return emitBlocked(writer, 'ReorderInput', [images]);
}

/**
 * Converts a filter with input and output channels exchanged, for some of its taps. `-> [Cp, Kp, rows, columns]`
 * @param taps the taps along each axis, in the order in which the convolution uses them
 */
export function exchangedFilterOf(
  weights: ValueId,
  [down, across]: readonly [readonly number[], readonly number[]],
  layout: Layout,
  target: Writer,
): string {
  return target.once(weights, `filter exchanged, taps ${down.join()} and ${across.join()}`, (writer, w) =>
    pickTaps(w, [down, across], layout, writer),
  );
}

function pickTaps(
  w: ValueId,
  [down, across]: readonly [readonly number[], readonly number[]],
  layout: Layout,
  writer: Writer,
): string {
  const [k, c, kh, kw] = writer.shape4(w);
  const { block } = layout;
  const [kb, cb] = [Math.ceil(k / block), Math.ceil(c / block)];
  const exchanged = writer.once(w, 'filter, blocks exchanged', () => {
    const blocks = view(writer, filterOf(w, layout, writer), [kb * cb * kh * kw, block, block, 1]);
    const turned = emitBlocked(writer, 'ReorderOutput', [blocks], { channels: block });
    return view(writer, turned, [kb * cb * kh * kw, block * block]);
  });
  const order = Array.from({ length: cb }, (_, j) =>
    Array.from({ length: kb }, (_row, i) =>
      down.flatMap((p) => across.map((q) => ((i * cb + j) * kh + p) * kw + q)),
    ),
  ).flat(2);
  const shape = [cb * block, kb * block, down.length, across.length];
  const inOrder = order.length === kb * cb * kh * kw && order.every((at, i) => at === i);
  const picked = inOrder
    ? exchanged
    : writer.emit('Gather', [exchanged, writer.constant(int32([order.length], order))], { axis: 0 });
  return view(writer, picked, shape);
}

/** Pads a vector of one element per channel with zeros to whole blocks. `[C] -> [Cp]` */
export function channelsOf(vector: ValueId, layout: Layout, target: Writer): string {
  return target.once(vector, 'channels in blocks', (writer, value) => {
    const count = sizeOf(writer.shape(value));
    return padChannels(writer.full(value), count, layout, writer);
  });
}

/** Pads the vector with this name. `[C] -> [Cp]` */
function padChannels(name: string, count: number, { block }: Layout, writer: Writer): string {
  const rest = roundUp(count, block) - count;
  return rest === 0 ? name : padEnd(writer, name, [rest]);
}

/**
 * Creates a filter that copies every tap of every channel to a separate channel. `-> [C * KH * KW, C, KH, KW]` before
 * the conversion
 */
export function tapFilter(
  [c, kh, kw]: readonly [number, number, number],
  { block }: Layout,
  writer: Writer,
): string {
  const taps = c * kh * kw;
  const kp = roundUp(taps, block);
  // In memory the filter is [Kb, C * KH * KW, B of K], with 1 where the tap equals the output channel.
  const data = new Float32Array(kp * taps);
  for (let tap = 0; tap < taps; tap++) {
    data[(Math.floor(tap / block) * taps + tap) * block + (tap % block)] = 1;
  }
  return writer.constant(float32([kp, c, kh, kw], data));
}
