// The results of the training graphs, compared with values computed by hand or in plain loops: running statistics, losses,
// clipping, Adam.
import type { Device, Graph, Layer, LossOptions, Model, Optimizer, Tensors } from '@isonet/core';
import {
  adam,
  adamW,
  apply,
  batchNorm,
  classification,
  dense,
  dropout,
  flatten,
  float32,
  forward,
  globalAvgPool2d,
  gradients,
  int32,
  notHalted,
  scalar,
  sequential,
  sgd,
  softmax,
  stateOf,
  step,
  streamKey,
  uint32,
  uniformBlock,
} from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { reference } from '@isonet/backend-reference';

/** Returns the values of a named tensor. */
function numbers(tensors: Tensors, name: string): number[] {
  const tensor = tensors[name];
  if (!tensor) throw new Error(`no tensor ${name}`);
  return Array.from<number>(tensor.data);
}

/** Matches values within 5e-7, because the graphs' constants are float32. */
function close(values: readonly number[]): unknown[] {
  return values.map((value) => expect.closeTo(value, 6) as unknown);
}

async function run(device: Device, graph: Graph, values: Tensors, feeds: Tensors): Promise<Tensors> {
  const program = await device.compile(graph);
  return await program.run(await device.createState(values), feeds).read();
}

describe('batchNorm', () => {
  const model: Model = {
    name: 'm',
    input: { name: 'images', shape: [2, 1, 2] },
    output: { name: 'logits', shape: [2] },
    layer: sequential({ bn: batchNorm({ momentum: 0.75 }), gap: globalAvgPool2d(), flatten: flatten() }),
  };
  // Channel 0 holds 1, 3, 5, 7: mean 4, sum of squared deviations 20. Channel 1 holds 0, 0, 2, 2: mean 1, squared deviations 4.
  const images = float32([2, 2, 1, 2], [1, 3, 0, 0, 5, 7, 2, 2]);
  const labels = int32([2], [0, 1]);
  const start: Tensors = {
    'bn.scale': float32([2], [2, 1]),
    'bn.b': float32([2], [0, 10]),
    'bn.mean': float32([2], [0, 0]),
    'bn.variance': float32([2], [1, 1]),
  };

  it('normalizes with the biased variance, stores the unbiased one, and evaluates with the stored one', async () => {
    const device = await reference.open();
    const state = await device.createState({ ...start, ...notHalted() });
    const training = await device.compile(step(model, 2, sgd()));
    const feeds = { images, labels, lr: scalar(0) };
    // The mean over an image's two pixels: (2 or 6) - 4 over sqrt(5), times 2; (0 or 2) - 1 over 1, plus 10.
    const { logits } = await training.run(state, feeds).read(['logits']);
    const far = 4 / Math.sqrt(5 + 1e-5);
    const near = 1 / Math.sqrt(1 + 1e-5);
    expect(Array.from(logits?.data ?? [])).toEqual(close([-far, 10 - near, far, 10 + near]));

    const once = await state.read();
    expect(numbers(once, 'bn.mean')).toEqual(close([1, 0.25]));
    expect(numbers(once, 'bn.variance')).toEqual(close([0.75 + 20 / 3 / 4, 0.75 + 4 / 3 / 4]));
    await training.run(state, feeds).read();
    const twice = await state.read();
    expect(numbers(twice, 'bn.mean')).toEqual(close([1.75, 0.4375]));
    expect(numbers(twice, 'bn.variance')).toEqual(
      close([0.5625 + (20 / 3) * 0.4375, 0.5625 + (4 / 3) * 0.4375]),
    );

    await state.write({ 'bn.mean': float32([2], [1, -1]), 'bn.variance': float32([2], [4, 0.25]) });
    const evaluation = await device.compile(forward(model, 2).graph);
    const evaluated = await evaluation.run(state, { images }).read();
    const [half, double] = [1 / Math.sqrt(4 + 1e-5), 1 / Math.sqrt(0.25 + 1e-5)];
    expect(numbers(evaluated, 'logits')).toEqual(close([2 * half, 10 + double, 10 * half, 10 + 3 * double]));
    expect(numbers(await state.read(), 'bn.mean')).toEqual([1, -1]);
  });

  it.each([NaN, Infinity])('a pixel of %f does not affect the running statistics', async (bad) => {
    const device = await reference.open();
    const state = await device.createState({ ...start, ...notHalted() });
    const training = await device.compile(step(model, 2, sgd()));
    const poisoned = { images: float32([2, 2, 1, 2], [1, 3, 0, 0, 5, bad, 2, 2]), labels, lr: scalar(0.1) };
    expect(numbers(await training.run(state, poisoned).read(), 'finite')).toEqual([0]);
    const after = await state.read();
    for (const [name, { data }] of Object.entries(start))
      expect(numbers(after, name)).toEqual(Array.from(data));
  });

  it('an infinite statistic stops the step even if every gradient is finite', async () => {
    const device = await reference.open();
    const program = await device.compile(apply('m', stateOf(model), sgd()));
    const feeds = (variance: number): Tensors => ({
      'grad/bn.scale': float32([2], [1, 1]),
      'grad/bn.b': float32([2], [1, 1]),
      'buffer/bn.mean': float32([2], [5, 6]),
      'buffer/bn.variance': float32([2], [7, variance]),
      loss: scalar(1),
      lr: scalar(1),
    });
    const state = await device.createState({ ...start, ...notHalted() });
    expect(numbers(await program.run(state, feeds(Infinity)).read(), 'finite')).toEqual([0]);
    expect(numbers(await state.read(), 'bn.scale')).toEqual([2, 1]);
    expect(numbers(await state.read(), 'bn.mean')).toEqual([0, 0]);
    expect(numbers(await program.run(state, feeds(8)).read(), 'finite')).toEqual([0]);
    await state.write(notHalted());
    expect(numbers(await program.run(state, feeds(8)).read(), 'finite')).toEqual([1]);
    expect(numbers(await state.read(), 'bn.scale')).toEqual([1, 0]);
    expect(numbers(await state.read(), 'bn.mean')).toEqual([5, 6]);
    expect(numbers(await state.read(), 'bn.variance')).toEqual([7, 8]);
  });
});

/** Creates a network whose logits are the pixels, passed through an optional layer. */
function identity(layer: Layer = (_, x) => x): Model {
  return {
    name: 'm',
    input: { name: 'images', shape: [3, 1, 1] },
    output: { name: 'logits', shape: [3] },
    layer: sequential({ l: layer, flatten: flatten() }),
  };
}

const rows = [
  [0.5, -1, 2],
  [3, 1, 0],
];
const labels = int32([2], [2, 1]);
const images = float32([2, 3, 1, 1], rows.flat());

/** Returns the mean over the rows of -sum(target * log softmax(factor * row)). */
function crossEntropy(targets: readonly (readonly number[])[], factor = 1): number {
  const losses = rows.map((row, i) => {
    const probabilities = softmax(row.map((value) => value * factor));
    return probabilities.reduce((sum, p, k) => sum - (targets[i]?.[k] ?? NaN) * Math.log(p), 0);
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / rows.length;
}

describe('the loss', () => {
  const hard = [
    [0, 0, 1],
    [0, 1, 0],
  ];
  const lossOf = async (model: Model, options?: LossOptions): Promise<number> => {
    const graph = gradients(model, 2, options);
    const outputs = await run(await reference.open(), graph, {}, { images, labels });
    return numbers(outputs, 'loss')[0] ?? NaN;
  };

  it('is the mean cross-entropy', async () => {
    expect(await lossOf(identity())).toBeCloseTo(crossEntropy(hard), 12);
  });

  it('with label smoothing spreads a fraction of each target over all classes', async () => {
    const smooth = hard.map((row) => row.map((t) => 0.7 * t + 0.3 / 3));
    expect(await lossOf(identity(), { task: classification({ labelSmoothing: 0.3 }) })).toBeCloseTo(
      crossEntropy(smooth),
      6,
    );
    expect(crossEntropy(smooth)).not.toBeCloseTo(crossEntropy(hard), 2);
  });

  it('adds the weighted losses of auxiliary outputs, with the same smoothing', async () => {
    const side: Layer = (scope, x) => {
      const doubled = scope.op.mul(x, scope.fill(2, x.shape));
      scope.auxiliary(scope.op.reshape(doubled, { shape: [2, 3] }), 0.25);
      return x;
    };
    const expected = crossEntropy(hard) + 0.25 * crossEntropy(hard, 2);
    expect(await lossOf(identity(side))).toBeCloseTo(expected, 12);
    const smooth = hard.map((row) => row.map((t) => 0.5 * t + 0.5 / 3));
    expect(await lossOf(identity(side), { task: classification({ labelSmoothing: 0.5 }) })).toBeCloseTo(
      crossEntropy(smooth) + 0.25 * crossEntropy(smooth, 2),
      6,
    );
  });
});

describe('dropout', () => {
  it('zeroes values by the random numbers of (seed, layer, step) and scales the rest', async () => {
    const model = identity(dropout(0.5));
    const device = await reference.open();
    const graph = gradients(model, 2);
    for (const time of [0, 4]) {
      const feeds = { images, labels, random: uint32([3], [9, time, 0]) };
      const drawn = uniformBlock(9, streamKey('l'), time, 0, 6);
      const expected = rows.flat().map((value, i) => ((drawn[i] ?? 0) < 0.5 ? 0 : 2 * value));
      expect(numbers(await run(device, graph, {}, feeds), 'logits')).toEqual(expected);
    }
  });
});

describe('clipNorm', () => {
  const model = identity(sequential({ flatten: flatten(), fc: dense(3) }));
  const start: Tensors = {
    'l.fc.w': float32([3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]),
    'l.fc.b': float32([3], [0, 0, 0]),
  };

  it('scales gradients down to the norm by one factor, and keeps smaller ones unchanged', async () => {
    const device = await reference.open();
    const outputs = await run(device, gradients(model, 2), start, { images, labels });
    const names = Object.keys(start);
    const gradient = names.flatMap((name) => numbers(outputs, `grad/${name}`));
    const norm = Math.hypot(...gradient);
    expect(norm).toBeGreaterThan(0.5);

    for (const [clipNorm, factor] of [
      [0.5, 0.5 / norm],
      [2 * norm, 1],
    ] as const) {
      const state = await device.createState({ ...start, ...notHalted() });
      const program = await device.compile(step(model, 2, sgd(), { clipNorm }));
      await program.run(state, { images, labels, lr: scalar(1) }).read();
      const after = await state.read();
      const moved = names.flatMap((name) => {
        const before = numbers(start, name);
        return numbers(after, name).map((value, i) => value - (before[i] ?? NaN));
      });
      expect(moved).toEqual(close(gradient.map((g) => -g * factor)));
    }
  });
});

describe('adam', () => {
  const parameters = [
    { name: 'w', shape: [3], role: 'weight' },
    { name: 'b', shape: [1], role: 'bias' },
  ] as const;
  const steps = [
    { w: [0.5, -2, 0.001], b: [1] },
    { w: [-0.25, -1, 0], b: [0.5] },
    { w: [1, 3, -0.002], b: [-4] },
  ];

  /** Computes Adam steps as in Kingma and Ba 2014, algorithm 1, and Loshchilov and Hutter 2017, algorithm 2. */
  function byHand(
    start: readonly number[],
    given: readonly (readonly number[])[],
    decay: number,
    decoupled: boolean,
  ): number[] {
    return start.map((first, i) => {
      let [weight, mean, square] = [first, 0, 0];
      given.forEach((gradient, t) => {
        const g = (gradient[i] ?? NaN) + (decoupled ? 0 : decay * weight);
        mean = 0.9 * mean + 0.1 * g;
        square = 0.999 * square + 0.001 * g * g;
        const ratio = mean / (1 - 0.9 ** (t + 1)) / (Math.sqrt(square / (1 - 0.999 ** (t + 1))) + 1e-8);
        weight -= 0.1 * (ratio + (decoupled ? decay * weight : 0));
      });
      return weight;
    });
  }

  it.each<[string, Optimizer, number, boolean]>([
    ['adam', adam(), 0, false],
    ['adam with L2 weight decay', adam({ weightDecay: 0.1 }), 0.1, false],
    ['adamW', adamW({ weightDecay: 0.1 }), 0.1, true],
  ])('%s follows its algorithm, and does not decay biases', async (_, optimizer, decay, decoupled) => {
    const device = await reference.open();
    const zeros = parameters.flatMap(({ name, shape }) =>
      optimizer.slots.map((slot) => [`${slot}/${name}`, float32(shape)] as const),
    );
    const start = { w: [1, -0.5, 2], b: [0.25] };
    const values = { w: float32([3], start.w), b: float32([1], start.b), ...Object.fromEntries(zeros) };
    const state = await device.createState({ ...values, ...notHalted() });
    const program = await device.compile(apply('m', { learned: parameters, updated: [] }, optimizer));
    for (const [t, { w, b }] of steps.entries()) {
      const scalars = Object.entries(optimizer.scalarsAt(t, 0.1)).map(
        ([name, value]) => [name, scalar(value)] as const,
      );
      const feeds = {
        loss: scalar(1),
        'grad/w': float32([3], w),
        'grad/b': float32([1], b),
        ...Object.fromEntries(scalars),
      };
      await program.run(state, feeds).read();
    }
    const after = await state.read();
    const given = (name: 'w' | 'b'): number[][] => steps.map((gradient) => gradient[name]);
    expect(numbers(after, 'w')).toEqual(close(byHand(start.w, given('w'), decay, decoupled)));
    expect(numbers(after, 'b')).toEqual(close(byHand(start.b, given('b'), 0, false)));
  });
});
