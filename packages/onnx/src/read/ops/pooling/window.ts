// The windows of the poolings: as those of a convolution, and with ceil_mode one more where the image does not come out even.
import type { Shape } from '@isonet/core';
import { shapeText } from '@isonet/core';
import { spend } from '../../host/budget.ts';
import type { NodeReader } from '../../node.ts';
import type { Sliding, Window } from '../convolution/window.ts';
import { padded, reachOf, slidingOf } from '../convolution/window.ts';

/** The windows of a pooling. */
export interface PoolWindow {
  /** Padded so far that each window lies within. */
  readonly window: Window;
  /** Whether ceil_mode has padded it further than the node says. */
  readonly isExtended: boolean;
  /** For each window along each axis, how many of its pixels lie in the image, and how many in the image or its padding. */
  readonly inImage: Counts;
  readonly inPadded: Counts;
}

type Counts = readonly [vertical: readonly number[], horizontal: readonly number[]];

/** Reads the window of a pooling over images. @throws NodeError where one lies entirely in the padding */
export function poolWindowOf(node: NodeReader, images: Shape): PoolWindow {
  const isCeil = node.attributes.int('ceil_mode', 0) !== 0;
  const given = padded(node, slidingOf(node, images));
  const [vertical, horizontal] = given;
  const window: Window = isCeil ? [extended(vertical), extended(horizontal)] : given;
  if (window.some((axis) => reachOf(axis) > axis.size + axis.before + axis.after)) {
    const reach = window.map(reachOf).join('x');
    throw node.fail(`a window of ${reach} pixels is larger than the padded images, ${shapeText(images)}`);
  }
  // Windows are counted one by one; a file of a few bytes can ask for any number.
  for (const axis of window) spend(node, [Math.max(windowsAlong(axis), 0)]);
  const inImage: Counts = [counts(window[0], 0, 0), counts(window[1], 0, 0)];
  if (inImage.some((axis) => axis.includes(0))) {
    throw node.fail('a window lies entirely in the padding: it has no maximum or mean');
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

/** The padding at the end as ceil_mode needs it. */
function extended(axis: Sliding): Sliding {
  const { size, stride, before, after } = axis;
  const ceil = Math.ceil((size + before + after - reachOf(axis)) / stride) + 1;
  // No window begins in the padding at the end, though ONNX's formula for the size says so only since operator set 22: all
  // runtimes have it so, and its maximum would be none.
  const count = (ceil - 1) * stride >= size + before ? ceil - 1 : ceil;
  return { ...axis, after: Math.max((count - 1) * stride + reachOf(axis) - size - before, 0) };
}

function windowsAlong(axis: Sliding): number {
  return Math.floor((axis.size + axis.before + axis.after - reachOf(axis)) / axis.stride) + 1;
}

/** How many pixels of each window lie in the image and so much of its padding. */
function counts(axis: Sliding, before: number, after: number): readonly number[] {
  const { size, kernel, dilation, stride } = axis;
  return Array.from({ length: Math.max(windowsAlong(axis), 0) }, (_, i) => {
    const start = i * stride - axis.before;
    const first = Math.max(Math.ceil((-before - start) / dilation), 0);
    const last = Math.min(Math.floor((size + after - 1 - start) / dilation), kernel - 1);
    return Math.max(last - first + 1, 0);
  });
}
