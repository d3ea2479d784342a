// The networks that rivals train, and the expected results.
import { reference } from '@isonet/backend-reference';
import { googlenet, nin } from '@isonet/models';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { expectedLogits, expectedLosses, optimizer, writeProblem } from './problem.ts';
import type { Problem } from './problem.ts';
import { tiny } from './tiny.ts';

// Without dropout, because each library draws different random numbers. GoogLeNet needs small steps: at its depth,
// results diverge after a large one. Batch norm needs more than 2 images: otherwise, rounding decides which ReLUs are
// active, and even the two layouts of PyTorch differ by 2 % in the next loss. Nesterov momentum has no weight decay,
// because MXNet's combination of both differs from that of all other libraries from the second step on.
const nesterov = { ...optimizer, nesterov: true, weightDecay: 0 };
export const cases = {
  tiny: { model: tiny, batch: 2, settings: optimizer, steps: 3 },
  'tiny with Nesterov momentum': { model: tiny, batch: 2, settings: nesterov, steps: 3 },
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

/** Writes the files of each network into the folder, and computes the logits and losses with the reference backend. */
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
