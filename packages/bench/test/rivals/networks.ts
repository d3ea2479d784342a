// The networks that a rival trains against ours, and what ours gives.
import { reference } from '@isonet/backend-reference';
import { googlenet, nin } from '@isonet/models';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { expectedLogits, expectedLosses, optimizer, writeProblem } from './problem.ts';
import type { Problem } from './problem.ts';
import { tiny } from './tiny.ts';

// Without dropout, whose random numbers are each library's own. At GoogLeNet's depth a large step leaves nothing to compare,
// and with statistics of 2 images rounding decides which ReLUs are open: PyTorch's layouts then differ by 2 % in the next loss.
// With weight decay, MXNet's own rule for Nesterov's form is another than everyone's from the second step on.
const nesterov = { ...optimizer, nesterov: true, weightDecay: 0 };
export const cases = {
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
export type Case = keyof typeof cases;
export const names = Object.keys(cases) as Case[];

export interface Expected {
  readonly problem: Problem;
  readonly logits: ArrayLike<number>;
  readonly losses: readonly number[];
}

/** The files of each network, in the folder, with the logits and losses of the reference. */
export async function expectations(folder: string): Promise<(name: Case) => Expected> {
  const expected = new Map<Case, Expected>();
  await using device = await reference.open();
  for (const name of names) {
    const { model, batch, settings, steps } = cases[name];
    const problem = await writeProblem(await mkdtemp(join(folder, 'case-')), model, batch, 'step');
    const losses = await expectedLosses(device, problem, steps, settings);
    expected.set(name, { problem, logits: await expectedLogits(device, problem), losses });
  }
  return (name) => {
    const found = expected.get(name);
    if (!found) throw new Error(`nothing expected of ${name}`);
    return found;
  };
}
