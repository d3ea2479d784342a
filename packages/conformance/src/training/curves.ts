// Compares the loss curve of a freely training device with the float64 reference. Rounding alone makes two correct
// curves diverge, so the tolerance comes from controls: the device trains again on the same batches with the images
// of each batch in a different order, which changes only the order of summation.
//
// The check is meaningful only for a network without kinks. Its controls lie within 1e-7 of each other, while after
// 15 steps a learning rate that is off by 1 % moves the curve by 4e-4, and a forgotten weight decay of 5e-4 moves it
// by 1e-4. With ReLU and batch norm, correct devices diverge by as much within 30 steps (3e-5 to 5e-2), so those
// curves would prove nothing.
import type { Batch, Device, StepResult, Tensor } from '@isonet/core';
import { permutation, sizeOf } from '@isonet/core';
import type { Check } from '../check/check.ts';
import { Findings } from '../check/findings.ts';
import { elementAt } from '../check/compare.ts';
import { regimes } from './regimes.ts';
import { batchesOf, lrAt, referenceRun, SEED, trainerOf } from './run.ts';

const regime = regimes.smooth;
const CONTROLS = 3;

/** The curve may be this many times as far from the reference as the farthest control is from the curve. */
const FACTOR = 3;

/**
 * The minimum distance that is assumed for the controls. If exp and log err by as much as WGSL allows, always in the
 * same direction, the controls err in the same way and do not show it: one such device was off by 5.3e-7.
 */
const RESOLUTION = 2 ** -21;

/** `training/curves`: trains NiN, without kinks and with a quarter of its channels, on Fashion-MNIST from a loss of 2.3 to about 2. */
export const curvesCheck: Check = {
  key: 'training/curves',
  group: 'training',
  form: 'native',
  tier: 'whole',
  run: async (device) => {
    const findings = new Findings();
    const source = await batchesOf(regime, regime.steps);
    const reference = await referenceRun(regime).losses(regime.steps);
    const curve = await losses(device, source);
    let widest = RESOLUTION;
    for (let i = 0; i < CONTROLS; i++) {
      const shuffled = source.map((batch, step) => permuted(batch, `control ${i}`, step));
      widest = Math.max(widest, distance(await losses(device, shuffled), curve));
    }
    findings.within('the loss curve', distance(curve, reference), FACTOR * widest);
    return findings.verdict('training/curves');
  },
};

/** Returns the root mean square of log(a / b) over the steps. */
export function distance(a: readonly number[], b: readonly number[]): number {
  const squares = a.map((value, i) => Math.log(value / elementAt(b, i)) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}

async function losses(device: Device, source: readonly Batch[]): Promise<readonly number[]> {
  await using trainer = await trainerOf(regime, device);
  const reads: (() => Promise<StepResult>)[] = [];
  for (const [i, batch] of source.entries()) reads.push(await trainer.step(batch, i, lrAt(regime, i)));
  const found: number[] = [];
  for (const read of reads) found.push((await read()).loss);
  return found;
}

/** Returns the same images and labels in another order. */
function permuted({ inputs, labels }: Batch, stream: string, time: number): Batch {
  const order = permutation(SEED, stream, time, labels.data.length);
  const rearranged = (tensor: Tensor): Tensor => {
    const size = sizeOf(tensor.shape.slice(1));
    const data = tensor.data.slice();
    order.forEach((from, to) => data.set(tensor.data.subarray(from * size, (from + 1) * size), to * size));
    // slice() keeps the kind of array, but TypeScript does not connect it with the dtype.
    return { ...tensor, data } as Tensor;
  };
  return { inputs: rearranged(inputs), labels: rearranged(labels) };
}
