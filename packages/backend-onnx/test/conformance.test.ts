// The whole suite that every backend passes, on ONNX Runtime's cpu provider.
import { describeConformance } from '@isonet/conformance';
import { onnx } from '../src/index.ts';

describeConformance({ name: 'onnx (cpu)', open: () => onnx.open(), timeoutMs: 120_000 });
