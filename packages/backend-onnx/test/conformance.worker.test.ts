// Runs the suite on ONNX Runtime in a worker, as users open it: passing messages changes no result.
import { describeConformance } from '@isonet/conformance/vitest';
import { onnx } from '../src/index.ts';

describeConformance({ ...onnx, name: 'onnx (cpu, in a worker)', timeoutMs: 120_000 }, { subset: 'covering' });
