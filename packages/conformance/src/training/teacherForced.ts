// Training, one step at a time: a device is given the reference's own state somewhere along a run, takes one step on a batch,
// and what that did to every parameter, slot and buffer is held to what the reference's step does to the same state. (Two
// right runs left to themselves part: see curves.ts.)
import type { Batch, BatchOptions, Device, Tensors, Trainer } from '@isonet/core';
import { batches, gradients, uint32 } from '@isonet/core';
import { relativeL2, the } from '../check/compare.ts';
import { lazily, referenceDevice } from '../oracle.ts';
import type { Check } from '../check/check.ts';
import { Findings } from '../check/findings.ts';
import type { Regime } from './regimes.ts';
import { regimes } from './regimes.ts';
import { images, lrAt, referenceRun, SEED, trainerOf } from './run.ts';
import { judgeUpdates } from '../networks/updates.ts';

export interface ForcedStep {
  readonly regime: Regime;
  /** Steps of the run that lie before. */
  readonly step: number;
  readonly batchSize: number;
  /**
   * Which batch, in the order of the images' second epoch: the first in which no ReLU and no maximum stands so close that
   * rounding may turn it (margins.ts). Found once and written down; the tests find it again.
   */
  readonly batch: number;
  /** Relative L2, of each tensor's update. */
  readonly tolerance: number;
}

/**
 * Ten times what the worst tensor of an honest device was seen to lose: 2.4e-6 without batch norm. With it 6e-6, and 1.3e-4
 * where a device sums a channel's pixels one by one: the gradients cancel in those sums.
 */
const PLAIN = 2e-5;
const NORMALIZED = 1e-3;

/** Batch norm ties a batch's images together, and many channels take many decisions: only few small batches are decided. */
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

/** `training/<network and recipe>-step-<steps before>` */
export const trainingChecks: readonly Check[] = forcedSteps.map((forced) => {
  const key = `training/${forced.regime.name}-step-${forced.step}`;
  const expected = lazily(async () => taken(await referenceDevice(), forced));
  const run: Check['run'] = async (device) => {
    const findings = new Findings();
    judge(findings, await taken(device, forced), await expected(), forced.tolerance);
    return findings.verdict(key);
  };
  const covers = (): readonly string[] => ['training'];
  return { key, group: 'training', form: 'native', tier: 'pinned', covers, run };
});

function judge(findings: Findings, got: Taken, expected: Taken, tolerance: number): void {
  findings.within('the loss', Math.abs(got.loss / expected.loss - 1), tolerance);
  for (const [name, { data }] of Object.entries(expected.gradients)) {
    findings.within(name, relativeL2(the(got.gradients, name).data, data), tolerance);
  }
  judgeUpdates(findings, expected.before, got.after, expected.after, tolerance);
}

/** What a step is forced on: the feeds of a gradients graph. */
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
  throw new Error(`there is no batch ${order.from}`);
}

interface Taken {
  readonly loss: number;
  readonly before: Tensors;
  /**
   * Of an optimizer without slots, whose update alone would hide them: it may be so small beside the weight that float32
   * holds three digits of it.
   */
  readonly gradients: Tensors;
  readonly after: Tensors;
}

async function taken(device: Device, forced: ForcedStep): Promise<Taken> {
  const { regime, step } = forced;
  const before = await referenceRun(regime).stateAt(step);
  const feeds = await feedsOf(forced);
  const batch = { inputs: the(feeds, 'images'), labels: the(feeds, 'labels') };
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
