import { describeConformance } from '@isonet/conformance';
import { tfjs } from '../src/index.ts';

describeConformance({ name: 'tfjs (wasm)', open: () => tfjs.open('wasm'), timeoutMs: 120_000 });
