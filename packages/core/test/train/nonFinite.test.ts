// Non-finite values: the first step that computes one reports the cause. Neither that step nor a later one changes the
// state.
import type { Checkpoint, Dataset, Device, FitOptions, Layer, Model, Task, Trainer } from '@isonet/core';
import {
  adamW,
  BackendError,
  classification,
  conv2d,
  dense,
  fit,
  flatten,
  float32,
  globalAvgPool2d,
  NonFiniteError,
  sampleOrder,
  sequential,
  TrainingHaltedError,
} from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { describe, expect, it } from 'vitest';
import { atNth, lossyDevice, never } from './lossyDevice.ts';
import { data, firstImages, model, options, trainerOf } from './tiny.ts';

/** Returns the NonFiniteError that a promise must reject with. */
async function refused(run: Promise<unknown>): Promise<NonFiniteError> {
  const error: unknown = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(NonFiniteError);
  if (!(error instanceof NonFiniteError)) throw new Error('it was finite');
  return error;
}

async function stepped(trainer: Trainer, batch = firstImages(8), step = 0, lr = 0.1): Promise<unknown> {
  return (await trainer.step(batch, step, lr))();
}

function poisoned(count: number, sample: number, bad = NaN): ReturnType<typeof firstImages> {
  const batch = firstImages(count);
  batch.inputs.data[sample * 36 + 5] = bad;
  return batch;
}

/** Returns the tiny network with an extra layer in the middle. */
function withLayer(name: string, layer: Layer): Model {
  return {
    ...model,
    layer: sequential({
      c1: conv2d(2, { kernel: 3 }),
      [name]: layer,
      gap: globalAvgPool2d(),
      flatten: flatten(),
      fc: dense(2),
    }),
  };
}

/** Returns the error of a fit run, and the steps that it reported. */
async function broken(changes: Partial<FitOptions>): Promise<{
  readonly error: TrainingHaltedError;
  readonly steps: readonly number[];
}> {
  const steps: number[] = [];
  const error = await refused(fit(await options({ onStep: ({ step }) => steps.push(step), ...changes })));
  if (!(error instanceof TrainingHaltedError)) throw new Error('it has no checkpoint');
  return { error, steps };
}

/** Returns the checkpoints of an undisturbed run after each step. */
async function unbroken(changes: Partial<FitOptions>): Promise<ReadonlyMap<number, Checkpoint>> {
  const at = new Map<number, Checkpoint>();
  const onSnapshot = (checkpoint: Checkpoint): void => void at.set(checkpoint.step, checkpoint);
  const given = { ...changes, snapshotSeconds: 0, onSnapshot };
  at.set(0, (await fit(await options({ ...given, epochs: 0 }))).checkpoint);
  await fit(await options(given));
  return at;
}

describe('fit', () => {
  const changes = { epochs: 3, test: data };

  it.each([
    ['NaN at the first step', 1, NaN],
    ['Infinity at the first step', 1, Infinity],
    ['Infinity in the middle', 5, Infinity],
    ['-Infinity in the middle', 5, -Infinity],
    ['beyond float32 in the middle', 5, 1e39],
    ['NaN at the last step of an epoch', 6, NaN],
    ['NaN at the last step', 9, NaN],
    ['Infinity at the last step', 9, Infinity],
  ])('throws, naming the step, with a learning rate of %s', async (_, bad, rate) => {
    const plain = (step: number): number => 0.1 / (step + 1);
    for (const parts of [{}, { microBatchSize: 3 }]) {
      const expected = await unbroken({ ...changes, ...parts, schedule: ({ step }) => plain(step) });
      const { error, steps } = await broken({
        ...changes,
        ...parts,
        schedule: ({ step }) => (step === bad - 1 ? rate : plain(step)),
      });
      const text = rate === 1e39 ? Infinity : rate;
      expect(error.message).toMatch(new RegExp(`^step ${bad}: lr is ${text} \\(loss [0-9.]+\\); `));
      expect(error.message).toMatch(/; training halted before its update; check the schedule$/);
      expect(error.message).not.toContain('\n');
      expect(error.origin).toMatchObject({ step: bad });
      expect(steps).toEqual(Array.from({ length: bad - 1 }, (__, i) => i + 1));
      const before = expected.get(bad - 1)?.values ?? {};
      expect(error.checkpoint).toMatchObject({ step: bad - 1, values: before });
      expect(Object.keys(before)).toContain('velocity/c1.w');
    }
  });

  it('throws for a non-finite pixel, and names its sample', async () => {
    const bad: Dataset = {
      length: data.length,
      batch: (indices, draw?: unknown) => {
        const batch = data.batch(indices);
        if (draw !== undefined) batch.inputs.data[4 * 36 + 35] = -Infinity;
        return batch;
      },
    };
    const { seed } = await options();
    const sample = sampleOrder(data.length, { seed, epoch: 0 })[4];
    for (const microBatchSize of [8, 3, 1]) {
      const { error, steps } = await broken({ train: bad, microBatchSize });
      expect(error.message).toContain(
        `step 1: images of sample ${sample} of the dataset contain -Infinity (loss `,
      );
      expect(error.message).toMatch(/training halted before its update; check the data$/);
      expect(steps).toEqual([]);
    }
  });

  it('throws for a non-finite evaluation', async () => {
    const bad: Dataset = { length: 3, batch: (indices) => poisoned(indices.length, 1) };
    for (const name of ['test', 'validation']) {
      const error = await refused(fit(await options({ epochs: 1, [name]: bad })));
      expect(error.message).toContain("the network's output for sample 1 of the dataset contains NaN");
    }
  });
});

describe('an error of fit', () => {
  it('has no checkpoint if it comes from a callback, because later steps may already have run', async () => {
    const error = new NonFiniteError('my own');
    const onStep = (): never => {
      throw error;
    };
    await expect(fit(await options({ onStep }))).rejects.toBe(error);
  });

  it('has no checkpoint if outputs are rejected after their step was committed', async () => {
    const plain = classification();
    const error = new NonFiniteError('no such metric');
    const task: Task = {
      ...plain,
      score: () => {
        throw error;
      },
    };
    await expect(fit(await options({ task }))).rejects.toBe(error);
  });

  it('has a checkpoint even if the device is lost while it is read', async () => {
    const device = await lossyDevice(atNth(1, 'state.read'));
    let opened = 0;
    const reopen = async (): Promise<Device> => {
      opened++;
      return lossyDevice(never);
    };
    const { error } = await broken({ device, reopen, schedule: ({ step }) => (step === 2 ? NaN : 0.1) });
    expect([opened, error.checkpoint.step]).toEqual([1, 2]);
  });
});

describe('a non-finite step', () => {
  const overflow: Layer = (scope, x) => scope.op.exp(scope.op.mul(x, scope.fill(1e6, x.shape)));
  /** The root is finite, but its gradient is not. */
  const root: Layer = (scope, x) => scope.op.sqrt(scope.op.mul(x, scope.fill(0, x.shape)));

  it.each<[string, Layer, object]>([
    ['overflow', overflow, { layer: 'overflow', op: 'exp', phase: 'forward' }],
    ['root', root, { layer: 'root', phase: 'backward' }],
  ])('names the layer, the op and the phase: %s', async (name, layer, where) => {
    for (const microBatchSize of [8, 3]) {
      const trainer = await trainerOf({ model: withLayer(name, layer), microBatchSize });
      const before = await trainer.snapshot();
      const { message, origin } = await refused(stepped(trainer));
      expect(origin).toMatchObject({ step: 1, ...where });
      const { op, phase } = origin;
      expect(message).toMatch(
        new RegExp(`^step 1: ${op} of "${name}" \\(${phase}\\) is the first to return NaN or an infinity`),
      );
      expect(message).toMatch(/try a lower learning rate, or clip the gradients \(clipNorm\)$/);
      expect(await trainer.snapshot()).toEqual(before);
    }
  });

  it('is diagnosed with its labels, averages and clipping', async () => {
    for (const microBatchSize of [8, 3]) {
      const trainer = await trainerOf({
        model: withLayer('overflow', overflow),
        microBatchSize,
        movingAverage: { decay: 0.5 },
        clipNorm: 1,
        parameters: [{ match: 'c1', frozen: true }],
      });
      const { inputs, labels } = firstImages(8);
      const rows = Array.from(labels.data, (label) => [1 - label, label]).flat();
      const soft = { inputs, labels: float32([8, 2], rows) };
      const { origin } = await refused(stepped(trainer, soft));
      expect(origin).toEqual({ step: 1, layer: 'overflow', op: 'exp', phase: 'forward' });
    }
  });

  it('is reported even if the device cannot run the diagnosis', async () => {
    const device = await reference.open();
    const small: Device = {
      info: device.info,
      numerics: device.numerics,
      lost: device.lost,
      createState: (values) => device.createState(values),
      compile: async (graph, how) => {
        if (graph.name.endsWith('.finiteness')) throw new BackendError('COMPILE', 'out of memory');
        return device.compile(graph, how);
      },
      [Symbol.asyncDispose]: () => device[Symbol.asyncDispose](),
    };
    const trainer = await trainerOf({ device: small, model: withLayer('overflow', overflow) });
    const { message, origin } = await refused(stepped(trainer));
    expect(origin).toMatchObject({ step: 1 });
    expect(message).toContain(
      'a value was not finite; its origin could not be determined: out of memory (loss NaN)',
    );
  });

  it('includes a step whose loss alone is infinite', async () => {
    const plain = classification();
    const task: Task = {
      ...plain,
      losses: (b, output, labels) => {
        const losses = plain.losses(b, output, labels);
        return b.op.add(losses, b.op.exp(b.fill(1000, losses.shape)));
      },
    };
    const trainer = await trainerOf({ task });
    const { gradients } = await trainer.gradients(firstImages(8), { step: 0 });
    for (const { data: values } of Object.values(gradients)) {
      expect(Array.from<number>(values).every(Number.isFinite)).toBe(true);
    }
    const before = await trainer.snapshot();
    const { message, origin } = await refused(stepped(trainer));
    expect(origin).toMatchObject({ step: 1, layer: 'loss', op: 'exp', phase: 'forward' });
    expect(message).toContain('(loss Infinity)');
    expect(await trainer.snapshot()).toEqual(before);
  });

  it.each([8, 3])('halts the steps started after it, %d samples at a time', async (microBatchSize) => {
    const trainer = await trainerOf({ microBatchSize });
    await stepped(trainer);
    const before = await trainer.snapshot();
    const started = await Promise.all([
      trainer.start(poisoned(8, 2), 1, 0.1),
      trainer.start(firstImages(8), 2, 0.1),
      trainer.start(firstImages(6), 3, 0.1),
    ]);
    const errors: NonFiniteError[] = [];
    for (const { read } of started) errors.push(await refused(read()));
    expect(errors[0]?.message).toMatch(/^step 2: images of sample 2 of the batch contain NaN/);
    expect(errors[1]?.message).toBe(
      'step 3: skipped because step 2 was not finite and halted training; restore finite values first',
    );
    expect(errors[2]?.message).toMatch(/^step 4: skipped because step 2/);
    expect(errors.map(({ origin: { step } }) => step)).toEqual([2, 2, 2]);
    expect(await trainer.snapshot()).toEqual(before);
    // Later steps are skipped, too.
    const { message } = await refused(stepped(trainer, firstImages(8), 4));
    expect(message).toMatch(/^step 5: skipped because step 2/);

    await trainer.restore(before);
    await stepped(trainer, firstImages(8), 1);
    const fresh = await trainerOf({ microBatchSize, values: before });
    await stepped(fresh, firstImages(8), 1);
    expect(await trainer.snapshot()).toEqual(await fresh.snapshot());
    expect(await trainer.snapshot()).not.toEqual(before);
    // A second halt is reported like the first.
    const again = await refused(stepped(trainer, poisoned(8, 0, Infinity), 2));
    expect(again.message).toMatch(/^step 3: images of sample 0 of the batch contain Infinity/);
  });

  it('includes a step whose slots or averages would not be finite', async () => {
    for (const extra of [{ optimizer: adamW() }, { movingAverage: { decay: 0.5 } }]) {
      const trainer = await trainerOf(extra);
      const before = await trainer.snapshot();
      const name = 'optimizer' in extra ? 'square/c1.w' : 'average/c1.w';
      const shape = before[name]?.shape ?? [];
      const bad = float32(shape, new Float32Array(36).fill(Infinity));
      await trainer.state.write({ [name]: bad });
      const { message, origin } = await refused(stepped(trainer));
      expect(message).toMatch(new RegExp(`^step 1: "${name}" contained Infinity before the step`));
      expect(origin).toMatchObject({ step: 1, layer: name });
    }
  });

  it('names non-finite weights that were written before it', async () => {
    for (const microBatchSize of [8, 3]) {
      const trainer = await trainerOf({ microBatchSize });
      await stepped(trainer);
      await trainer.state.write({ 'c2.b': float32([2], [0, NaN]) });
      const { message, origin } = await refused(stepped(trainer, firstImages(8), 1));
      expect(message).toMatch(
        /^step 2: "c2\.b" contained NaN before the step \(loss NaN\); .*; write finite values to the state$/,
      );
      expect(origin).toMatchObject({ step: 2, layer: 'c2.b' });
    }
  });
});

describe('apply', () => {
  it('rejects non-finite gradients, and names them', async () => {
    const trainer = await trainerOf();
    const before = await trainer.snapshot();
    const all = await trainer.gradients(firstImages(8), { step: 0 });
    const gradients = { ...all.gradients, 'c2.b': float32([2], [1, NaN]) };
    const { message, origin } = await refused(trainer.apply({ ...all, gradients }, 0, 0.1));
    expect(message).toMatch(/^step 1: grad\/c2\.b contains NaN \(loss [0-9.]+\); /);
    expect(message).toMatch(/check the gradients that are applied$/);
    expect(origin).toMatchObject({ step: 1 });
    expect(await trainer.snapshot()).toEqual(before);
    // The trainer stays halted until it is restored.
    const next = await refused(trainer.apply(all, 1, 0.1));
    expect(next.message).toMatch(/^step 2: skipped because step 1/);
    await trainer.restore(before);
    await trainer.apply(all, 0, 0.1);
    expect(await trainer.snapshot()).not.toEqual(before);
  });

  it('rejects a non-finite loss or learning rate', async () => {
    const trainer = await trainerOf();
    const before = await trainer.snapshot();
    const all = await trainer.gradients(firstImages(8), { step: 0 });
    const loss = await refused(trainer.apply({ ...all, loss: Infinity }, 3, 0.1));
    expect(loss.message).toMatch(
      /^step 4: loss contains Infinity \(loss Infinity\); .* check the gradients that are applied$/,
    );
    await trainer.restore(before);
    const rate = await refused(trainer.apply(all, 3, NaN));
    expect(rate.message).toMatch(/^step 4: lr is NaN \(loss [0-9.]+\); .*; check the schedule$/);
    expect(await trainer.snapshot()).toEqual(before);
  });

  it('follows gradients of a non-finite batch, which have no scores', async () => {
    const trainer = await trainerOf();
    const { loss, scores } = await trainer.gradients(poisoned(8, 0), { step: 0 });
    expect([loss, scores]).toEqual([NaN, {}]);
  });
});
