// Tasks: what labels they take, what loss and metrics follow from an output, and what they refuse.
import type { Dataset, Evaluation, FitOptions, Layer, Model, Task, Tensor, Tensors } from '@isonet/core';
import {
  accumulate,
  addScores,
  classification,
  DataError,
  evaluate,
  fit,
  float32,
  gradients,
  GraphError,
  int32,
  metricsOf,
  multiLabel,
  NonFiniteError,
  Predictor,
  regression,
  sgd,
  softmax,
  step,
  tensorDataset,
  Trainer,
} from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { describe, expect, it } from 'vitest';
import { data, firstImages, options } from './tiny.ts';

/** A network whose output is its input, moved by a parameter of the batch's shape. */
function shifted(n: number, k: number, more: Layer = (_, x) => x): Model {
  return {
    name: 'shifted',
    input: { name: 'x', shape: [k] },
    output: { name: 'y', shape: [k] },
    layer: (scope, x) => more(scope, scope.op.add(x, scope.parameter('shift', [n, k]))),
  };
}

/** A network whose output is its input, moved by a bias. */
function biased(k: number): Model {
  return {
    name: 'biased',
    input: { name: 'x', shape: [k] },
    output: { name: 'y', shape: [k] },
    layer: (scope, x) => scope.op.biasAdd(x, scope.parameter('bias', [k])),
  };
}

/** A network whose output is its input. */
function bare(k: number): Model {
  return {
    name: 'bare',
    input: { name: 'x', shape: [k] },
    output: { name: 'y', shape: [k] },
    layer: (_, x) => x,
  };
}

function numbers(tensors: Tensors, name: string): number[] {
  return Array.from<number>(tensors[name]?.data ?? []);
}

interface Measured {
  readonly loss: number;
  /** Of the loss by each output. */
  readonly gradient: readonly number[];
}

/** The mean loss of outputs, and its gradient. */
async function measured(
  task: Task,
  rows: readonly (readonly number[])[],
  labels: Tensor,
  more?: Layer,
): Promise<Measured> {
  const [n, k] = [rows.length, rows[0]?.length ?? 0];
  const device = await reference.open();
  const { dtype, shape } = labels;
  const graph = gradients(shifted(n, k, more), n, { task, labels: { dtype, shape } });
  const program = await device.compile(graph);
  const state = await device.createState({ shift: float32([n, k]) });
  const outputs = await program.run(state, { x: float32([n, k], rows.flat()), labels }).read();
  return { loss: numbers(outputs, 'loss')[0] ?? NaN, gradient: numbers(outputs, 'grad/shift') };
}

/** The gradient of a loss by hand, of which the loss is the mean over n samples. */
function differences(at: readonly number[], loss: (values: readonly number[]) => number): number[] {
  const h = 1e-6;
  const moved = (i: number, by: number): number => loss(at.map((value, j) => (j === i ? value + by : value)));
  return at.map((_, i) => (moved(i, h) - moved(i, -h)) / (2 * h));
}

function near(values: readonly number[], digits: number): unknown[] {
  return values.map((value) => expect.closeTo(value, digits) as unknown);
}

function evaluated(task: Task, k: number, of: Dataset, batchSize = 2): Promise<Evaluation> {
  return reference.open().then(async (device) => {
    const state = await device.createState({});
    return evaluate({ model: bare(k), device, state, data: of, task, batchSize });
  });
}

const logits = [
  [0.5, -1, 2],
  [3, 1, 0],
];

describe('classification', () => {
  const hard = int32([2], [2, 1]);
  const oneHot = float32([2, 3], [0, 0, 1, 0, 1, 0]);

  it('gives the same bits for classes and for probabilities of 0 and 1', async () => {
    const task = classification();
    expect(await measured(task, logits, oneHot)).toEqual(await measured(task, logits, hard));
    const of = (labels: Tensor): Dataset => tensorDataset(float32([2, 3], logits.flat()), labels);
    expect(await evaluated(task, 3, of(oneHot))).toEqual(await evaluated(task, 3, of(hard)));
    const trained = async (soft: boolean, parts: Partial<FitOptions>): Promise<Tensors> => {
      const train: Dataset = {
        length: data.length,
        batch: (indices) => {
          const { inputs, labels } = data.batch(indices);
          const rows = Array.from(labels.data, (label) => [1 - label, label]).flat();
          return { inputs, labels: soft ? float32([indices.length, 2], rows) : labels };
        },
      };
      const { trainer, epochs } = await fit(await options({ epochs: 2, train, test: train, ...parts }));
      expect(epochs[1]?.testAccuracy).toBeDefined();
      return trainer.snapshot();
    };
    for (const parts of [{}, { microBatchSize: 3 }]) {
      expect(await trained(true, parts)).toEqual(await trained(false, parts));
    }
  });

  it('takes smoothed labels as it smooths them', async () => {
    const smoothed = Array.from(oneHot.data, (target) => 0.9 * target + 0.1 / 3);
    const expected = await measured(classification({ labelSmoothing: 0.1 }), logits, hard);
    const actual = await measured(classification(), logits, float32([2, 3], smoothed));
    expect(actual.loss).toBeCloseTo(expected.loss, 6);
    expect(actual.gradient).toEqual(near(expected.gradient, 6));
    expect(actual.loss).not.toBeCloseTo((await measured(classification(), logits, hard)).loss, 3);
  });

  it('is softmax cross-entropy with any probabilities, and right at the most probable class', async () => {
    const labels = float32([2, 3], [0.2, 0.5, 0.3, 0.6, 0.2, 0.2]);
    const byHand = logits.map((row, i) => {
      const targets = labels.data.subarray(i * 3, i * 3 + 3);
      return softmax(row).reduce((sum, p, k) => sum - (targets[k] ?? NaN) * Math.log(p), 0);
    });
    const mean = byHand.reduce((sum, loss) => sum + loss, 0) / 2;
    const { loss, gradient } = await measured(classification(), logits, labels);
    expect(loss).toBeCloseTo(mean, 7);
    const expected = logits.flatMap((row, i) =>
      softmax(row).map((p, k) => (p - (labels.data[i * 3 + k] ?? NaN)) / 2),
    );
    expect(gradient).toEqual(near(expected, 7));
    const evaluation = await evaluated(
      classification(),
      3,
      tensorDataset(float32([2, 3], logits.flat()), labels),
    );
    expect(evaluation).toMatchObject({ metrics: { accuracy: 0.5 }, accuracy: 0.5, correct: 1, count: 2 });
  });

  it.each<[string, Tensor, string, string]>([
    ['another type', float32([2], [2, 1]), 'LABELS', 'got float32 [2]'],
    ['another number', int32([3], [0, 1, 2]), 'LABELS', 'got int32 [3]'],
    ['too large a class', int32([2], [2, 3]), 'LABEL', 'label 1: expected a class from 0 to 2, got 3'],
    ['a negative class', int32([2], [-1, 4]), 'LABEL', 'label 0: expected a class from 0 to 2, got -1'],
    [
      'NaN',
      float32([2, 3], [0, 1, 0, 0, NaN, 2]),
      'LABEL',
      'label 1 of sample 1: expected a probability in 0..1, got NaN',
    ],
    [
      'a probability above 1',
      float32([2, 3], [0, 0, 1, 0, 0, 1.5]),
      'LABEL',
      'label 2 of sample 1: expected a probability in 0..1, got 1.5',
    ],
    [
      'a sum of a half',
      float32([2, 3], [0, 0, 1, 0.25, 0, 0.25]),
      'LABEL',
      'labels of sample 1: expected probabilities that add up to 1, their sum is 0.5',
    ],
  ])('refuses labels of %s, in steps and evaluation', async (_, labels, code, problem) => {
    const inputs = float32([2, 3], logits.flat());
    const trainer = await trainerOf(biased(3), classification());
    for (const run of [
      trainer.step({ inputs, labels }, 0, 0.1),
      trainer.gradients({ inputs, labels }, { step: 0 }),
      evaluated(classification(), 3, { length: 2, batch: () => ({ inputs, labels }) }),
    ]) {
      await expect(run).rejects.toThrow(DataError);
      await expect(run).rejects.toMatchObject({ code });
      await expect(run).rejects.toThrow(problem);
    }
  });

  it.each([-0.1, 1.5, NaN])('has no label smoothing of %d', (labelSmoothing) => {
    expect(() => classification({ labelSmoothing })).toThrow(
      `classification: labelSmoothing: expected a number in 0..1, got ${labelSmoothing}`,
    );
  });
});

async function trainerOf(of: Model, task: Task, microBatchSize?: number): Promise<Trainer> {
  const device = await reference.open();
  const parts = microBatchSize === undefined ? {} : { microBatchSize };
  const values = { bias: float32([...of.output.shape]) };
  return Trainer.create({ model: of, device, task, optimizer: sgd(), values, seed: 1, ...parts });
}

describe('regression', () => {
  const squared = (d: number): number => d * d;
  const huber =
    (delta: number) =>
    (d: number): number =>
      Math.abs(d) <= delta ? (d * d) / 2 : delta * (Math.abs(d) - delta / 2);
  const outputs = [
    [0.5, -1, 2],
    [3, 1, 0],
  ];
  // d: -1.5, 0.25, 1, 3, -0.5, -1
  const labels = [2, -1.25, 1, 0, 1.5, 1];

  it.each<[string, Task, (d: number) => number]>([
    ['squared', regression(), squared],
    ['absolute', regression({ loss: 'meanAbsoluteError' }), Math.abs],
    ['Huber', regression({ loss: 'huber' }), huber(1)],
    ['Huber, delta 2.5', regression({ loss: 'huber', delta: 2.5 }), huber(2.5)],
  ])('%s is the mean over samples of the means over their numbers', async (_, task, of) => {
    const byHand = (values: readonly number[]): number =>
      values.reduce((sum, value, i) => sum + of(value - (labels[i] ?? NaN)) / 6, 0);
    const { loss, gradient } = await measured(task, outputs, float32([2, 3], labels));
    expect(loss).toBeCloseTo(byHand(outputs.flat()), 12);
    expect(gradient).toEqual(near(differences(outputs.flat(), byHand), 5));
  });

  it.each<[string, Task, readonly number[]]>([
    ['squared', regression(), [0, 0, 4, -4]],
    ['absolute', regression({ loss: 'meanAbsoluteError' }), [0, 0, 1, -1]],
    ['Huber at delta', regression({ loss: 'huber', delta: 2 }), [0, 0, 2, -2]],
  ])('%s has no gradient where nothing is wrong', async (_, task, expected) => {
    const outputs4 = [[1, 0, 2, -2]];
    const { gradient } = await measured(task, outputs4, float32([1, 4], [1, 0, 0, 0]));
    expect(gradient.map((value) => value * 4 + 0)).toEqual(expected);
  });

  it('counts both errors, whatever the loss', async () => {
    const of = tensorDataset(float32([2, 3], outputs.flat()), float32([2, 3], labels));
    const { metrics, count } = await evaluated(regression({ loss: 'huber' }), 3, of, 1);
    const d = outputs.flat().map((value, i) => value - (labels[i] ?? NaN));
    const mean = (f: (d: number) => number): number => d.reduce((sum, value) => sum + f(value), 0) / 6;
    expect(metrics).toEqual({
      meanAbsoluteError: expect.closeTo(mean(Math.abs), 12) as number,
      meanSquaredError: expect.closeTo(mean(squared), 12) as number,
    });
    expect(count).toBe(2);
  });

  it.each([NaN, Infinity])('refuses a label of %d', async (bad) => {
    const trainer = await trainerOf(biased(3), regression());
    const batch = { inputs: float32([2, 3]), labels: float32([2, 3], [0, 0, 0, 0, bad, bad]) };
    await expect(trainer.step(batch, 0, 0.1)).rejects.toThrow(
      `regression: label 1 of sample 1: expected a finite number, got ${bad}`,
    );
  });

  it('refuses a delta that means nothing', () => {
    for (const delta of [0, -1, NaN, Infinity]) {
      expect(() => regression({ loss: 'huber', delta })).toThrow(`delta: expected a number above 0, got`);
    }
    expect(() => regression({ delta: 1 })).toThrow('only the loss huber has one, not meanSquaredError');
  });
});

describe('multiLabel', () => {
  const outputs = [
    [0, 90, -90],
    [800, -800, 2],
  ];

  it('is the mean binary cross-entropy, at any logit', async () => {
    const labels = [1, 0.25, 0, 0, 1, 0.5];
    const byHand = outputs.flat().map((x, i) => {
      const t = labels[i] ?? NaN;
      return Math.max(x, 0) - x * t + Math.log1p(Math.exp(-Math.abs(x)));
    });
    const { loss, gradient } = await measured(multiLabel(), outputs, float32([2, 3], labels));
    expect(loss).toBeCloseTo(byHand.reduce((sum, value) => sum + value, 0) / 6, 10);
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
    const expected = outputs.flat().map((x, i) => (sigmoid(x) - (labels[i] ?? NaN)) / 6);
    expect(gradient).toEqual(near(expected, 10));
  });

  it('counts labels, and samples all of whose labels are right', async () => {
    const of = tensorDataset(float32([2, 3], outputs.flat()), float32([2, 3], [0, 1, 0, 1, 1, 1]));
    const { metrics } = await evaluated(multiLabel(), 3, of);
    expect(metrics).toEqual({ accuracy: 5 / 6, exactMatch: 1 / 2 });
  });

  it('refuses what is no probability', async () => {
    const trainer = await trainerOf(biased(3), multiLabel());
    const batch = { inputs: float32([2, 3]), labels: float32([2, 3], [0, 1, -0.5, 0, 0, 0]) };
    await expect(trainer.step(batch, 0, 0.1)).rejects.toThrow(
      'multiLabel: label 2 of sample 0: expected a number from 0 to 1, got -0.5',
    );
  });
});

/** Each sample's loss is its first output times its label; `sum` counts outputs. */
const own: Task = {
  name: 'own',
  targets: ({ shape: [n = 0] }) => [{ dtype: 'float32', shape: [n, 1] }],
  check: () => undefined,
  losses: (b, output, labels) => {
    const n = output.shape[0] ?? 0;
    const first = b.op.slice(output, { starts: [0, 0], sizes: [n, 1] });
    return b.op.reshape(b.op.mul(first, labels), { shape: [n] });
  },
  score: (output, labels) => ({
    sum: { sum: Array.from<number>(output.data).reduce((a, b) => a + b), count: labels.shape[0] ?? 0 },
  }),
};

/** Each sample's loss is the distance of its first output to the batch's mean. */
const coupled: Task = {
  ...own,
  name: 'coupled',
  losses: (b, output, labels) => {
    const n = output.shape[0] ?? 0;
    const single = own.losses(b, output, labels);
    const sum = b.op.reduceSum(single, { axes: [0] });
    const mean = b.op.broadcast(b.op.mul(sum, b.fill(1 / n, [1])), { shape: [n] });
    const d = b.op.sub(single, mean);
    return b.op.mul(d, d);
  },
};

describe("a task of one's own", () => {
  const inputs = float32([2, 2], [1, 2, 3, 4]);
  const labels = float32([2, 1], [2, -1]);

  it('trains and evaluates by its functions', async () => {
    const { loss, gradient } = await measured(
      own,
      [
        [1, 2],
        [3, 4],
      ],
      labels,
    );
    expect([loss, gradient]).toEqual([(2 - 3) / 2, [1, 0, -0.5, 0]]);
    const evaluation = await evaluated(own, 2, tensorDataset(inputs, labels), 1);
    expect(evaluation).toEqual({ loss: -0.5, metrics: { sum: 5 }, count: 2 });
    const trainer = await trainerOf(biased(2), own);
    const result = await (await trainer.step({ inputs, labels }, 0, 1))();
    expect(result).toEqual({ loss: -0.5, count: 2, scores: { sum: { sum: 10, count: 2 } } });
    expect(numbers(await trainer.weights(), 'bias')).toEqual([-0.5, 0]);
  });

  it('has its metrics in reports', async () => {
    const regress: Task = regression();
    const train: Dataset = {
      length: data.length,
      batch: (indices) => {
        const { inputs: images, labels: classes } = data.batch(indices);
        const rows = Array.from(classes.data, (label) => [1 - label, label]).flat();
        return { inputs: images, labels: float32([indices.length, 2], rows) };
      },
    };
    const given = await options({ task: regress, train, test: train, validation: train, epochs: 1 });
    const { epochs, trainer } = await fit(given);
    const { loss, metrics } = await evaluate({ ...given, state: trainer.state, data: train, batchSize: 256 });
    expect(epochs).toHaveLength(1);
    const [report] = epochs;
    expect(report).toMatchObject({
      testLoss: loss,
      testMetrics: metrics,
      validationLoss: loss,
      validationMetrics: metrics,
    });
    expect(Object.keys(metrics)).toEqual(['meanAbsoluteError', 'meanSquaredError']);
    expect(Object.keys(report?.metrics ?? {})).toEqual(['meanAbsoluteError', 'meanSquaredError']);
    // The loss is one of the metrics here.
    expect(report?.loss).toBeCloseTo(report?.metrics['meanSquaredError'] ?? NaN, 6);
    for (const name of ['trainAccuracy', 'testAccuracy', 'validationAccuracy']) {
      expect(report).not.toHaveProperty(name);
    }
  });

  it('is refused where its loss is not one number per sample', () => {
    const task: Task = { ...own, losses: (_, output) => output };
    expect(() => gradients(shifted(2, 2), 2, { task })).toThrow(GraphError);
    expect(() => gradients(shifted(2, 2), 2, { task })).toThrow(
      'task "own": expected losses float32 [2], one per sample, got float32 [2, 2]',
    );
  });

  it('is refused where it couples samples and does not say so', async () => {
    const problem =
      'the loss of a sample depends on the other samples of its batch: set couplesSamples to true';
    expect(() => gradients(shifted(2, 2), 2, { task: coupled })).toThrow(GraphError);
    expect(() => step(shifted(2, 2), 2, sgd(), { task: coupled })).toThrow(problem);
    // A batch of one sample as well: what a task is does not depend on it.
    expect(() => gradients(shifted(1, 2), 1, { task: coupled })).toThrow(problem);
    await expect(evaluated(coupled, 2, tensorDataset(inputs, labels))).rejects.toThrow(problem);
  });

  it('that says so trains whole, and not in parts', async () => {
    const task: Task = { ...coupled, couplesSamples: true };
    const trainer = await trainerOf(biased(2), task);
    const { loss } = await (await trainer.step({ inputs, labels }, 0, 1))();
    expect(loss).toBeCloseTo(2.5 ** 2, 12);
    expect(() => accumulate(shifted(1, 2), 1, { task })).toThrow(DataError);
    const parted = await trainerOf(biased(2), task, 1);
    await expect(parted.step({ inputs, labels }, 0, 1)).rejects.toThrow(
      'task "coupled": its loss couples the samples of a batch, which cannot be computed in parts',
    );
  });
});

describe('auxiliary outputs', () => {
  it('add the weighted losses of the task, whichever it is', async () => {
    const side: Layer = (scope, x) => {
      scope.auxiliary(scope.op.mul(x, scope.fill(2, x.shape)), 0.25);
      return x;
    };
    const labels = float32([1, 2], [1, -1]);
    const { loss, gradient } = await measured(regression(), [[3, 0]], labels, side);
    // Squares: 4, 1 and, doubled, 25, 1.
    expect(loss).toBeCloseTo(5 / 2 + 0.25 * (26 / 2), 12);
    // d/dx: 2 d / 2, and twice that of the doubled output.
    expect(gradient).toEqual(near([2 + 0.25 * 2 * 5, 1 + 0.25 * 2 * 1], 12));
  });
});

describe('scores', () => {
  it('of parts add up to those of the whole', async () => {
    const parts = await Promise.all(
      [undefined, 3].map(async (microBatchSize) => {
        const given = await options(microBatchSize === undefined ? {} : { microBatchSize });
        const { trainer } = await fit({ ...given, epochs: 0 });
        return (await trainer.step(firstImages(10), 0, 0.1))();
      }),
    );
    const [whole, parted] = parts;
    expect(parted?.scores).toEqual(whole?.scores);
    expect(whole?.scores).toEqual({ accuracy: { sum: expect.any(Number) as number, count: 10 } });
  });

  it('add up by name', () => {
    const sum = addScores({ a: { sum: 1, count: 2 } }, { a: { sum: 2, count: 2 }, b: { sum: 0, count: 1 } });
    expect(sum).toEqual({ a: { sum: 3, count: 4 }, b: { sum: 0, count: 1 } });
    expect(metricsOf(sum)).toEqual({ a: 0.75, b: 0 });
  });
});

describe('evaluate', () => {
  it('has the k largest logits of classifications only', async () => {
    const device = await reference.open();
    const state = await device.createState({});
    const of = tensorDataset(float32([1, 2]), float32([1, 2]));
    const run = evaluate({ model: bare(2), device, state, data: of, task: regression(), topK: 2 });
    await expect(run).rejects.toThrow('evaluate: topK: the task regression has no classes: leave it out');
  });

  it.each([NaN, Infinity, -Infinity])('refuses an output of %d, which is no class', async (bad) => {
    const inputs = float32([3, 3], [1, 2, 3, 4, 5, 6, 7, bad, 9]);
    for (const [task, labels] of [
      [classification(), int32([3], [0, 0, 0])],
      [regression(), float32([3, 3])],
      [multiLabel(), float32([3, 3])],
      [{ ...own, score: () => ({}) }, float32([3, 1], [0, 0, bad])],
    ] as const) {
      const run = evaluated(task, 3, tensorDataset(inputs, labels), 3);
      await expect(run, task.name).rejects.toThrow(NonFiniteError);
    }
    const run = evaluated(classification(), 3, tensorDataset(inputs, int32([3], [0, 0, 0])), 3);
    await expect(run).rejects.toThrow(`the network's output for sample 2 of the batch holds ${bad}`);
  });

  it('refuses data without samples', async () => {
    const empty: Dataset = { length: 0, batch: () => ({ inputs: float32([0, 3]), labels: int32([0], []) }) };
    const run = evaluated(classification(), 3, empty);
    await expect(run).rejects.toThrow(DataError);
    await expect(run).rejects.toThrow('evaluate: data: expected at least one sample, got none');
    for (const name of ['train', 'test', 'validation']) {
      const trained = fit(await options({ [name]: empty }));
      await expect(trained).rejects.toThrow(`fit: ${name}: expected at least one sample, got none`);
    }
  });
});

describe('Predictor', () => {
  it('gives the loss of each sample by its task', async () => {
    const device = await reference.open();
    const state = await device.createState({});
    const inputs = float32([2, 2], [3, 4, 0, 1]);
    const lossesOf = async (labels: Tensor, task?: Task): Promise<number[]> => {
      const more = task ? { task } : {};
      await using predictor = new Predictor({ model: bare(2), device, state, ...more });
      const first = await predictor.losses({ inputs, labels });
      expect(first.output.data).toEqual(Float64Array.from(inputs.data));
      expect(await predictor.losses({ inputs, labels })).toEqual(first);
      return Array.from<number>(first.losses.data);
    };
    expect(await lossesOf(float32([2, 2]), regression())).toEqual([12.5, 0.5]);
    expect(await lossesOf(float32([2, 2]), regression({ loss: 'huber' }))).toEqual([3, 0.25]);
    const loss = Math.log(1 + Math.exp(1));
    const expected = expect.closeTo(loss, 12) as unknown;
    expect(await lossesOf(int32([2], [0, 0]))).toEqual([expected, expected]);
  });
});

describe('a network whose output does not suit the task', () => {
  it('is refused', async () => {
    const square: Model = {
      name: 'square',
      input: { name: 'x', shape: [2, 2] },
      output: { name: 'y', shape: [2, 2] },
      layer: (_, x) => x,
    };
    for (const task of [classification(), multiLabel()]) {
      expect(() => gradients(square, 1, { task })).toThrow(
        'expected logits [N, K], the network gives float32 [1, 2, 2]',
      );
    }
  });
});
