// Two right runs of one training part: rounding turns a ReLU or a maximum, and training amplifies what comes of it. So loss
// curves are not compared with each other but with how far the device parts from itself: controls train on the same batches
// with the images of each in another order, which changes nothing but the order of sums.
//
// How wide the controls are decides what they can convict. NiN without kinks: controls 4e-8 to 9e-8 on two devices; a learning
// rate that is wrong by 1 % 4e-4, a forgotten weight decay of 5e-4 after 15 steps 1e-4. These curves are held to the controls.
// NiN with batch norm, over 30 steps: four controls of one device were off by 3e-5 to 7e-3, those of another by 3e-2 to 5e-2,
// depending on the step in which a first decision turns; a learning rate that is wrong by 10 % is off by 4e-2, twice the rate
// by 6e-2. No rule can tell these apart: the curves are drawn, and judged by nobody.
import type { Batch, Device, StepResult, Tensor } from '@isonet/core';
import { permutation, sizeOf } from '@isonet/core';
import { numberAt } from '../compare.ts';
import type { Check, Curves } from '../verdict.ts';
import { Findings } from '../verdict.ts';
import type { Regime } from './regimes.ts';
import { regimes } from './regimes.ts';
import { batchesOf, lrAt, referenceRun, SEED, trainerOf } from './run.ts';

/** Which runs are compared: see the head of this file. */
export type CurvesSubject = 'smooth' | 'batch-norm';

const subjects: Readonly<Record<CurvesSubject, { readonly regime: Regime; readonly title: string }>> = {
  smooth: { regime: regimes.smooth, title: 'NiN without kinks' },
  'batch-norm': { regime: regimes.best, title: 'NiN with batch norm, where right devices part' },
};

/**
 * Trains NiN with a quarter of its channels on Fashion-MNIST, from a loss of 2.3 to about 2.
 * @param controls how many
 */
export async function curves(device: Device, subject: CurvesSubject, controls = 3): Promise<Curves> {
  const { regime, title } = subjects[subject];
  const source = await batchesOf(regime, regime.steps);
  const others: (readonly number[])[] = [];
  for (let i = 0; i < controls; i++) {
    const shuffled = source.map((batch, step) => permuted(batch, `control ${i}`, step));
    others.push(await losses(device, regime, shuffled));
  }
  return {
    title,
    reference: await referenceRun(regime).losses(regime.steps),
    device: await losses(device, regime, source),
    controls: others,
  };
}

/** How much farther from the reference than the farthest control from the device. */
const FACTOR = 3;

/**
 * How wide controls are taken to be at least. A device whose exp and log err by what WGSL allows, always to one side, errs so
 * in its controls as well: it was off by 5.3e-7.
 */
const RESOLUTION = 2 ** -21;

/**
 * `training/curves`: of a network without kinks. With batch norm even right devices part within 30 steps, so that such a curve
 * would convict nothing.
 */
export const curvesCheck: Check = {
  key: 'training/curves',
  subject: 'training',
  form: 'native',
  tier: 'whole',
  run: async (device) => {
    const findings = new Findings();
    const smooth = await curves(device, 'smooth');
    const { reference, device: own, controls } = smooth;
    const widest = Math.max(...controls.map((control) => distance(control, own)));
    findings.within('the loss curve', distance(own, reference), FACTOR * Math.max(widest, RESOLUTION));
    return { ...findings.verdict('training/curves'), curves: [smooth] };
  },
};

/** The root mean square of log(a / b) over the steps. */
export function distance(a: readonly number[], b: readonly number[]): number {
  const squares = a.map((value, i) => Math.log(value / numberAt(b, i)) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}

async function losses(device: Device, regime: Regime, source: readonly Batch[]): Promise<readonly number[]> {
  await using trainer = await trainerOf(regime, device);
  const reads: (() => Promise<StepResult>)[] = [];
  for (const [i, batch] of source.entries()) reads.push(await trainer.step(batch, i, lrAt(regime, i)));
  const found: number[] = [];
  for (const read of reads) found.push((await read()).loss);
  return found;
}

/** The same images and labels in another order. */
function permuted({ inputs, labels }: Batch, stream: string, time: number): Batch {
  const order = permutation(SEED, stream, time, labels.data.length);
  const rearranged = (tensor: Tensor): Tensor => {
    const size = sizeOf(tensor.shape.slice(1));
    const data = tensor.data.slice();
    order.forEach((from, to) => data.set(tensor.data.subarray(from * size, (from + 1) * size), to * size));
    // A copy is an array of the same kind; TypeScript forgets that it goes with the dtype.
    return { ...tensor, data } as Tensor;
  };
  return { inputs: rearranged(inputs), labels: rearranged(labels) };
}
