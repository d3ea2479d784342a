// Invalid options from plain JavaScript: one line reports all mistakes, with their locations, before the first step.
import type { PredictorOptions, Tensor, TrainerOptions } from '@isonet/core';
import {
  adam,
  adamW,
  batches,
  classification,
  clipGradients,
  constant,
  cosine,
  evaluate,
  fit,
  forward,
  initialize,
  int32,
  meanGradients,
  multiLabel,
  oneCycle,
  perFullBatch,
  Predictor,
  regression,
  sgd,
  ShapeError,
  split,
  stateOf,
  stepDecay,
  subset,
  take,
  tensorDataset,
  Trainer,
  uint32,
} from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { describe, expect, it } from 'vitest';
import { data, firstImages, model, options, trainerOf } from './tiny.ts';

/** Casts a function to accept any arguments. */
function untyped(of: (...given: never[]) => unknown): (...given: readonly unknown[]) => unknown {
  return of as (...given: readonly unknown[]) => unknown;
}

/** Returns the error of a call or its promise as one line; empty if there is none. */
async function lineOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    return String(error);
  }
  return '';
}

const MODEL = 'a model { name, input: { name, shape }, output: { name, shape }, layer }';
const DATASET = 'a dataset { length, batch(indices) }';
const SCHEDULE = 'a learning rate of at least 0, or a schedule, such as cosine({ peak: 0.1 })';
const OPTIMIZER = 'an optimizer, such as adam()';
const DEVICE = 'an open device, await backend.open()';
const STATE = 'a state, trainer.state or await device.createState(weights)';
const TENSOR = 'a tensor, such as float32([1, 2], [0.5, 0.5])';
const SEED = 'an integer from 0 to 4,294,967,295';
const COUNT = 'an integer of at least 1';
const RATE = 'a number of at least 0 and below 1';
const FROM_0 = 'a number of at least 0';
const PART = 'a number from 0 to 1';

describe('fit', () => {
  it.each<[changes: object, message: string]>([
    [{ epochs: -1 }, 'epochs: expected an integer of at least 0, got -1'],
    [{ epochs: NaN }, 'epochs: expected an integer of at least 0, got NaN'],
    [
      { epochs: undefined, epoch: 3 },
      'epochs: expected an integer of at least 0, got nothing; unknown option "epoch", did you mean epochs?',
    ],
    [{ batchSize: 0 }, `batchSize: expected ${COUNT}, got 0`],
    [{ batchSize: '8' }, `batchSize: expected ${COUNT}, got "8"`],
    [{ microBatchSize: 1.5 }, `microBatchSize: expected ${COUNT}, got 1.5`],
    [{ seed: 2 ** 32 }, `seed: expected ${SEED}, got 4294967296`],
    [{ prefetch: Infinity }, 'prefetch: expected an integer of at least 0, got Infinity'],
    [{ dropLast: 1 }, 'dropLast: expected true or false, got 1'],
    [{ clipNorm: 0 }, 'clipNorm: expected a number above 0, got 0'],
    [{ clipNorm: NaN }, 'clipNorm: expected a number above 0, got NaN'],
    [{ movingAverage: 0.9 }, 'movingAverage: expected an object (decay), got 0.9'],
    [{ movingAverage: { decay: 1 } }, `movingAverage: decay: expected ${RATE}, got 1`],
    [
      { earlyStopping: true },
      'earlyStopping: expected an object (patience, monitor, mode, minDelta), got true',
    ],
    [{ earlyStopping: { patience: 0 } }, `earlyStopping: patience: expected ${COUNT}, got 0`],
    [
      { earlyStopping: { patience: 1, patient: 2 } },
      'earlyStopping: unknown option "patient", did you mean patience?',
    ],
    [{ schedule: undefined }, `schedule: expected ${SCHEDULE}, got nothing`],
    [{ schedule: 'cosine' }, `schedule: expected ${SCHEDULE}, got "cosine"`],
    [{ schedule: NaN }, `schedule: expected ${SCHEDULE}, got NaN`],
    [{ schedule: -0.1 }, `schedule: expected ${SCHEDULE}, got -0.1`],
    [{ optimizer: undefined }, `optimizer: expected ${OPTIMIZER}, got nothing`],
    [{ optimizer: adam }, `optimizer: expected ${OPTIMIZER}, got a function`],
    [{ model: undefined }, `model: expected ${MODEL}, got nothing`],
    [{ model: { name: 'm', layer: model.layer } }, `model: expected ${MODEL}, got an object (name, layer)`],
    [{ device: reference }, `device: expected ${DEVICE}, got an object (name, contract, probe, open)`],
    [{ train: [1, 2] }, `train: expected ${DATASET}, got [1, 2]`],
    [{ test: null }, `test: expected ${DATASET}, got null`],
    [
      { validation: { length: NaN, batch: data.batch } },
      `validation: expected ${DATASET}, got an object (length, batch)`,
    ],
    [{ train: { length: 0, batch: data.batch } }, 'train: expected at least one sample, got none'],
    [{ test: { length: 0, batch: data.batch } }, 'test: expected at least one sample, got none'],
    [{ initializer: 'he' }, 'initializer: expected an initializer, such as he, got "he"'],
    [{ task: regression }, 'task: expected a task, such as regression(), got a function'],
    [
      { parameters: ['c1'] },
      'parameters: expected a list of rules, such as { match: "c1", frozen: true }, got ["c1"]',
    ],
    [{ weights: [] }, 'weights: expected tensors by name, got []'],
    [{ trainer: 5 }, 'trainer: expected a Trainer, await Trainer.create(...), got 5'],
    [{ signal: 5 }, 'signal: expected an AbortSignal or { aborted }, got 5'],
    [{ resume: {} }, 'resume: expected a checkpoint { step, values, epoch }, got an object'],
    [{ onEpoch: console }, 'onEpoch: expected a function, got an object (log, warn, dir, time)'],
    [{ lr: 0.1 }, 'unknown option "lr"; pass the learning rate as schedule: 0.1'],
  ])('rejects %j', async (changes, message) => {
    const steps: unknown[] = [];
    const given = { ...(await options()), onStep: (step: unknown) => steps.push(step), ...changes };
    expect(await lineOf(() => untyped(fit)(given))).toBe(`DataError: fit: ${message}`);
    expect(steps).toEqual([]);
  });

  it('suggests awaiting a promise', async () => {
    const given = await options();
    for (const [name, expected] of [
      ['device', DEVICE],
      ['train', DATASET],
      ['weights', 'tensors by name'],
    ] as const) {
      const value = Promise.resolve(given.device);
      expect(await lineOf(() => untyped(fit)({ ...given, [name]: value }))).toBe(
        `DataError: fit: ${name}: expected ${expected}, got a promise; await it`,
      );
    }
  });

  it('lists all options for a name unlike any of them', async () => {
    const line = await lineOf(async () => untyped(fit)({ ...(await options()), k: 1, wd: 2 }));
    expect(line).toMatch(
      /^DataError: fit: unknown options "k", "wd", known: model, device, \S.*, onSnapshot$/,
    );
  });

  it('lists everything that is missing', async () => {
    expect(await lineOf(() => untyped(fit)())).toMatch(
      /^DataError: fit: model: expected .* got nothing; device: .*; seed: expected an integer from 0 to \S+, got nothing$/,
    );
    expect(await lineOf(() => untyped(fit)(3))).toMatch(
      /^DataError: fit: options: expected an object \(model, .*\), got 3$/,
    );
  });

  it.each<[what: string, rate: unknown, message: string]>([
    ['is below 0', -0.1, 'got -0.1'],
    ['is nothing', undefined, 'got nothing'],
    ['is a function', () => 0.1, 'got a function'],
  ])('rejects a rate from the schedule that %s, before its step', async (_, rate, got) => {
    const steps: number[] = [];
    const onStep = ({ step }: { readonly step: number }): void => void steps.push(step);
    const schedule = ({ step }: { readonly step: number }): unknown => (step === 3 ? rate : 0.1);
    const given = { ...(await options({ onStep })), schedule };
    expect(await lineOf(() => untyped(fit)(given))).toBe(
      `DataError: step 4: learning rate: expected ${FROM_0}, ${got}; check the schedule`,
    );
    expect(steps).toEqual([1, 2, 3]);
  });

  it.each([undefined, {}, { labels: int32([8], new Array<number>(8).fill(0)) }])(
    'rejects a dataset that returns %j as a batch',
    async (batch) => {
      const train = { length: 8, batch: () => batch };
      const line = await lineOf(async () => untyped(fit)({ ...(await options()), train }));
      expect(line).toContain(`DataError: the dataset: inputs: expected ${TENSOR}, got nothing`);
    },
  );
});

describe('the options of one function', () => {
  it('may be spread into those of another', async () => {
    const given = await options({ epochs: 1 });
    const { trainer } = await fit(given);
    const { state } = trainer;
    expect(await lineOf(() => evaluate({ ...given, state, data }))).toBe('');
    expect(await lineOf(() => new Predictor({ ...given, state }))).toBe('');
    expect(await lineOf(async () => Trainer.create({ ...given, values: await trainer.weights() }))).toBe('');
  });
});

/** A stub, so that no device has to be opened. */
const device = { createState: () => undefined, compile: () => undefined };
const state = { read: () => undefined, write: () => undefined };
const batch = firstImages(2);

describe('a wrong call', () => {
  it.each<[of: (...given: never[]) => unknown, given: readonly unknown[], message: string]>([
    [sgd, [{ lr: 0.1 }], 'sgd: unknown option "lr"; pass the learning rate to fit: schedule: 0.1'],
    [sgd, [0.1], 'sgd: options: expected an object (momentum, nesterov, weightDecay), got 0.1'],
    [sgd, [{ momentum: 1 }], `sgd: momentum: expected ${RATE}, got 1`],
    [sgd, [{ nesterov: 1 }], 'sgd: nesterov: expected true or false, got 1'],
    [sgd, [{ nesterov: true }], 'sgd: nesterov: expected a momentum above 0, got momentum 0'],
    [adam, [{ beta: 0.9 }], 'adam: unknown option "beta", did you mean beta1?'],
    [
      adam,
      [{ beta1: 1, epsilon: -1 }],
      `adam: beta1: expected ${RATE}, got 1; epsilon: expected ${FROM_0}, got -1`,
    ],
    [adamW, [{ weightDecay: Infinity }], `adamW: weightDecay: expected ${FROM_0}, got Infinity`],
    [constant, [], `constant: lr: expected ${FROM_0}, got nothing`],
    [constant, [NaN], `constant: lr: expected ${FROM_0}, got NaN`],
    [oneCycle, [], `oneCycle: peak: expected ${FROM_0}, got nothing`],
    [oneCycle, [0.1], 'oneCycle: options: expected an object (peak, start, warmup), got 0.1'],
    [
      oneCycle,
      [{ max: 0.1 }],
      `oneCycle: peak: expected ${FROM_0}, got nothing; unknown option "max", known: peak, start, warmup`,
    ],
    [oneCycle, [{ peak: 0.1, warmup: 3 }], `oneCycle: warmup: expected ${PART}, got 3`],
    [
      cosine,
      [{ peak: -1, floor: NaN }],
      `cosine: peak: expected ${FROM_0}, got -1; floor: expected ${FROM_0}, got NaN`,
    ],
    [
      stepDecay,
      [{ lr: 0.1, milestones: [30, 60] }],
      'stepDecay: milestones: expected a list of fractions of the run, numbers from 0 to 1, got [30, 60]',
    ],
    [perFullBatch, [0.1], 'perFullBatch: schedule: expected a function, got 0.1'],
    [
      classification,
      [{ smoothing: 0.1 }],
      'classification: unknown option "smoothing", known: labelSmoothing',
    ],
    [classification, [{ labelSmoothing: 2 }], `classification: labelSmoothing: expected ${PART}, got 2`],
    [
      regression,
      [{ delta: 1 }],
      'regression: delta: only the loss huber accepts it, got 1 with meanSquaredError; omit delta',
    ],
    [regression, [{ loss: 'huber', delta: 0 }], 'regression: delta: expected a number above 0, got 0'],
    [
      multiLabel,
      [{ labelSmoothing: 0.1 }],
      'multiLabel: expected no argument, got an object (labelSmoothing)',
    ],
    [evaluate, [{ model, device, data }], `evaluate: state: expected ${STATE}, got nothing`],
    [
      evaluate,
      [{ model, device, state, data, batch: 8 }],
      'evaluate: unknown option "batch", did you mean batchSize?',
    ],
    [
      evaluate,
      [{ model, device, state, data, batchSize: 0 }],
      `evaluate: batchSize: expected ${COUNT}, got 0`,
    ],
    [
      batches,
      [data, { size: 4 }],
      `batches: batchSize: expected ${COUNT}, got nothing; unknown option "size", known: batchSize, shuffle, from, dropLast, prefetch`,
    ],
    [split, [data], 'split: held: expected a number of samples, or a fraction below 1, got nothing'],
    [split, [data, { held: 0.5, sed: 1 }], 'split: unknown option "sed", did you mean seed?'],
    [take, [undefined, 1], `take: dataset: expected ${DATASET}, got nothing`],
    [subset, [data, 3], 'subset: indices: expected a list of integers, got 3'],
    [tensorDataset, [batch.inputs, [0, 1]], `tensorDataset: labels: expected ${TENSOR}, got [0, 1]`],
    [meanGradients, [], 'meanGradients: parts: expected a list of gradients, got nothing'],
    [clipGradients, [{}, 0], 'clipGradients: limit: expected a number above 0, got 0'],
    [initialize, [[], 'he', 0], 'initialize: weights: expected an initializer, such as he, got "he"'],
    [forward, [model], `forward: batch: expected ${COUNT}, got nothing`],
    [stateOf, [], `stateOf: model: expected ${MODEL}, got nothing`],
  ])('%o, %j', async (of, given, message) => {
    expect(await lineOf(() => untyped(of)(...given))).toBe(`DataError: ${message}`);
  });

  it('of Trainer.create', async () => {
    const create = (given: TrainerOptions): Promise<Trainer> => Trainer.create(given);
    expect(await lineOf(() => untyped(create)({ model, device, optimizer: sgd() }))).toBe(
      `DataError: Trainer.create: values: expected tensors by name, got nothing; seed: expected ${SEED}, got nothing`,
    );
  });

  it('of a predictor', async () => {
    const make = (given: object): Predictor => new Predictor(given as PredictorOptions);
    expect(await lineOf(() => make({ model, device }))).toBe(
      `DataError: Predictor: state: expected ${STATE}, got nothing`,
    );
    const predictor = make({ model, device, state });
    expect(await lineOf(() => untyped((inputs: Tensor) => predictor.predict(inputs))([1, 2]))).toBe(
      `DataError: predict: inputs: expected ${TENSOR}, got [1, 2]`,
    );
  });

  it.each<[method: 'step' | 'gradients' | 'apply', given: readonly unknown[], message: string]>([
    [
      'step',
      [undefined, 0, 0.1],
      `batch: inputs: expected ${TENSOR}, got nothing; labels: expected ${TENSOR}, got nothing`,
    ],
    ['step', [{ inputs: batch.inputs }, 0, 0.1], `batch: labels: expected ${TENSOR}, got nothing`],
    ['step', [{ labels: batch.labels }, 0, 0.1], `batch: inputs: expected ${TENSOR}, got nothing`],
    ['step', [batch], `Trainer: step: expected ${SEED}, got nothing`],
    ['step', [batch, 0], `step 1: learning rate: expected ${FROM_0}, got nothing; check the schedule`],
    ['step', [batch, 2, -1], `step 3: learning rate: expected ${FROM_0}, got -1; check the schedule`],
    ['gradients', [batch], `Trainer.gradients: position: step: expected ${SEED}, got nothing`],
    [
      'gradients',
      [{}, { step: 0 }],
      `batch: inputs: expected ${TENSOR}, got nothing; labels: expected ${TENSOR}, got nothing`,
    ],
    [
      'apply',
      [],
      'Trainer.apply: gradients: expected the gradients of a batch { loss, gradients, buffers }, got nothing',
    ],
  ])('of a trainer: %s %j', async (method, given, message) => {
    const trainer = await trainerOf();
    const call = untyped(trainer[method].bind(trainer));
    expect(await lineOf(() => call(...given))).toBe(`DataError: ${message}`);
  });
});

describe('a tensor of integers', () => {
  it.each([
    [int32, [1, NaN], 'tensor int32: expected 32-bit integers, got NaN at index 1'],
    [int32, [0.5, 1], 'tensor int32: expected 32-bit integers, got 0.5 at index 0'],
    [uint32, [0, -1], 'tensor uint32: expected 32-bit integers, got -1 at index 1'],
  ])('rejects %o %j', (make, values, message) => {
    expect(() => make([2], values)).toThrow(new ShapeError(message));
  });
});
