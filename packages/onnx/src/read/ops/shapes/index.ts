import type { ReadOps } from '../../node.ts';
import { Concat, Split } from './concat.ts';
import { Constant, ConstantOfShape, CumSum, EyeLike, Range } from './constant.ts';
import { Identity, NonZero, Shape, Size } from './counts.ts';
import { Expand, Tile } from './expand.ts';
import { Gather, GatherElements, GatherND, ScatterND } from './gather.ts';
import { OneHot, Trilu } from './oneHot.ts';
import { Pad } from './pad.ts';
import { Flatten, Reshape, Squeeze, Unsqueeze } from './reshape.ts';
import { Slice } from './slice.ts';
import { transposes } from './transpose.ts';

export const shapes: ReadOps = {
  Concat,
  Constant,
  ConstantOfShape,
  CumSum,
  Expand,
  EyeLike,
  Flatten,
  Gather,
  GatherElements,
  GatherND,
  Identity,
  NonZero,
  OneHot,
  Pad,
  Range,
  Reshape,
  ScatterND,
  Shape,
  Size,
  Slice,
  Split,
  Squeeze,
  Tile,
  Trilu,
  Unsqueeze,
  ...transposes,
};
