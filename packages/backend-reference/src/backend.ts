// The reference backend. Its only device is the current process.
import type { Backend } from '@isonet/core';
import { hostBackend } from '@isonet/core';
import { bits } from './bits.ts';
import { kernels } from './kernels/index.ts';

/**
 * The float64 oracle that every other backend is compared with: plain loops in this process, written for readability rather
 * than speed. Its only device is `cpu`, and the only option of `open` is `device`.
 */
export const reference: Backend = hostBackend({
  name: 'reference',
  info: { id: 'cpu', kind: 'cpu', text: 'float64 loops in JavaScript' },
  claims: {
    heldAs: 'float64',
    reproducible: true,
    subnormals: true,
    nonFinite: true,
    maxima: { max: 'all', reduceMax: 'all', maxPool2d: 'all' },
  },
  runtime: bits,
  kernels,
});
