// Trains variants of the networks for one step and compares the step with a recording of the float64 reference (recorded/variants.json,
// written by scripts/recordVariants.ts). Only norms and projections are compared, since every op has its own cases.
import type { Batch, Device, ImageClassifier, Tensor, Tensors } from '@isonet/core';
import { defined, he, initialize, int32, float32, sgd, stateOf, Trainer } from '@isonet/core';
import { googlenet, googlenetImageNet, nin, nin224, ninCifar10 } from '@isonet/models';
import { units } from '../case/data.ts';
import { readJson } from '../files.ts';
import { lazily } from '../oracle.ts';
import { layered } from './layered.ts';
import { taskCases } from './tasks.ts';
import type { TaskCase } from './tasks.ts';
import type { Check } from '../check/check.ts';
import { Findings } from '../check/findings.ts';
import { elementAt, tensorNamed } from '../check/compare.ts';

interface Variant extends TaskCase {
  readonly batch: number;
  /** Whether the step takes more than 4 * 10^9 multiply-adds. */
  readonly heavy?: boolean;
}

/** Classification with integer labels, trained by plain SGD. */
function classifies(
  name: string,
  model: ImageClassifier,
  batch: number,
  more: Pick<Variant, 'heavy'> = {},
): Variant {
  const labels = (count: number): Tensor => classLabels(name, count, model.output.shape[0]);
  return { name, model, batch, optimizer: sgd(), options: {}, labels, ...more };
}

export const variants: readonly Variant[] = [
  classifies('nin-batch-norm', nin({ batchNorm: true, dropoutRate: 0.1 }), 4),
  classifies('nin-cifar10', ninCifar10(), 1),
  classifies('googlenet28-batch-norm', googlenet({ size: 28, batchNorm: true }), 8),
  classifies('layered', layered, 4),
  ...taskCases.map((taskCase) => ({ ...taskCase, batch: 6 })),
  classifies('nin224', nin224(), 1),
  classifies('googlenet-imagenet', googlenetImageNet(), 1, { heavy: true }),
];

/** The movement of a parameter or a buffer in one step. */
export interface Movement {
  /** The L2 norm of the movement. */
  readonly norm: number;
  /** The sum of the movement, weighted by fixed factors in [-1, 1]: different movements rarely have the same projection. */
  readonly projection: number;
}

export interface VariantStep {
  readonly loss: number;
  readonly movements: Readonly<Record<string, Movement>>;
}

const LR = 0.01;

/**
 * Takes one step from He's weights, with dropout and auxiliary outputs, and measures how parameters, buffers, slots
 * and averages move.
 */
export async function variantStep(device: Device, variant: Variant): Promise<VariantStep> {
  const { model, optimizer, options } = variant;
  const values = initialize(stateOf(model).parameters, he, 0);
  await using trainer = await Trainer.create({ model, device, optimizer, values, seed: 0, ...options });
  const before = await trainer.snapshot();
  const read = await trainer.step(batchOf(variant), 0, LR);
  const { loss } = await read();
  const after = await trainer.snapshot();
  const movements = Object.keys(after).map((key) => [key, movementOf(key, before, after)] as const);
  return { loss, movements: Object.fromEntries(movements) };
}

// The URL is written out so that bundlers find the file.
const file = new URL('../../recorded/variants.json', import.meta.url);
const recordedSteps = lazily(async () => (await readJson(file)) as Readonly<Record<string, VariantStep>>);

/** `variant/<name>`, one per variant. */
export const variantChecks: readonly Check[] = variants.map((variant) => {
  const key = `variant/${variant.name}`;
  const run: Check['run'] = async (device) => {
    const recorded = (await recordedSteps())[variant.name];
    const expected = defined(recorded, `${key} (scripts/recordVariants.ts writes it)`);
    const findings = new Findings();
    const exact = device.numerics.float32.heldAs === 'float64';
    judge(findings, await variantStep(device, variant), expected, exact);
    return findings.verdict(key);
  };
  return { key, group: 'variant', form: 'native', tier: 'whole', heavy: variant.heavy ?? false, run };
});

/**
 * Rounding moves the loss only a little, but more with batch norm over few values. A movement depends on which side
 * of a kink a value falls on: a single ReLU or pooling that decides differently has moved tensors by almost 1 %, and
 * with batch norm by 3 %; the bound is three times that. A bias before a batch norm has almost no gradient and hardly
 * moves, so the error of its movement is taken relative to 1e-4 of the largest movement.
 */
function judge(findings: Findings, got: VariantStep, expected: VariantStep, exact: boolean): void {
  const [lossBound, movementBound] = exact ? [1e-9, 1e-6] : [1e-4, 0.1];
  const largest = Math.max(...Object.values(expected.movements).map(({ norm }) => norm));
  findings.within('loss', Math.abs(got.loss / expected.loss - 1), lossBound);
  for (const [name, { norm, projection }] of Object.entries(expected.movements)) {
    const moved = defined(got.movements[name], `the movement of ${name}`);
    const scale = Math.max(norm, largest * 1e-4);
    findings.within(
      `the norm of the movement of ${name}`,
      Math.abs(moved.norm - norm) / scale,
      movementBound,
    );
    findings.within(
      `the projection of the movement of ${name}`,
      Math.abs(moved.projection - projection) / scale,
      movementBound,
    );
  }
}

function batchOf({ name, model, batch, labels }: Variant): Batch {
  const shape = [batch, ...model.input.shape];
  return { inputs: float32(shape, units(`${name} images`, shape)), labels: labels(batch) };
}

function classLabels(name: string, batch: number, classes: number): Tensor {
  const drawn = units(`${name} labels`, [batch]);
  return int32(
    [batch],
    Int32Array.from(drawn, (u) => Math.floor(u * classes)),
  );
}

function movementOf(name: string, before: Tensors, after: Tensors): Movement {
  const [old, { data, shape }] = [tensorNamed(before, name), tensorNamed(after, name)];
  const directions = units(`${name} direction`, shape);
  let [squares, projection] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    const moved = elementAt(data, i) - elementAt(old.data, i);
    squares += moved ** 2;
    projection += moved * (2 * elementAt(directions, i) - 1);
  }
  return { norm: Math.sqrt(squares), projection };
}
