// The rivals in Python, for real, where they are installed: docs/rivals.md.
import { reference } from '@isonet/backend-reference';
import { googlenet, nin } from '@isonet/models';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRival } from '../../src/rivals/index.ts';
import { courseOf, openRequest, ours } from './check.ts';
import { Driver } from './driver.ts';
import { expectedLogits, expectedLosses, optimizer, writeProblem } from './problem.ts';
import type { Problem } from './problem.ts';
import { tiny } from './tiny.ts';

// Without dropout, whose random numbers are each library's own. At GoogLeNet's depth a large step leaves nothing to compare,
// and with statistics of 2 images rounding decides which ReLUs are open: PyTorch's layouts then differ by 2 % in the next loss.
// With weight decay, MXNet's own rule for Nesterov's form is another than everyone's from the second step on.
const nesterov = { ...optimizer, nesterov: true, weightDecay: 0 };
const cases = {
  tiny: { model: tiny, batch: 2, settings: optimizer, steps: 3 },
  "tiny, Nesterov's form": { model: tiny, batch: 2, settings: nesterov, steps: 3 },
  nin: { model: nin({ dropoutRate: 0 }), batch: 2, settings: optimizer, steps: 3 },
  'nin with batch norm': {
    model: nin({ dropoutRate: 0, batchNorm: true }),
    batch: 8,
    settings: optimizer,
    steps: 3,
  },
  'googlenet at 28x28': {
    model: googlenet({ size: 28 }),
    batch: 2,
    settings: { ...optimizer, lr: 0.001 },
    steps: 2,
  },
} as const;
type Case = keyof typeof cases;
const names = Object.keys(cases) as Case[];

interface Expected {
  readonly problem: Problem;
  readonly logits: ArrayLike<number>;
  readonly losses: readonly number[];
}

/** The command of a rival, empty where it is not installed, which its title then says. */
async function rowOf(name: string): Promise<readonly [title: string, command: readonly string[]]> {
  const located = await (await findRival(name, tmpdir())).locate(tmpdir());
  if ('command' in located) return [name, located.command];
  return [`${name}, which is not installed: ${located.reason}`, []];
}

const rows = await Promise.all(['torch', 'mxnet'].map(rowOf));
let folder: string;
const expected = new Map<Case, Expected>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isonet-python-'));
  if (rows.every(([, command]) => command.length === 0)) return;
  await using device = await reference.open();
  for (const name of names) {
    const { model, batch, settings, steps } = cases[name];
    const problem = await writeProblem(await mkdtemp(join(folder, 'case-')), model, batch, 'step');
    const losses = await expectedLosses(device, problem, steps, settings);
    expected.set(name, { problem, logits: await expectedLogits(device, problem), losses });
  }
}, 300_000);
afterAll(() => rm(folder, { recursive: true }));

function expectedOf(name: Case): Expected {
  const found = expected.get(name);
  if (!found) throw new Error(`nothing expected of ${name}`);
  return found;
}

describe.each(rows)('%s', (_, command) => {
  const absent = command.length === 0;

  it.skipIf(absent).each(names)(
    'gives our logits and losses: %s',
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

  it.skipIf(absent)('answers what it cannot do in one line, and goes on', async () => {
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
    expect(await courseOf(rival, openRequest(problem), 0)).toEqual(ours({ logits, losses: [] }));
  });
});
