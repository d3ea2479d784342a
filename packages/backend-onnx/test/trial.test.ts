// Tests the convolution that a provider must compute before it opens, with fake sessions.
import { Tensor } from 'onnxruntime-common';
import { expect, test } from 'vitest';
import { loadRuntime } from '../src/runtime/load.ts';
import { trial } from '../src/runtime/providers/trial.ts';

async function tryWith(sum: number): Promise<void> {
  const runtime = await loadRuntime();
  const session = {
    inputNames: ['x', 'w'],
    run: () => Promise.resolve({ y: new Tensor('float32', [sum], [1, 1, 1, 1]) }),
    release: () => Promise.resolve(),
  };
  await trial(
    { ...runtime, createSession: () => Promise.resolve(session) },
    { provider: 'cuda', threads: 1 },
  );
}

test.each([285, 285.0001, 284.7])('accepts %f, because some algorithms round', async (sum) => {
  await expect(tryWith(sum)).resolves.toBeUndefined();
});

test.each([0, 284, 286, NaN, Infinity])('rejects %f', async (sum) => {
  await expect(tryWith(sum)).rejects.toThrow(`the sum of nine squares: expected 285, got ${sum}`);
});
