// Tests the calls to ONNX Runtime's addon, with a fake addon that records them.
import { availableParallelism } from 'node:os';
import { GraphBuilder } from '@isonet/core';
import { encodeModel } from '@isonet/onnx/write';
import { Tensor } from 'onnxruntime-common';
import { expect, test, vi } from 'vitest';
import { kernels } from '../src/lowering/portable.ts';
import { write } from '../src/lowering/write.ts';
import { loadBinding } from '../src/runtime/binding.ts';
import type { Binding, NativeSession } from '../src/runtime/binding.ts';
import { loadRuntime } from '../src/runtime/load.ts';
import { createSession } from '../src/runtime/session.ts';
import { disableTelemetry } from '../src/runtime/telemetry.ts';

vi.mock(import('node:os'), async (original) => ({
  ...(await original()),
  availableParallelism: vi.fn<() => number>(() => 64),
}));

/** Creates a fake addon that records its calls. */
function fakeBinding(calls: unknown[]): Binding {
  class FakeSession implements NativeSession {
    readonly inputMetadata = [{ name: 'x' }];
    readonly outputMetadata = [{ name: 'y' }];
    loadModel(...args: unknown[]): void {
      calls.push(['loadModel', ...args]);
    }
    run(...args: unknown[]): Readonly<Record<string, Tensor>> {
      calls.push(['run', ...args]);
      return {};
    }
    dispose(): void {
      calls.push(['dispose']);
    }
  }
  return {
    InferenceSession: FakeSession,
    listSupportedBackends: () => [{ name: 'cpu' }],
    initOrtOnce: () => undefined,
  };
}

test('a session is created from the given bytes and threads, runs, and is disposed', async () => {
  const calls: unknown[] = [];
  const model = new Uint8Array(8).subarray(2, 5);
  const session = await createSession(fakeBinding(calls), model, { provider: 'cpu', threads: 3 });
  const options = {
    executionProviders: ['cpu'],
    intraOpNumThreads: 3,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
    extra: { optimization: { disable_specified_optimizers: 'Pad_Fusion' } },
  };
  expect(calls).toEqual([['loadModel', model.buffer, 2, 3, options]]);
  expect(session.inputNames).toEqual(['x']);
  const feeds = { x: new Tensor('float32', [1], [1]) };
  await session.run(feeds, ['y']);
  await session.release();
  expect(calls.slice(1)).toEqual([['run', feeds, { y: null }, {}], ['dispose']]);
});

test('a GPU computes all or nothing: no node silently falls back to the CPU', async () => {
  const calls: [string, ...unknown[]][] = [];
  await createSession(fakeBinding(calls), new Uint8Array(1), { provider: 'cuda', threads: 1 });
  expect(calls[0]?.[4]).toMatchObject({
    executionProviders: ['cuda'],
    extra: { session: { disable_cpu_ep_fallback: '1', use_deterministic_compute: '1' } },
  });
  // The real addon passes the `extra` entries on: with the first one, ONNX Runtime refuses to compute on the CPU.
  await disableTelemetry();
  const { InferenceSession } = loadBinding(Tensor);
  const graph = new GraphBuilder('doubled');
  const x = graph.input('x', { dtype: 'float32', shape: [2] });
  graph.output('y', graph.op.add(x, x));
  const model = encodeModel(write(graph.build(), kernels, undefined).graph);
  const load = (options: object): void =>
    new InferenceSession().loadModel(model.buffer, model.byteOffset, model.byteLength, options);
  const extra = { session: { disable_cpu_ep_fallback: '1' } };
  expect(() => load({ executionProviders: ['cpu'], logSeverityLevel: 4, extra })).toThrow(
    'fallback to CPU EP has been explicitly disabled',
  );
  expect(() => load({ executionProviders: ['cpu'], logSeverityLevel: 4 })).not.toThrow();
});

test('pending events are handled before the thread is blocked', async () => {
  const calls: unknown[] = [];
  setImmediate(() => calls.push('waiting'));
  const session = await createSession(fakeBinding(calls), new Uint8Array(1), { provider: 'cpu', threads: 1 });
  setImmediate(() => calls.push('waiting'));
  await session.run({}, ['y']);
  expect(calls.map((call) => (Array.isArray(call) ? (call[0] as string) : call))).toEqual([
    'waiting',
    'loadModel',
    'waiting',
    'run',
  ]);
});

test('the default is at most 16 threads', async () => {
  const runtime = await loadRuntime(() => fakeBinding([]));
  expect(runtime.threads).toBe(16);
  vi.mocked(availableParallelism).mockReturnValue(4);
  expect((await loadRuntime(() => fakeBinding([]))).threads).toBe(4);
});

test("the user's telemetry setting is kept", async () => {
  vi.stubEnv('ORT_DISABLE_TELEMETRY', '0');
  await disableTelemetry();
  expect(process.env['ORT_DISABLE_TELEMETRY']).toBe('0');
  vi.unstubAllEnvs();
});
