// The gradient of conv2d for its input. `dy: [N, OH, OW, K], w: [KH, KW, C, K] -> [N, H, W, C]`
//
// With stride S, the rows of dx fall into S phases by their remainder. Each phase is a convolution of dy with every S-th row of the
// flipped filter. All phases are computed as one convolution with stride 1 and S times the channels, and then interleaved (Shi et al.
// 2016, "Is the deconvolution layer the same as a convolutional layer?"). Inserting zeros into dy instead would waste S * S - 1 of
// every S * S multiplications.
import type { Pair } from '@isonet/core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Conv2dGeometry } from '../context.ts';
import type { Tf } from '../tf.ts';
import { conv2d, dilated } from './conv2d.ts';

export function conv2dGradInput(
  tf: Tf,
  dy: Tensor4D,
  w: Tensor4D,
  [height, width]: Pair,
  { strides, pads, dilations }: Conv2dGeometry,
): Tensor4D {
  const filter = dilated(tf, w, dilations);
  const [kernelHeight, kernelWidth, channels] = filter.shape;
  const [n, outHeight, outWidth] = dy.shape;
  const vertical = phases(height, outHeight, kernelHeight, strides[0], pads[0]);
  const horizontal = phases(width, outWidth, kernelWidth, strides[1], pads[1]);
  if (vertical.end <= vertical.start || horizontal.end <= horizontal.start) {
    return tf.zeros([n, height, width, channels]); // Every window is in the padding.
  }

  const reached = cut(tf, dy, [vertical.start, horizontal.start], [vertical.end, horizontal.end]);
  const y = conv2d(tf, reached, phaseFilter(tf, filter, strides, [vertical.taps, horizontal.taps]), {
    strides: [1, 1],
    dilations: [1, 1],
    pads: [vertical.before, horizontal.before, vertical.after, horizontal.after],
  });
  const [, rows, columns] = y.shape;
  const separate = tf.reshape(y, [n * rows, columns, strides[0], strides[1] * channels]);
  const interleaved: Tensor4D = tf.reshape(tf.transpose(separate, [0, 2, 1, 3]), [
    n,
    rows * strides[0],
    columns * strides[1],
    channels,
  ]);
  return cut(
    tf,
    interleaved,
    [vertical.crop, horizontal.crop],
    [vertical.crop + height, horizontal.crop + width],
  );
}

/** Slices rows and columns. If that would keep all of them, it returns x, because wasm's slice copies on the host. */
function cut(tf: Tf, x: Tensor4D, [top, left]: Pair, [bottom, right]: Pair): Tensor4D {
  const [n, height, width, channels] = x.shape;
  if (top === 0 && left === 0 && bottom === height && right === width) return x;
  return tf.slice(x, [0, top, left, 0], [n, bottom - top, right - left, channels]);
}

interface Phases {
  /** The number of taps of each phase's filter. */
  readonly taps: number;
  /** The range of rows of dy that contribute. */
  readonly start: number;
  readonly end: number;
  /** The numbers of zeros before and after that range. */
  readonly before: number;
  readonly after: number;
  /** The number of rows of the result that belong to dx's top padding. */
  readonly crop: number;
}

/**
 * Computes the phases along one axis. Row i of dx is in phase (i + pad) % stride, at q = (i + pad - phase) / stride, and sums
 * dy[q - tap] over the taps.
 */
function phases(size: number, outputs: number, kernel: number, stride: number, pad: number): Phases {
  const taps = Math.ceil(kernel / stride);
  const first = Math.floor(pad / stride);
  const end = Math.ceil((size + pad) / stride);
  const before = taps - 1 - first;
  return {
    taps,
    start: Math.max(0, -before),
    end: Math.min(outputs, end),
    before: Math.max(0, before),
    after: Math.max(0, end - outputs),
    crop: pad - first * stride,
  };
}

/**
 * Builds the flipped filter of all phases, with zeros where a phase has no last tap.
 * `[KH, KW, C, K] -> [taps, taps, K, strides[0] * strides[1] * C]`
 */
function phaseFilter(tf: Tf, filter: Tensor4D, [down, across]: Pair, [tapsDown, tapsAcross]: Pair): Tensor4D {
  const [height, width, channels, outChannels] = filter.shape;
  const even = tf.pad(filter, [
    [0, tapsDown * down - height],
    [0, tapsAcross * across - width],
    [0, 0],
    [0, 0],
  ]);
  const taps = tf.reshape(even, [tapsDown, down, tapsAcross, across, channels, outChannels]);
  const byPhase: Tensor4D = tf.reshape(tf.transpose(taps, [0, 2, 5, 1, 3, 4]), [
    tapsDown,
    tapsAcross,
    outChannels,
    down * across * channels,
  ]);
  return tf.reverse(byPhase, [0, 1]);
}
