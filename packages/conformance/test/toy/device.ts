// A toy backend to learn from: the minimum that "Add a backend" in CONTRIBUTING.md requires. Plain float32 loops; nothing here is
// fast.
import type { Backend } from '@isonet/core';
import { hostBackend } from '@isonet/core';
import { kernels } from './kernels.ts';

export const toy: Backend = hostBackend({
  name: 'toy',
  info: { id: 'cpu', kind: 'cpu', text: 'float32 loops in JavaScript' },
  claims: {
    heldAs: 'float32',
    reproducible: true,
    subnormals: true,
    nonFinite: true,
    maxima: { max: 'all', reduceMax: 'all', maxPool2d: 'all' },
  },
  runtime: 'toy 2',
  kernels,
});
