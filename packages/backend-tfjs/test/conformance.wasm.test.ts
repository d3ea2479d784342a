import { describeConformance } from '@isonet/conformance/vitest';
import { tfjs } from '../src/index.ts';

describeConformance({ name: 'tfjs (wasm)', open: () => tfjs.open('wasm'), timeoutMs: 120_000 });
