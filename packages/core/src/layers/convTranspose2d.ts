import type { Fail } from '../ops/definition.ts';
import type { Pads, Pair } from '../ops/window.ts';
import { rank4 } from '../ops/window.ts';
import { checkArguments } from '../arguments/check.ts';
import type { Forms } from '../arguments/forms.ts';
import { optional, ranges, sizeFrom0 } from '../arguments/forms.ts';
import { explicitPads, failOf, halves, pair } from './attributes.ts';
import type { Padding, Size, Sliding } from './attributes.ts';
import type { ConvolutionEpilogue } from './conv2d.ts';
import { CONV2D, withEpilogue } from './conv2d.ts';
import type { Layer } from './scope.ts';

/** Options of {@link convTranspose2d}. */
export interface ConvTranspose2dOptions extends ConvolutionEpilogue {
  /** Of each filter: `3`, or `[height, width]`. */
  readonly kernel: Size;
  /** Upsampling factor, default 1. */
  readonly stride?: Size;
  /**
   * Pixels cut off around the output, default 0: the padding of the convolution that this transposes. With `'same'` the output
   * is stride times as large as the input.
   */
  readonly padding?: Padding;
  /**
   * Rows and columns added at the bottom and at the right, fewer than the stride; default 0. With stride 2 a convolution
   * takes both 7 and 8 pixels to 4; 0 and 1 here give back the one or the other.
   */
  readonly outputPadding?: Size;
  /** Default 1. */
  readonly dilation?: Size;
  /** Default 1. */
  readonly groups?: number;
}

const OPTIONS: Forms<ConvTranspose2dOptions> = { ...CONV2D, outputPadding: optional(sizeFrom0) };

/**
 * Transposed convolution, which enlarges images: the gradient of the convolution with the same options, used as a layer
 * (Zeiler et al. 2010; Dumoulin and Visin 2016, chapter 4). `x: [N, C, H, W] -> [N, channels, OH, OW]`, where
 * OH = (H - 1) * stride - top - bottom + dilation * (KH - 1) + outputPadding + 1, and OW likewise, as in PyTorch.
 * Parameters: `w: [C, channels / groups, KH, KW]`, laid out as PyTorch's, `b: [channels]`.
 * @throws ShapeError, when the network is built, if groups do not divide both numbers of channels, the padding leaves no
 * pixel, outputPadding is not below the stride or comes with 'same', or a number is not whole
 */
export function convTranspose2d(channels: number, options: ConvTranspose2dOptions): Layer {
  return (scope, x) => {
    const fail = failOf('convTranspose2d', scope);
    checkArguments(fail, { channels: [ranges.count, channels] }, options, OPTIONS);
    const { kernel, stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options;
    const window = { kernel: pair(kernel), strides: pair(stride), dilations: pair(dilation) };
    const { strides, dilations } = window;
    const [n, inChannels, height, width] = rank4(x, 'images float32 [N, C, H, W]', fail);
    checkGroups(inChannels, channels, groups, fail);
    const { cut, added } = border(padding, pair(outputPadding), window, fail);
    const size = [
      enlarged(height, 0, window) - cut[0] - cut[2] + added[0],
      enlarged(width, 1, window) - cut[1] - cut[3] + added[1],
    ] as const;
    if (!size.every((pixels) => pixels >= 1)) {
      throw fail(
        `expected a padding that leaves a pixel, got [${cut.join(', ')}] and an output ${size.join('x')}; cut less`,
      );
    }
    const w = scope.parameter('w', [inChannels, channels / groups, ...window.kernel]);
    const attrs = { strides, pads: cut, dilations, groups, inputShape: [n, channels, ...size] };
    return withEpilogue(scope, scope.op.conv2dGradInput(x, w, attrs), options);
  };
}

/** Pixels along one axis that the windows cover together, before any is cut off. */
function enlarged(size: number, axis: 0 | 1, { kernel, strides, dilations }: Sliding): number {
  return (size - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1;
}

interface Border {
  readonly cut: Pads;
  /** At the bottom and at the right. */
  readonly added: Pair;
}

function border(padding: Padding, added: Pair, window: Sliding, fail: Fail): Border {
  const { strides } = window;
  if (added[0] >= strides[0] || added[1] >= strides[1]) {
    throw fail(
      `expected an outputPadding of whole pixels below the stride ${strides.join('x')}, got ${added.join('x')}`,
    );
  }
  if (padding !== 'same') return { cut: explicitPads(padding), added };
  if (added.some((pixels) => pixels > 0)) {
    throw fail(
      `expected no outputPadding with padding 'same', which fixes the size, got ${added.join('x')}; leave it out`,
    );
  }
  // By how many pixels the windows cover more than stride times the input; below 0, by how many fewer.
  const surplus = [enlarged(1, 0, window) - strides[0], enlarged(1, 1, window) - strides[1]] as const;
  const [top, bottom] = halves(surplus[0]);
  const [left, right] = halves(surplus[1]);
  return { cut: [top, left, bottom, right], added: [Math.max(0, -surplus[0]), Math.max(0, -surplus[1])] };
}

function checkGroups(inChannels: number, channels: number, groups: number, fail: Fail): void {
  if (inChannels % groups !== 0 || channels % groups !== 0) {
    throw fail(
      `expected groups to divide ${inChannels} input and ${channels} output channels, got ${groups}; choose a common divisor`,
    );
  }
}
