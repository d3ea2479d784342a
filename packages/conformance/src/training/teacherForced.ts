// Checks training one step at a time: a device starts from a state of a reference run and takes one step on a batch;
// the update of every parameter, slot and buffer is compared with the update that the reference computes from the
// same state. (Correct runs that train freely diverge: see curves.ts.)
import type { Batch, BatchOptions, Device, Tensors, Trainer } from '@isonet/core';
import { batches, gradients, uint32 } from '@isonet/core';
import { relativeL2, tensorNamed } from '../check/compare.ts';
import { lazily, referenceDevice } from '../oracle.ts';
import type { Check } from '../check/check.ts';
import { Findings } from '../check/findings.ts';
import type { Regime } from './regimes.ts';
import { regimes } from './regimes.ts';
import { images, lrAt, referenceRun, SEED, trainerOf } from './run.ts';
import { judgeUpdates } from '../networks/updates.ts';

export interface ForcedStep {
  readonly regime: Regime;
  /** The number of steps of the run before this one. */
  readonly step: number;
  readonly batchSize: number;
  /**
   * The index of the batch in the second epoch: the first batch in which no ReLU and no maximum is so close to a kink
   * that rounding could flip it. Precomputed; a test verifies it.
   */
  readonly batch: number;
  /** The largest relative error allowed for the update of each tensor, in the L2 norm. */
  readonly tolerance: number;
}

/**
 * About ten times the largest tensor error observed on correct devices: 2.4e-6 without batch norm; 6e-6 with it, or
 * 1.3e-4 on a device that sums the pixels of a channel sequentially, because the gradients cancel in those sums.
 */
const PLAIN = 2e-5;
const NORMALIZED = 1e-3;

/** Batch norm couples the images of a batch, and many channels make many decisions, so only small batches stay clear of every kink. */
export const forcedSteps: readonly ForcedStep[] = [
  { regime: regimes.book, step: 0, batchSize: 8, batch: 6, tolerance: PLAIN },
  { regime: regimes.book, step: 10, batchSize: 8, batch: 1, tolerance: PLAIN },
  { regime: regimes.fast, step: 3, batchSize: 8, batch: 1, tolerance: PLAIN },
  { regime: regimes.best, step: 0, batchSize: 2, batch: 19, tolerance: NORMALIZED },
  { regime: regimes.best, step: 10, batchSize: 2, batch: 4, tolerance: NORMALIZED },
  { regime: regimes.best, step: 20, batchSize: 2, batch: 0, tolerance: NORMALIZED },
  { regime: regimes.clipped, step: 3, batchSize: 8, batch: 2, tolerance: PLAIN },
  { regime: regimes.wide, step: 1, batchSize: 2, batch: 3, tolerance: PLAIN },
];

/** `training/<regime>-step-<steps before>` */
export const trainingChecks: readonly Check[] = forcedSteps.map((forced) => {
  const key = `training/${forced.regime.name}-step-${forced.step}`;
  const expected = lazily(async () => takeStep(await referenceDevice(), forced));
  const run: Check['run'] = async (device) => {
    const findings = new Findings();
    judge(findings, await takeStep(device, forced), await expected(), forced.tolerance);
    return findings.verdict(key);
  };
  const covers = (): readonly string[] => ['training'];
  return { key, group: 'training', form: 'native', tier: 'pinned', covers, run };
});

function judge(findings: Findings, got: StepResults, expected: StepResults, tolerance: number): void {
  findings.within('the loss', Math.abs(got.loss / expected.loss - 1), tolerance);
  for (const [name, { data }] of Object.entries(expected.gradients)) {
    findings.within(name, relativeL2(tensorNamed(got.gradients, name).data, data), tolerance);
  }
  judgeUpdates(findings, expected.before, got.after, expected.after, tolerance);
}

/** Returns the feeds of the gradients graph of a step. */
export async function feedsOf({ regime, step, batchSize, batch }: ForcedStep): Promise<Tensors> {
  const order = { batchSize, shuffle: { seed: SEED, epoch: 1 }, from: batch };
  const found = await firstBatch(order);
  const graph = gradients(regime.model, batchSize);
  const drawn = graph.inputs.some(({ name }) => name === 'random');
  return {
    images: found.inputs,
    labels: found.labels,
    ...(drawn ? { random: uint32([3], [SEED, step, 0]) } : {}),
  };
}

async function firstBatch(order: BatchOptions): Promise<Batch> {
  for await (const batch of batches(await images(), order)) return batch;
  throw new Error(`expected a batch ${order.from}, got none`);
}

interface StepResults {
  readonly loss: number;
  readonly before: Tensors;
  /**
   * Only for an optimizer without slots, whose updates alone would hide errors: an update may be so small relative to the weight that
   * float32 holds only three digits of it.
   */
  readonly gradients: Tensors;
  readonly after: Tensors;
}

async function takeStep(device: Device, forced: ForcedStep): Promise<StepResults> {
  const { regime, step } = forced;
  const before = await referenceRun(regime).stateAt(step);
  const feeds = await feedsOf(forced);
  const batch = { inputs: tensorNamed(feeds, 'images'), labels: tensorNamed(feeds, 'labels') };
  await using trainer = await trainerOf(regime, device, before);
  const own = regime.optimizer.slots.length === 0 ? await gradientsOn(device, trainer, forced, feeds) : {};
  const { loss } = await (await trainer.step(batch, step, lrAt(regime, step)))();
  return { loss, before, gradients: own, after: await trainer.snapshot() };
}

async function gradientsOn(
  device: Device,
  { state }: Trainer,
  { regime, batchSize }: ForcedStep,
  feeds: Tensors,
): Promise<Tensors> {
  await using program = await device.compile(gradients(regime.model, batchSize));
  return await program.run(state, feeds).read();
}
