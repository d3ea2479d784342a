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
  /** The size of each filter: `3` or `[height, width]`. */
  readonly kernel: Size;
  /** The upsampling factor. Default 1. */
  readonly stride?: Size;
  /**
   * Pixels cropped from the output: the padding of the transposed convolution's forward counterpart. Default 0. With `'same'`
   * the output is stride times as large as the input.
   */
  readonly padding?: Padding;
  /**
   * Rows and columns added at the bottom and the right, fewer than the stride. Default 0. With stride 2 a convolution maps both
   * 7 and 8 pixels to 4; 0 and 1 here choose between the two sizes.
   */
  readonly outputPadding?: Size;
  /** Default 1. */
  readonly dilation?: Size;
  /** Default 1. */
  readonly groups?: number;
}

const OPTIONS: Forms<ConvTranspose2dOptions> = { ...CONV2D, outputPadding: optional(sizeFrom0) };

/**
 * Transposed convolution, which enlarges images: the input gradient of the convolution with the same options, used as a layer
 * (Zeiler et al. 2010; Dumoulin and Visin 2016, chapter 4). `x: [N, C, H, W] -> [N, channels, OH, OW]`, where OH = (H - 1) *
 * stride - top - bottom + dilation * (KH - 1) + outputPadding + 1, and OW is analogous, as in PyTorch.
 * Parameters: `w: [C, channels / groups, KH, KW]` in PyTorch's layout, `b: [channels]`.
 * @throws ShapeError, when the network is built, if groups do not divide both channel counts, the padding leaves no pixel,
 * outputPadding is not below the stride or is combined with 'same', or a number is not an integer
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
        `expected padding that leaves at least one pixel, got [${cut.join(', ')}] and an output of ${size.join('x')}; reduce it`,
      );
    }
    const w = scope.parameter('w', [inChannels, channels / groups, ...window.kernel]);
    const attrs = { strides, pads: cut, dilations, groups, inputShape: [n, channels, ...size] };
    return withEpilogue(scope, scope.op.conv2dGradInput(x, w, attrs), options);
  };
}

/** Returns the number of pixels that all windows together cover along one axis, before cropping. */
function enlarged(size: number, axis: 0 | 1, { kernel, strides, dilations }: Sliding): number {
  return (size - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1;
}

interface Border {
  readonly cut: Pads;
  /** Pixels added at the bottom and the right. */
  readonly added: Pair;
}

function border(padding: Padding, added: Pair, window: Sliding, fail: Fail): Border {
  const { strides } = window;
  if (added[0] >= strides[0] || added[1] >= strides[1]) {
    throw fail(`expected an outputPadding below the stride ${strides.join('x')}, got ${added.join('x')}`);
  }
  if (padding !== 'same') return { cut: explicitPads(padding), added };
  if (added.some((pixels) => pixels > 0)) {
    throw fail(
      `expected no outputPadding with padding 'same', which fixes the size, got ${added.join('x')}; leave it out`,
    );
  }
  // The number of pixels that the windows cover beyond stride times the input's size; negative if they cover
  // fewer.
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
