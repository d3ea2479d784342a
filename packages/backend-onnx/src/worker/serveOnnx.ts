// The worker of one device: serves ONNX Runtime to the thread that started it.
import { parentPort, workerData } from 'node:worker_threads';
import { serve } from '@isonet/core';
import { backendOf } from '../backend.ts';
import { nativeOver } from '../native.ts';
import { loadBinding } from '../runtime/binding.ts';
import { loadRuntime } from '../runtime/load.ts';
import { wasmBuild } from '../runtime/platform.ts';
import { gated } from './binding.ts';
import { Gate } from './gate.ts';

const gate = new Gate(workerData as SharedArrayBuffer);
const load = (): ReturnType<typeof loadRuntime> =>
  // The thread that started this worker has already disabled the telemetry.
  loadRuntime(
    (...args) =>
      gated(
        gate.pass(() => loadBinding(...args)),
        gate,
      ),
    () => Promise.resolve(),
  );

serve(backendOf([nativeOver(load), wasmBuild()]), parentPort);
