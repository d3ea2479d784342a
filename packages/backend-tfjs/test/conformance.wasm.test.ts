import { describeConformance } from '@isonet/conformance/vitest';
import { tfjs } from '../src/index.ts';

describeConformance({
  ...tfjs,
  name: 'tfjs (wasm)',
  open: (options) => tfjs.open({ device: 'wasm', ...options }),
  timeoutMs: 120_000,
});
