// That the networks' variants train on a device: one step of each, against what the float64 reference recorded of it
// (scripts/recordVariants.ts writes golden/variants.json). What is compared is little, since every op has its own cases.
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
import { numberAt, the } from '../check/compare.ts';

interface Variant extends TaskCase {
  readonly batch: number;
  /** More than 4 * 10^9 multiply-adds in the step. */
  readonly heavy?: boolean;
}

/** Classifies into class numbers, by plain SGD. */
function classifies(
  name: string,
  model: ImageClassifier,
  batch: number,
  more: Pick<Variant, 'heavy'> = {},
): Variant {
  const labels = (count: number): Tensor => classNumbers(name, count, model.output.shape[0]);
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

/** What one step does to a parameter or a buffer. */
export interface Movement {
  /** Its L2 norm. */
  readonly norm: number;
  /** Its sum, weighted by fixed numbers between -1 and 1: two different movements hardly share it. */
  readonly projection: number;
}

export interface VariantStep {
  readonly loss: number;
  readonly movements: Readonly<Record<string, Movement>>;
}

const LR = 0.01;

/** One step from He's weights, dropouts and auxiliary outputs included: parameters, buffers, slots and averages. */
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

// The address is written out, so that a bundler finds the file.
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
 * The loss is a sum that rounding moves little; batch norm over a few values moves it more. A movement depends on which side
 * of a kink a value falls: one ReLU or one pooling that decides otherwise has moved single tensors by almost one part in a
 * hundred, and with batch norm by three: the bound is three times that. A bias before another batch norm has almost no
 * gradient: there the rounding of the others is all there is.
 */
function judge(findings: Findings, got: VariantStep, expected: VariantStep, exact: boolean): void {
  const [lossBound, movementBound] = exact ? [1e-9, 1e-6] : [1e-4, 0.1];
  const largest = Math.max(...Object.values(expected.movements).map(({ norm }) => norm));
  findings.within('loss', Math.abs(got.loss / expected.loss - 1), lossBound);
  for (const [name, { norm, projection }] of Object.entries(expected.movements)) {
    const moved = defined(got.movements[name], `how ${name} moves`);
    const scale = Math.max(norm, largest * 1e-4);
    findings.within(`how far ${name} moves`, Math.abs(moved.norm - norm) / scale, movementBound);
    findings.within(`where ${name} moves`, Math.abs(moved.projection - projection) / scale, movementBound);
  }
}

function batchOf({ name, model, batch, labels }: Variant): Batch {
  const shape = [batch, ...model.input.shape];
  return { inputs: float32(shape, units(`${name} images`, shape)), labels: labels(batch) };
}

function classNumbers(name: string, batch: number, classes: number): Tensor {
  const drawn = units(`${name} labels`, [batch]);
  return int32(
    [batch],
    Int32Array.from(drawn, (u) => Math.floor(u * classes)),
  );
}

function movementOf(name: string, before: Tensors, after: Tensors): Movement {
  const [old, { data, shape }] = [the(before, name), the(after, name)];
  const directions = units(`${name} direction`, shape);
  let [squares, projection] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    const moved = numberAt(data, i) - numberAt(old.data, i);
    squares += moved ** 2;
    projection += moved * (2 * numberAt(directions, i) - 1);
  }
  return { norm: Math.sqrt(squares), projection };
}
