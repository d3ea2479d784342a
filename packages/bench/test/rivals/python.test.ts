// Tests the real rivals in Python, if they are installed as in docs/rivals.md.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRival } from '../../src/rivals/index.ts';
import { courseOf, diverging, openRequest, ours } from './check.ts';
import { Driver } from './driver.ts';
import { cases, expectations, names } from './networks.ts';
import type { Case, Expected } from './networks.ts';
import { writeNaN } from './problem.ts';

/** Returns the command of a rival; if it is not installed, the command is empty and the title says so. */
async function rowOf(name: string): Promise<readonly [title: string, command: readonly string[]]> {
  const located = await (await findRival(name, tmpdir())).locate(tmpdir());
  if ('command' in located) return [name, located.command];
  return [`${name}, which is not installed: ${located.reason}`, []];
}

const rows = await Promise.all(['torch', 'mxnet'].map(rowOf));
let folder: string;
let expectedOf: (name: Case) => Expected;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isonet-python-'));
  if (rows.some(([, command]) => command.length > 0)) expectedOf = await expectations(folder);
}, 300_000);
afterAll(() => rm(folder, { recursive: true }));

describe.each(rows)('%s', (_, command) => {
  const absent = command.length === 0;

  it.skipIf(absent).each(names)(
    'computes the same logits and losses: %s',
    async (name) => {
      const { problem, logits, losses } = expectedOf(name);
      await using rival = new Driver(command);
      const request = openRequest(problem, { work: 'step', optimizer: cases[name].settings });
      expect(await courseOf(rival, request, losses.length)).toEqual(ours({ logits, losses }));
    },
    180_000,
  );

  it.skipIf(absent)('runs forward passes', async () => {
    const { problem, logits } = expectedOf('tiny');
    await using rival = new Driver(command);
    expect(await courseOf(rival, openRequest(problem), 0)).toEqual(ours({ logits, losses: [] }));
  });

  it.skipIf(absent)('rejects TF32 on the CPU, and values that are not finite', async () => {
    const { problem, logits } = expectedOf('tiny');
    await using rival = new Driver(command);
    expect(await rival.ask(openRequest(problem, { tf32: true }))).toEqual({
      error: expect.stringMatching(
        /: TF32 is not supported on the CPU; leave out --tf32, or choose a GPU$/,
      ) as string,
    });
    expect(await rival.ask(openRequest(problem, { work: 'step', optimizer: diverging }))).toMatchObject({
      text: expect.stringMatching(/, 1 thread$/) as string,
    });
    expect(await rival.ask({ do: 'run', count: 3 })).toEqual({ error: 'the loss is not finite' });
    await rival.get(openRequest(problem, { weights: await writeNaN(folder, problem) }));
    expect(await rival.ask({ do: 'check' })).toEqual({ error: 'the logits are not finite' });
    expect(await courseOf(rival, openRequest(problem), 0)).toEqual(ours({ logits, losses: [] }));
  });

  it.skipIf(absent)('reports its threads if none are requested', async () => {
    const { problem } = expectedOf('tiny');
    for (const [variable, reported] of [
      [undefined, /, (1 thread|\d+ threads)$/],
      ['1', /, 1 thread$/],
    ] as const) {
      await using rival = new Driver(command, { ...process.env, OMP_NUM_THREADS: variable });
      const { text } = await rival.get(openRequest(problem, { threads: null }));
      expect(text).toMatch(reported);
    }
  });

  it.skipIf(absent)('exits when its input ends, even if a library thread is still running', async () => {
    const protocol = dirname(command.at(-1) ?? '');
    const program = [
      'import sys, threading, time',
      `sys.path.insert(0, ${JSON.stringify(protocol)})`,
      'import protocol',
      'threading.Thread(target=time.sleep, args=(60,)).start()',
      'protocol.serve(None)',
    ];
    await using rival = new Driver([...command.slice(0, -1), '-c', program.join('\n')]);
    expect(await rival.end()).toBe(0);
  });

  it.skipIf(absent)('answers an invalid request with one line, and continues', async () => {
    const { problem, logits } = expectedOf('tiny');
    await using rival = new Driver(command);
    expect(await rival.ask({ do: 'check' })).toEqual({ error: 'expected "open" first, got "check"' });
    expect(await rival.ask(openRequest(problem, { batch: 3 }))).toEqual({
      error: 'expected a batch of 3 images and labels, got (2, 2, 9, 12) and (2,)',
    });
    const { error } = (await rival.ask(openRequest(problem, { device: 'abacus' }))) as {
      readonly error: string;
    };
    expect(error).toMatch(/device.*abacus|abacus.*device/);
    expect(await rival.ask(openRequest(problem, { device: '' }))).toHaveProperty('error');
    expect(await courseOf(rival, openRequest(problem), 0)).toEqual(ours({ logits, losses: [] }));
  });
});
