// The kernel table: all primitives, and the composites that TensorFlow.js has as a single op.
import type { Kernels } from '@isonet/core';
import type { TfjsKernelTypes } from '../context.ts';
import { arrays } from './arrays.ts';
import { elementwise } from './elementwise.ts';
import { pooling } from './pooling.ts';
import { products } from './products.ts';
import { reductions } from './reductions.ts';

export const kernels: Kernels<TfjsKernelTypes> = {
  ...arrays,
  ...elementwise,
  ...pooling,
  ...products,
  ...reductions,
};
