// Compares a device with PyTorch: NiN and GoogLeNet forward, backward, and through five steps of SGD.
import type { Device, Model, Tensor, Tensors } from '@isonet/core';
import {
  defined,
  forward,
  gradientName,
  gradients,
  notHalted,
  scalar,
  scalarOf,
  sgd,
  step,
} from '@isonet/core';
import { googlenet, nin } from '@isonet/models';
import { elementAt, relativeL2, tensorNamed } from '../check/compare.ts';
import type { GoldenCase, GoldenFile, GoldenModel, Summary } from './golden.ts';
import { goldenBatch, goldenParameters, readGolden, sampledIndices } from './golden.ts';
import { referenceDevice, runOnce } from '../oracle.ts';
import type { Check } from '../check/check.ts';
import { Findings } from '../check/findings.ts';

/** Errors relative to the value (logits, losses) or to the L2 norm of the tensor. */
interface Tolerances {
  readonly logits: number;
  readonly activations: number;
  readonly gradients: number;
  readonly after: number;
  /** In addition to `after`: a fraction of the movement of the parameter. */
  readonly moved: number;
}

/** For devices that compute in float64: only the 12 printed digits and the order of summation matter. */
const float64: Tolerances = { logits: 1e-9, activations: 1e-9, gradients: 1e-9, after: 1e-9, moved: 0 };

/**
 * PyTorch's float32 run is within 2.6e-6 of its float64 run in every gradient of the first step. Over five steps, a
 * ReLU or a maximum may come so close to a kink that rounding flips it, and correct devices diverge. In NiN's first
 * layer, where gradients are smallest, differences of 0.2 % and 4 % of a parameter's movement were observed. So the
 * parameters after the steps may be off by a tenth of their movement; a lost step would leave them off by a fifth.
 * training/teacherForced.ts compares single steps, in which nothing can flip, to within 2e-5.
 */
const float32: Tolerances = { logits: 1e-5, activations: 1e-5, gradients: 1e-4, after: 1e-5, moved: 0.1 };

/** Functions that build the models as PyTorch ran them, without dropout. */
const models: Readonly<Record<GoldenModel, (size: number) => Model>> = {
  nin: () => nin({ dropoutRate: 0 }),
  googlenet: (size) => googlenet({ size }),
};

interface Listed {
  readonly model: GoldenModel;
  readonly init: GoldenCase['init'];
  readonly size: number;
}

/** The cases of the files, listed here because keys are needed before the files are read. */
const goldenCases: readonly Listed[] = [
  { model: 'nin', init: 'xavier', size: 28 },
  { model: 'nin', init: 'he', size: 28 },
  { model: 'googlenet', init: 'xavier', size: 96 },
  { model: 'googlenet', init: 'xavier', size: 28 },
];

/** At 96x96 and above, a check takes at least 10^10 multiply-adds. */
function isHeavy(size: number): boolean {
  return size >= 96;
}

/** `golden/<model>-<init>-<size>` */
export const goldenChecks: readonly Check[] = goldenCases.map(({ model, init, size }) => {
  const key = `golden/${model}-${init}-${size}`;
  const run: Check['run'] = async (device) => {
    const file = await goldenFile(model);
    const found = file.cases.find((each) => each.init === init && each.input.size === size);
    return (await judged(device, file, defined(found, key))).verdict(key);
  };
  return {
    key,
    group: 'golden',
    form: 'native',
    tier: 'whole',
    heavy: isHeavy(size),
    covers: () => ['golden'],
    run,
  };
});

const read = new Map<GoldenModel, Promise<GoldenFile>>();

/** Returns a file of PyTorch's results, which is read once per process. */
function goldenFile(model: GoldenModel): Promise<GoldenFile> {
  const file = read.get(model) ?? readGolden(model);
  read.set(model, file);
  return file;
}

/** Compares a device with one case of a file. @returns every difference */
export async function judged(device: Device, file: GoldenFile, golden: GoldenCase): Promise<Findings> {
  const { f64: expected } = golden;
  const findings = new Findings();
  const exact = device.numerics.float32.heldAs === 'float64';
  const allowed = exact ? float64 : float32;
  const trained = await train(device, file, golden);

  const logits = expected.logits.flat();
  findings.within(
    'logits',
    relativeL2(tensorNamed(trained.activations, 'logits').data, logits),
    allowed.logits,
  );
  findings.within(
    'logits while training',
    relativeL2(tensorNamed(trained.gradients, 'logits').data, logits),
    allowed.logits,
  );
  expected.losses.forEach((loss, i) => {
    findings.within(
      `loss after ${i} steps`,
      Math.abs(elementAt(trained.losses, i) / loss - 1),
      allowed.logits,
    );
  });
  for (const [name, summary] of Object.entries(expected.acts)) {
    summarized(
      findings,
      `activation ${name}`,
      tensorNamed(trained.activations, name),
      name,
      summary,
      allowed.activations,
    );
  }
  for (const [name, summary] of Object.entries(expected.grads)) {
    const tensor = tensorNamed(trained.gradients, gradientName(name));
    summarized(findings, `gradient of ${name}`, tensor, name, summary, allowed.gradients);
  }
  for (const [name, summary] of Object.entries(expected.after)) {
    const moved = relativeL2(tensorNamed(trained.before, name).data, tensorNamed(trained.after, name).data);
    const error = sampledError(tensorNamed(trained.after, name), name, summary);
    findings.within(`${name} after the steps`, error, allowed.after + allowed.moved * moved);
  }
  // The reference is slow on a heavy case, and a smaller case of the same network covers the same gradients.
  if (!exact && !isHeavy(golden.input.size)) {
    for (const [name, { data }] of Object.entries(await referenceGradients(file, golden))) {
      const error = relativeL2(tensorNamed(trained.gradients, name).data, data);
      findings.within(`all of ${name}`, error, allowed.gradients);
    }
  }
  return findings;
}

/** Compares the norm, the mean and the samples, each relative to the norm. */
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
  sampledIndices(name, data.length).forEach((place, i) => {
    findings.within(
      `${what}: [${place}]`,
      Math.abs(elementAt(data, place) - elementAt(samples, i)) / scale,
      bound,
    );
  });
}

/** Estimates the relative L2 error of a tensor from its samples and its norm. */
function sampledError({ data }: Tensor, name: string, [norm, , samples]: Summary): number {
  const squares = sampledIndices(name, data.length).map(
    (place, i) => (elementAt(data, place) - elementAt(samples, i)) ** 2,
  );
  const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
  const length = Math.sqrt(Array.from<number>(data).reduce((sum, value) => sum + value ** 2, 0));
  return Math.max(Math.sqrt(mean * data.length), Math.abs(length - norm)) / norm;
}

interface Trained {
  readonly activations: Tensors;
  /** The gradients of the first step, with loss and logits. */
  readonly gradients: Tensors;
  readonly losses: readonly number[];
  readonly before: Tensors;
  readonly after: Tensors;
}

async function train(device: Device, file: GoldenFile, golden: GoldenCase): Promise<Trained> {
  const model = models[file.model](golden.input.size);
  const batch = goldenBatch(file, golden);
  const { images } = batch;
  const taps = Object.keys(golden.f64.acts);
  // A device that computes in float64 gets the unrounded learning rate that PyTorch used.
  const rate = Float64Array.of(golden.lr);
  const lr: Tensor =
    device.numerics.float32.heldAs === 'float64'
      ? { dtype: 'float64', shape: [], data: rate }
      : scalar(golden.lr);

  const before = goldenParameters(file, golden.init);
  await using state = await device.createState({ ...before, ...notHalted() });
  await using forwardProgram = await device.compile(forward(model, golden.input.n, { taps }).graph);
  await using gradientsProgram = await device.compile(gradients(model, golden.input.n));
  await using stepProgram = await device.compile(step(model, golden.input.n, sgd()));
  const activations = await forwardProgram.run(state, { images }).read();
  const first = await gradientsProgram.run(state, batch).read();
  const losses: number[] = [];
  for (let i = 0; i < golden.steps; i++) {
    losses.push(scalarOf(await stepProgram.run(state, { ...batch, lr }).read(['loss']), 'loss'));
  }
  losses.push(scalarOf(await gradientsProgram.run(state, batch).read(['loss']), 'loss'));
  return {
    activations,
    gradients: first,
    losses,
    before,
    after: await state.read(Object.keys(before)),
  };
}

const known = new WeakMap<GoldenCase, Promise<Tensors>>();

/** Returns the complete gradients, which the file only samples. The reference computes them once per process. */
function referenceGradients(file: GoldenFile, golden: GoldenCase): Promise<Tensors> {
  const evaluate = async (): Promise<Tensors> => {
    const graph = gradients(models[file.model](golden.input.size), golden.input.n);
    const device = await referenceDevice();
    return await runOnce(device, graph, goldenParameters(file, golden.init), goldenBatch(file, golden));
  };
  const found = known.get(golden) ?? evaluate();
  known.set(golden, found);
  return found;
}
