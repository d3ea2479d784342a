import {
  adam,
  adamW,
  apply,
  classification,
  constant,
  conv2d,
  cosine,
  dropout,
  flatten,
  forward,
  gradients,
  maxPool2d,
  oneCycle,
  parameterCount,
  perFullBatch,
  relu,
  sequential,
  sgd,
  ShapeError,
  stateOf,
  step,
  stepDecay,
} from '@isonet/core';
import type { Layer, Model, Optimizer } from '@isonet/core';
import { describe, expect, it } from 'vitest';

const at = (done: number, batch = 256) => ({ step: done, steps: 100, batch, batchSize: 256 });

describe('schedules', () => {
  it('one cycle rises from a tenth of the peak to the peak over 30% of the steps, then falls towards 0', () => {
    const schedule = oneCycle({ peak: 0.05 });
    expect(schedule(at(0))).toBeCloseTo(0.005, 12);
    expect(schedule(at(15))).toBeCloseTo(0.0275, 12);
    expect(schedule(at(30))).toBeCloseTo(0.05, 12);
    expect(schedule(at(65))).toBeCloseTo(0.025, 12);
    expect(schedule(at(99))).toBeCloseTo(0.05 / 70, 12);
  });

  it('step decay multiplies exactly at each milestone', () => {
    const schedule = stepDecay({ lr: 0.4, factor: 0.5, milestones: [0.5, 0.75] });
    expect([0, 49, 50, 74, 75, 99].map((done) => schedule(at(done)))).toEqual([0.4, 0.4, 0.2, 0.2, 0.1, 0.1]);
    expect(stepDecay({ lr: 1, milestones: [0.1] })(at(10))).toBeCloseTo(0.1, 12);
  });

  it('cosine falls from the peak to the floor after a warmup', () => {
    const plain = cosine({ peak: 0.2 });
    expect(plain(at(0))).toBeCloseTo(0.2, 12);
    expect(plain(at(25))).toBeCloseTo(0.1 * (1 + Math.SQRT1_2), 12);
    expect(plain(at(50))).toBeCloseTo(0.1, 12);
    expect(plain(at(99))).toBeCloseTo(0.1 * (1 - Math.cos(Math.PI / 100)), 12);
    const warmed = cosine({ peak: 0.2, warmup: 0.19, floor: 0.5 });
    expect(warmed(at(0))).toBeCloseTo(0.01, 12);
    expect(warmed(at(18))).toBeCloseTo(0.19, 12);
    expect(warmed(at(19))).toBeCloseTo(0.2, 12);
    expect(warmed(at(19 + 81 / 2))).toBeCloseTo(0.15, 12);
  });

  it('perFullBatch takes a smaller step on a smaller batch', () => {
    expect(perFullBatch(constant(0.1))(at(7))).toBe(0.1);
    expect(perFullBatch(constant(0.1))(at(7, 64))).toBe(0.025);
  });
});

describe('sgd', () => {
  it('has a velocity slot only with momentum', () => {
    expect(sgd().slots).toEqual([]);
    expect(sgd({ momentum: 0.9 }).slots).toEqual(['velocity']);
    expect(sgd().scalarsAt(3, 0.1)).toEqual({ lr: 0.1 });
  });
});

describe('adam', () => {
  it('has two slots, and corrections computed on the host', () => {
    const optimizer = adam({ beta1: 0.5, beta2: 0.75 });
    expect(optimizer.slots).toEqual(['mean', 'square']);
    expect(optimizer.scalars).toEqual(['lr', 'correction1', 'correction2']);
    expect(optimizer.scalarsAt(0, 0.1)).toEqual({ lr: 0.1, correction1: 2, correction2: 4 });
    expect(optimizer.scalarsAt(1, 0.1)).toEqual({ lr: 0.1, correction1: 1 / 0.75, correction2: 1 / 0.4375 });
  });

  it('decays only weights: in the gradient, or decoupled with AdamW', () => {
    const layer = sequential({ c: conv2d(3, { kernel: 8, batchNorm: true }), flatten: flatten() });
    const state = stateOf({
      name: 'm',
      input: { name: 'images', shape: [2, 8, 8] },
      output: { name: 'logits', shape: [3] },
      layer,
    });
    const updates = (optimizer: Optimizer): unknown[] =>
      apply('m', state, optimizer).nodes.flatMap((node) =>
        node.op === 'adamUpdate' ? [[node.origin.layer, node.attrs]] : [],
      );
    const attrs = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decoupled: false };
    expect(updates(adam({ weightDecay: 0.1 }))).toEqual([
      ['c.w', { ...attrs, weightDecay: 0.1 }],
      ['c.bn.scale', { ...attrs, weightDecay: 0 }],
      ['c.bn.b', { ...attrs, weightDecay: 0 }],
    ]);
    expect(updates(adamW({ weightDecay: 0.1 }))[0]).toEqual([
      'c.w',
      { ...attrs, weightDecay: 0.1, decoupled: true },
    ]);
  });
});

describe('gradients and apply', () => {
  const layer = sequential({ c: conv2d(3, { kernel: 8, batchNorm: true }), flatten: flatten() });
  const normalized: Model = {
    name: 'm',
    input: { name: 'images', shape: [2, 8, 8] },
    output: { name: 'logits', shape: [3] },
    layer,
  };

  it('gradients outputs new buffers and updates nothing', () => {
    const graph = gradients(normalized, 4);
    expect(graph.updates).toEqual([]);
    expect(graph.outputs.map(({ name }) => name)).toEqual([
      'loss',
      'logits',
      'buffer/c.bn.mean',
      'buffer/c.bn.variance',
      'grad/c.w',
      'grad/c.bn.scale',
      'grad/c.bn.b',
    ]);
  });

  it('every update of apply, including slots and buffers, selects the new value only if everything is finite', () => {
    const graph = apply('m', stateOf(normalized), adam());
    const finite = graph.outputs.find(({ name }) => name === 'finite')?.value;
    const updated = ['c.w', 'c.bn.scale', 'c.bn.b'].flatMap((name) => [
      name,
      `mean/${name}`,
      `square/${name}`,
    ]);
    expect(graph.updates.map(({ name }) => name)).toEqual([
      'halted',
      ...updated,
      'c.bn.mean',
      'c.bn.variance',
    ]);
    const by = new Map(graph.nodes.flatMap((node) => node.outputs.map((value) => [value, node])));
    for (const { name, value } of graph.updates.slice(1)) {
      const choice = by.get(value);
      const [gate = -1, , old] = choice?.inputs ?? [];
      expect(choice?.op, name).toBe('select');
      expect(by.get(gate)?.inputs, name).toEqual([finite]);
      expect(old, name).toBe(graph.state.find((entry) => entry.name === name)?.value);
    }
  });

  it('step has only images, labels and scalars as inputs', () => {
    const graph = step(normalized, 4, adam(), { clipNorm: 1, task: classification({ labelSmoothing: 0.1 }) });
    expect(graph.inputs.map(({ name }) => name)).toEqual([
      'images',
      'labels',
      'lr',
      'correction1',
      'correction2',
    ]);
    expect(graph.outputs.map(({ name }) => name)).toEqual(['loss', 'logits', 'finite']);
    expect(graph.updates).toHaveLength(12);
  });
});

describe('layers', () => {
  const model = (layer: Layer): Model => ({
    name: 'm',
    input: { name: 'images', shape: [2, 8, 8] },
    output: { name: 'logits', shape: [3] },
    layer,
  });

  it('declare parameters under their path and record their results', () => {
    const layer = sequential({
      block: sequential({
        c: conv2d(4, { kernel: [3, 1], stride: [2, 1], padding: [1, 0], groups: 2 }),
        r: relu(),
      }),
      pool: maxPool2d({ kernel: 2 }),
      drop: dropout(0.5),
      last: conv2d(3, { kernel: [2, 4], bias: false }),
      flat: (scope, x) => scope.op.reshape(x, { shape: [x.shape[0] ?? 0, 3] }),
    });
    const { parameters, layers, graph } = forward(model(layer), 5);
    expect(parameters).toEqual([
      { name: 'block.c.w', shape: [4, 1, 3, 1], role: 'weight' },
      { name: 'block.c.b', shape: [4], role: 'bias' },
      { name: 'last.w', shape: [3, 4, 2, 4], role: 'weight' },
    ]);
    expect(parameterCount(parameters)).toBe(12 + 4 + 96);
    expect(layers.map(({ path, shape }) => `${path} ${shape.join('x')}`)).toEqual([
      'block.c 5x4x4x8',
      'block.r 5x4x4x8',
      'block 5x4x4x8',
      'pool 5x4x2x4',
      'drop 5x4x2x4',
      'last 5x3x1x1',
      'flat 5x3',
    ]);
    expect(graph.inputs.map(({ name }) => name)).toEqual(['images']);
    expect(gradients(model(layer), 5).inputs.map(({ name }) => name)).toEqual(['images', 'random', 'labels']);
  });

  it('name the layer that does not fit', () => {
    const tooLarge = sequential({ b1: sequential({ conv: conv2d(4, { kernel: 9 }) }) });
    expect(() => forward(model(tooLarge), 1)).toThrow(
      new ShapeError('conv2d "b1.conv": kernel 9x9 is larger than the padded input 8x8'),
    );
    const indivisible = sequential({ c: conv2d(4, { kernel: 1, groups: 3 }) });
    expect(() => forward(model(indivisible), 1)).toThrow(
      'conv2d "c": the filter expects 3 channels (1 x 3 groups), the input has 2',
    );
    expect(() => forward(model(relu()), 1)).toThrow(
      'm: expected logits [1, 3], got [1, 2, 8, 8] from the layers',
    );
  });
});
