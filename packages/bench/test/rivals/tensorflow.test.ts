// Tests the real rival TensorFlow.js on the TensorFlow library, if isonet-tensorflow has installed it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeCommand } from '../../src/rivals/packages.ts';
import { tfjsNodeOf } from '../../src/rivals/tfjsNode.ts';
import { courseOf, diverging, openRequest, ours } from './check.ts';
import { Driver } from './driver.ts';
import { cases, expectations, names } from './networks.ts';
import type { Case, Expected } from './networks.ts';

const absent = tfjsNodeOf(tmpdir()) === undefined;
let folder: string;
let expectedOf: (name: Case) => Expected;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isonet-tensorflow-'));
  if (!absent) expectedOf = await expectations(folder);
}, 300_000);
afterAll(() => rm(folder, { recursive: true }));

describe.skipIf(absent)('tfjs on TensorFlow', () => {
  const start = (): Driver => new Driver(nodeCommand('tfjs', tmpdir()));

  it.each(names)(
    'computes the same logits and losses: %s',
    async (name) => {
      const { problem, logits, losses } = expectedOf(name);
      await using rival = start();
      const request = openRequest(problem, { work: 'step', optimizer: cases[name].settings });
      expect(await courseOf(rival, request, losses.length)).toEqual(ours({ logits, losses }));
    },
    180_000,
  );

  it.each(names)('runs forward passes: %s', async (name) => {
    const { problem, logits } = expectedOf(name);
    await using rival = start();
    expect(await courseOf(rival, openRequest(problem), 0)).toEqual(ours({ logits, losses: [] }));
  });

  it('reports its backend, and a loss that is not finite', async () => {
    const { problem } = expectedOf('tiny');
    await using rival = start();
    const request = openRequest(problem, { work: 'step', optimizer: diverging });
    expect(await rival.get(request)).toMatchObject({
      text: 'TensorFlow.js 4.22.0, tf.layers, NHWC, tensorflow, 1 thread',
    });
    expect(await rival.ask({ do: 'run', count: 3 })).toEqual({ error: 'the loss is not finite' });
  });
});
