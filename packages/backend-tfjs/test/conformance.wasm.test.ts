import { describeConformance } from '@isonet/conformance/vitest';
import { tfjs } from '../src/index.ts';

describeConformance({
  ...tfjs,
  name: 'tfjs (wasm)',
  open: (id = 'wasm') => tfjs.open(id),
  timeoutMs: 120_000,
});
