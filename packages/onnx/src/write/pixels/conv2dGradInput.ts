// The input gradient of conv2d, also used as a layer -> Gather and a 1x1 Conv, as in the convolution itself, once per
// phase of the stride. The same taps of the filter reach all pixels of a phase.
// `dy: [N, K, OH, OW], w: [K, C / groups, KH, KW] -> [N, C, H, W]`
import type { Shape4, ValueId } from '@isonet/core';
import { int32 } from '@isonet/core';
import { conv2dGradInput as plain } from '../ops/conv2dGradInput.ts';
import type { OnnxKernel, Writer } from '../writer/writer.ts';
import type { Convolution, Window } from './columns.ts';
import { filled, gathered, isPointwise, isProduct, pairsOf, tableOf, upTo } from './columns.ts';
import { pixelsOf, setPixels, viewed } from './form.ts';

export const conv2dGradInput: OnnxKernel<'conv2dGradInput'> = (node, values, writer) => {
  const {
    inputs: [dy, w],
    outputs: [dx],
  } = values;
  const convolution = {
    x: writer.shape4(dx),
    w: writer.shape4(w),
    y: writer.shape4(dy),
    window: node.attrs,
  };
  // The columns of dy are gathered for each pixel of x. In the convolution, the columns of x are gathered for each
  // pixel of y, so x and y swap roles here.
  const {
    x: [n, , h, width],
    w: [k],
    y: [, , oh, ow],
  } = convolution;
  const mirrored = { ...convolution, x: [n, k, oh, ow] as const, y: [n, k, h, width] as const };
  if (!isProduct(mirrored, dy, writer)) return plain(node, values, writer);
  if (isPointwise(convolution.w, node.attrs)) {
    const filter = transposed(writer.full(w), convolution.w, undefined, writer);
    setPixels(dx, writer.emit('Conv', [pixelsOf(dy, writer), filter], { kernel_shape: [1, 1] }), writer);
  } else setPixels(dx, phased(dy, w, convolution, writer), writer);
};

/** The rows or columns of x that the same taps reach. */
interface Phase {
  readonly positions: readonly number[];
  readonly taps: readonly number[];
}

function phased(dy: ValueId, w: ValueId, convolution: Convolution, writer: Writer): string {
  const {
    x: [n, c, h, width],
    w: filter,
    y: [, , oh, ow],
    window,
  } = convolution;
  const rows = phasesOf(h, filter[2], window, 0);
  const columns = phasesOf(width, filter[3], window, 1);
  const phases = pairsOf(rows, columns);
  const parts = phases.flatMap(([down, across]) => {
    const pixels = pairsOf(down.positions, across.positions).map(([i, j]) => i * width + j);
    const taps = pairsOf(down.taps, across.taps);
    if (pixels.length === 0 || taps.length === 0) return [];
    const table = taps.flatMap(([p, q]) =>
      tableOf(sources(down.positions, p, window, 0), sources(across.positions, q, window, 1), [oh, ow]),
    );
    const gradients = viewed(
      gathered(dy, table, writer),
      [1, filter[0] * taps.length, pixels.length, n],
      writer,
    );
    const all = taps.length === filter[2] * filter[3];
    const chosen = all ? undefined : taps.map(([p, q]) => p * filter[3] + q);
    const weights = transposed(writer.full(w), filter, chosen, writer);
    return [{ pixels, name: writer.emit('Conv', [gradients, weights], { kernel_shape: [1, 1] }) }];
  });
  return interleaved(parts, { pixels: h * width, zeros: () => filled(0, [1, c, 1, n], writer) }, writer);
}

/** Returns the phases along an axis of x, one per step of the stride. */
function phasesOf(size: number, kernel: number, window: Window, axis: 0 | 1): readonly Phase[] {
  const { strides, pads, dilations } = window;
  const stride = strides[axis];
  return upTo(stride).map((phase) => ({
    positions: upTo(size).filter((position) => (position + pads[axis]) % stride === phase),
    taps: upTo(kernel).filter((tap) => (tap * dilations[axis]) % stride === phase),
  }));
}

/** Returns the filter positions at which this tap covers the given rows or columns of x. Some are outside dy. */
function sources(
  positions: readonly number[],
  tap: number,
  { strides, pads, dilations }: Window,
  axis: 0 | 1,
): readonly number[] {
  return positions.map((position) => (position + pads[axis] - tap * dilations[axis]) / strides[axis]);
}

interface Part {
  /** The indices of its pixels in the image. */
  readonly pixels: readonly number[];
  readonly name: string;
}

/** Assembles all parts into one image. Pixels that no part contains are zeros. */
function interleaved(
  parts: readonly Part[],
  image: { readonly pixels: number; zeros(): string },
  writer: Writer,
): string {
  const [only] = parts;
  const order = parts.flatMap(({ pixels }) => pixels);
  if (only && order.length === image.pixels && parts.length === 1) return only.name;
  const from = new Map(order.map((pixel, i) => [pixel, i]));
  const table = upTo(image.pixels).map((pixel) => from.get(pixel) ?? order.length);
  const rest = order.length < image.pixels ? [image.zeros()] : [];
  const joined = writer.emit('Concat', [...parts.map(({ name }) => name), ...rest], { axis: 2 });
  return writer.emit('Gather', [joined, writer.constant(int32([table.length], table))], { axis: 2 });
}

/** Transposes a filter, or some of its taps. `w: [K, C, KH, KW] -> [C, K*taps, 1, 1]` */
function transposed(
  w: string,
  [k, c, kh, kw]: Shape4,
  taps: readonly number[] | undefined,
  writer: Writer,
): string {
  const count = taps?.length ?? kh * kw;
  const flat = viewed(w, [k, c, kh * kw], writer);
  const chosen = taps
    ? writer.emit('Gather', [flat, writer.constant(int32([count], taps))], { axis: 2 })
    : flat;
  const moved = writer.emit('Transpose', [chosen], { perm: [1, 0, 2] });
  return viewed(moved, [c, k * count, 1, 1], writer);
}
