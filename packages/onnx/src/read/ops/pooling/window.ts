// Pooling windows are like those of a convolution, except that ceil_mode may add one window for the remaining pixels.
import type { Shape } from '@isonet/core';
import { shapeText } from '@isonet/core';
import { spend } from '../../host/budget.ts';
import type { NodeReader } from '../../node.ts';
import type { Sliding, Window } from '../convolution/window.ts';
import { padded, reachOf, slidingOf } from '../convolution/window.ts';

/** The windows of a pooling. */
export interface PoolWindow {
  /** The window, with enough padding to contain every position. */
  readonly window: Window;
  /** Whether ceil_mode required more padding than the node specifies. */
  readonly isExtended: boolean;
  /** For each window along each axis, the number of its pixels in the image. */
  readonly inImage: Counts;
  /** For each window along each axis, the number of its pixels in the image or its padding. */
  readonly inPadded: Counts;
}

type Counts = readonly [vertical: readonly number[], horizontal: readonly number[]];

/** Reads the window of a pooling over images. @throws NodeError if a window lies entirely in the padding */
export function poolWindowOf(node: NodeReader, images: Shape): PoolWindow {
  const isCeil = node.attributes.int('ceil_mode', 0) !== 0;
  const given = padded(node, slidingOf(node, images));
  const [vertical, horizontal] = given;
  const window: Window = isCeil ? [extended(vertical), extended(horizontal)] : given;
  if (window.some((axis) => reachOf(axis) > axis.size + axis.before + axis.after)) {
    const reach = window.map(reachOf).join('x');
    throw node.fail(
      `expected padded images no smaller than the window of ${reach} pixels, got ${shapeText(images)}`,
    );
  }
  // A small file can request any number of windows, and each is counted individually.
  for (const axis of window) spend(node, [Math.max(windowsAlong(axis), 0)]);
  const inImage: Counts = [counts(window[0], 0, 0), counts(window[1], 0, 0)];
  if (inImage.some((axis) => axis.includes(0))) {
    throw node.fail('a window lies entirely in the padding, so it has no maximum or mean');
  }
  return {
    window,
    isExtended: window.some(({ after }, axis) => after !== given[axis]!.after),
    inImage,
    inPadded: [
      counts(window[0], vertical.before, vertical.after),
      counts(window[1], horizontal.before, horizontal.after),
    ],
  };
}

/** Returns the axis with the padding at the end that ceil_mode needs. */
function extended(axis: Sliding): Sliding {
  const { size, stride, before, after } = axis;
  const ceil = Math.ceil((size + before + after - reachOf(axis)) / stride) + 1;
  // No window starts in the padding at the end. ONNX's formula for the size states this only from operator set 22 on,
  // but all runtimes follow it, and such a window would have no maximum.
  const count = (ceil - 1) * stride >= size + before ? ceil - 1 : ceil;
  return { ...axis, after: Math.max((count - 1) * stride + reachOf(axis) - size - before, 0) };
}

function windowsAlong(axis: Sliding): number {
  return Math.floor((axis.size + axis.before + axis.after - reachOf(axis)) / axis.stride) + 1;
}

/** Counts the pixels of each window that lie in the image or in the given padding. */
function counts(axis: Sliding, before: number, after: number): readonly number[] {
  const { size, kernel, dilation, stride } = axis;
  return Array.from({ length: Math.max(windowsAlong(axis), 0) }, (_, i) => {
    const start = i * stride - axis.before;
    const first = Math.max(Math.ceil((-before - start) / dilation), 0);
    const last = Math.min(Math.floor((size + after - 1 - start) / dilation), kernel - 1);
    return Math.max(last - first + 1, 0);
  });
}
