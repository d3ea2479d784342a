// Runs the suite on the portable lowering: standard operators only, exactly as training graphs are exported.
import { describeConformance } from '@isonet/conformance/vitest';
import { onnx } from '../src/index.ts';

describeConformance(
  {
    ...onnx,
    name: 'onnx (portable)',
    open: (options) => onnx.open({ device: 'portable', ...options }),
    timeoutMs: 120_000,
  },
  { subset: 'covering' },
);
