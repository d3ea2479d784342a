import type { ReadOps } from '../../node.ts';
import { Flatten, Reshape } from './reshape.ts';
import { Constant, Identity, Shape } from './shape.ts';

export const shapes: ReadOps = { Constant, Flatten, Identity, Reshape, Shape };
