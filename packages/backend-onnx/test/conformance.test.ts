// Runs the whole conformance suite on ONNX Runtime's CPU provider.
import { describeConformance } from '@isonet/conformance/vitest';
import { onnxHere as onnx } from '../src/index.ts';

describeConformance({ ...onnx, name: 'onnx (cpu)', timeoutMs: 120_000 });
