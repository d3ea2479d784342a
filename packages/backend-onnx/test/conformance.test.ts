// The whole suite that every backend passes, on ONNX Runtime's cpu provider.
import { describeConformance } from '@isonet/conformance/vitest';
import { onnxHere as onnx } from '../src/index.ts';

describeConformance({ ...onnx, name: 'onnx (cpu)', timeoutMs: 120_000 });
