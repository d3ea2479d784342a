// Holds a device to PyTorch's numbers: NiN and GoogLeNet forward, backward, and five steps of SGD.
import type { Device, Model, Tensor, Tensors } from '@isonet/core';
import { float32, forward, gradientName, gradients, sgd, step } from '@isonet/core';
import { googlenet, nin } from '@isonet/models';
import { relativeL2, the } from './compare.ts';
import type { GoldenCase, GoldenFile, GoldenModel, Summary } from './golden.ts';
import { goldenBatch, goldenParameters, sampledPlaces } from './golden.ts';
import { referenceDevice } from './oracle.ts';
import type { Check } from './verdict.ts';
import { Findings } from './verdict.ts';

/** Relative to the value (logits, losses) or to the tensor's L2 norm. */
interface Tolerances {
  readonly logits: number;
  readonly activations: number;
  readonly gradients: number;
  readonly after: number;
}

/** float64 against float64: what 12 printed digits and another order of sums leave. */
const float64: Tolerances = { logits: 1e-9, activations: 1e-9, gradients: 1e-9, after: 1e-9 };

/**
 * PyTorch's float32 run is within 2.6e-6 of its float64 run in every gradient. What training makes of that is measured per
 * case: ten times as much is allowed.
 */
function float32Tolerances({ measured }: GoldenCase): Tolerances {
  return { logits: 1e-5, activations: 1e-5, gradients: 1e-4, after: Math.max(1e-5, 10 * measured.after[0]) };
}

/** As PyTorch ran them: nothing drops out. */
const models: Readonly<Record<GoldenModel, (size: number) => Model>> = {
  nin: () => nin({ dropoutRate: 0 }),
  googlenet: (size) => googlenet({ size }),
};

/** From 96x96 on, a check takes 10^10 multiply-adds and more. */
function isHeavy({ input }: GoldenCase): boolean {
  return input.size >= 96;
}

/** One check per case of the file: `golden/<model>-<init>-<size>`. */
export function goldenChecks(file: GoldenFile): readonly Check[] {
  return file.cases.map((golden) => {
    const key = `golden/${file.model}-${golden.init}-${golden.input.size}`;
    const run: Check['run'] = async (device) => (await judged(device, file, golden)).verdict(key);
    return { key, subject: 'golden', form: 'native', tier: 'whole', heavy: isHeavy(golden), run };
  });
}

async function judged(device: Device, file: GoldenFile, golden: GoldenCase): Promise<Findings> {
  const { f64: numbers } = golden;
  const findings = new Findings();
  const exact = device.numerics.float === 'float64';
  const allowed = exact ? float64 : float32Tolerances(golden);
  const trained = await train(device, file, golden);

  const logits = numbers.logits.flat();
  findings.within('logits', relativeL2(the(trained.activations, 'logits').data, logits), allowed.logits);
  findings.within(
    'logits while training',
    relativeL2(the(trained.gradients, 'logits').data, logits),
    allowed.logits,
  );
  numbers.losses.forEach((loss, i) => {
    findings.within(`loss after ${i} steps`, Math.abs((trained.losses[i] ?? NaN) / loss - 1), allowed.logits);
  });
  for (const [name, summary] of Object.entries(numbers.acts)) {
    summarized(
      findings,
      `activation ${name}`,
      the(trained.activations, name),
      name,
      summary,
      allowed.activations,
    );
  }
  for (const [name, summary] of Object.entries(numbers.grads)) {
    const tensor = the(trained.gradients, gradientName(name));
    summarized(findings, `gradient of ${name}`, tensor, name, summary, allowed.gradients);
  }
  for (const [name, summary] of Object.entries(numbers.after)) {
    summarized(findings, `${name} after the steps`, the(trained.after, name), name, summary, allowed.after);
  }
  // The reference takes long over a heavy case, and what a smaller one shows whole need not be shown again.
  if (!exact && !isHeavy(golden)) whole(findings, trained, await referenceRun(file, golden), allowed);
  return findings;
}

/** All of every tensor, which the file only samples, against the reference: relative L2. */
function whole(findings: Findings, got: Trained, expected: Trained, allowed: Tolerances): void {
  for (const [name, { data }] of Object.entries(expected.gradients)) {
    findings.within(`all of ${name}`, relativeL2(the(got.gradients, name).data, data), allowed.gradients);
  }
  for (const [name, { data }] of Object.entries(expected.after)) {
    findings.within(
      `all of ${name} after the steps`,
      relativeL2(the(got.after, name).data, data),
      allowed.after,
    );
  }
}

/** Norm, mean and samples, each relative to the norm (of one value, where it is one value). */
function summarized(
  findings: Findings,
  what: string,
  tensor: Tensor,
  name: string,
  golden: Summary,
  bound: number,
): void {
  const { data } = tensor;
  const [norm, mean, samples] = golden;
  const scale = norm === 0 ? 1 : norm;
  const sumOf = (f: (value: number) => number): number =>
    Array.from<number>(data).reduce((sum, value) => sum + f(value), 0);
  findings.within(`${what}: norm`, Math.abs(Math.sqrt(sumOf((value) => value ** 2)) - norm) / scale, bound);
  findings.within(`${what}: mean`, Math.abs(sumOf((value) => value) / data.length - mean) / scale, bound);
  sampledPlaces(name, data.length).forEach((place, i) => {
    findings.within(
      `${what}: [${place}]`,
      Math.abs((data[place] ?? NaN) - (samples[i] ?? NaN)) / scale,
      bound,
    );
  });
}

interface Trained {
  readonly activations: Tensors;
  /** Of the first step, with loss and logits. */
  readonly gradients: Tensors;
  readonly losses: readonly number[];
  readonly after: Tensors;
}

async function train(device: Device, file: GoldenFile, golden: GoldenCase): Promise<Trained> {
  const model = models[file.model](golden.input.size);
  const batch = goldenBatch(file, golden);
  const { images } = batch;
  const taps = Object.keys(golden.f64.acts);
  // A device that computes in float64 gets the learning rate unrounded, as PyTorch had it.
  const rate = Float64Array.of(golden.lr);
  const lr: Tensor =
    device.numerics.float === 'float64'
      ? { dtype: 'float64', shape: [], data: rate }
      : float32([], Float32Array.from(rate));

  await using state = await device.createState(goldenParameters(file, golden.init));
  await using forwardProgram = await device.compile(forward(model, golden.input.n, { taps }).graph);
  await using gradientsProgram = await device.compile(gradients(model, golden.input.n));
  await using stepProgram = await device.compile(step(model, golden.input.n, sgd()));
  const activations = await forwardProgram.run(state, { images }).read();
  const first = await gradientsProgram.run(state, batch).read();
  const losses: number[] = [];
  for (let i = 0; i < golden.steps; i++) {
    const { loss } = await stepProgram.run(state, { ...batch, lr }).read(['loss']);
    losses.push(loss?.data[0] ?? NaN);
  }
  const { loss } = await gradientsProgram.run(state, batch).read(['loss']);
  return {
    activations,
    gradients: first,
    losses: [...losses, loss?.data[0] ?? NaN],
    after: await state.read(),
  };
}

const known = new WeakMap<GoldenCase, Promise<Trained>>();

/** The reference's run of a case, once per process. */
async function referenceRun(file: GoldenFile, golden: GoldenCase): Promise<Trained> {
  const found = known.get(golden) ?? train(await referenceDevice(), file, golden);
  known.set(golden, found);
  return found;
}
