// The whole suite that every backend passes, on ONNX Runtime's cpu provider.
import { describeConformance } from '@isonet/conformance/vitest';
import { onnx } from '../src/index.ts';

describeConformance({ name: 'onnx (cpu)', open: () => onnx.open(), timeoutMs: 120_000 });
