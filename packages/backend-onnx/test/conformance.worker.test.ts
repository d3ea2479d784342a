// The suite on ONNX Runtime behind a real Worker: what crosses the port changes nothing.
import { Worker } from 'node:worker_threads';
import { describeConformance } from '@isonet/conformance/vitest';
import { inWorker } from '@isonet/core';

const conditions = process.env['TEST_BUILT'] === '1' ? [] : ['--conditions=@isonet/source'];
const onnx = inWorker(
  'onnx',
  () => new Worker(new URL('worker/worker.mjs', import.meta.url), { execArgv: conditions }),
);

describeConformance({ ...onnx, name: 'onnx (cpu, in a worker)', timeoutMs: 120_000 }, { subset: 'covering' });
