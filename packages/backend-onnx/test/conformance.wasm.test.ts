// Runs the suite on ONNX Runtime in WebAssembly, on one thread: the same code that a page runs.
import { describeConformance } from '@isonet/conformance/vitest';
import type { OpenOptions } from '@isonet/core';
import { onnx } from '../src/index.ts';

describeConformance(
  {
    ...onnx,
    name: 'onnx (wasm)',
    open: (options?: OpenOptions) => onnx.open({ device: 'wasm', threads: 1, ...options }),
    timeoutMs: 120_000,
  },
  { subset: 'covering' },
);
