// Plain JavaScript: the two golden steps alone take some ten seconds.
import { describeConformance } from '@isonet/conformance/vitest';
import { tfjs } from '../src/index.ts';

describeConformance(
  {
    ...tfjs,
    name: 'tfjs (cpu)',
    open: (options) => tfjs.open({ device: 'cpu', ...options }),
    timeoutMs: 300_000,
    skipHeavy: 'plain JavaScript takes minutes for it',
  },
  { subset: 'covering' },
);
