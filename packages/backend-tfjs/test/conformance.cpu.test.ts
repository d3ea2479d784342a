// Runs a covering subset of the conformance suite on plain JavaScript, where the two golden steps alone take about ten seconds.
import { describeConformance } from '@isonet/conformance/vitest';
import { tfjs } from '../src/index.ts';

describeConformance(
  {
    ...tfjs,
    name: 'tfjs (cpu)',
    open: (options) => tfjs.open({ device: 'cpu', ...options }),
    timeoutMs: 300_000,
    skipHeavy: 'it takes minutes in plain JavaScript',
  },
  { subset: 'covering' },
);
