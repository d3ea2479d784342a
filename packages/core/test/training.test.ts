import {
  constant,
  conv2d,
  forward,
  oneCycle,
  parameterCount,
  perFullBatch,
  sequential,
  sgd,
  ShapeError,
} from '@isonet/core';
import {
  crossEntropySum,
  dropout,
  float32,
  gradients,
  int32,
  maxPool2d,
  predictedClasses,
  relu,
} from '@isonet/core';
import { softmax } from '@isonet/core';
import type { Layer, Model } from '@isonet/core';
import { describe, expect, it } from 'vitest';

const at = (step: number, batch = 256) => ({ step, steps: 100, batch, batchSize: 256 });

describe('schedules', () => {
  it('one cycle rises from a tenth to the peak over 30 % of the steps, then falls towards 0', () => {
    const schedule = oneCycle({ peak: 0.05 });
    expect(schedule(at(0))).toBeCloseTo(0.005, 12);
    expect(schedule(at(15))).toBeCloseTo(0.0275, 12);
    expect(schedule(at(30))).toBeCloseTo(0.05, 12);
    expect(schedule(at(65))).toBeCloseTo(0.025, 12);
    expect(schedule(at(99))).toBeCloseTo(0.05 / 70, 12);
  });

  it('the book takes a smaller step on a smaller batch', () => {
    expect(perFullBatch(constant(0.1))(at(7))).toBe(0.1);
    expect(perFullBatch(constant(0.1))(at(7, 64))).toBe(0.025);
  });
});

describe('sgd', () => {
  it('keeps a velocity only when there is momentum', () => {
    expect(sgd().slots).toEqual([]);
    expect(sgd({ momentum: 0.9 }).slots).toEqual(['velocity']);
    expect(sgd().scalarsAt(3, 0.1)).toEqual({ lr: 0.1 });
  });
});

describe('metrics', () => {
  const logits = float32([2, 3], [1, 3, 3, -5, -7, -6]);

  it('take the first of equal logits', () => {
    expect(predictedClasses(logits)).toEqual([1, 0]);
  });

  it('sum the cross-entropy, large logits included', () => {
    const probabilities = [softmax([1, 3, 3]), softmax([-5, -7, -6])];
    const expected = -Math.log(probabilities[0]?.[2] ?? 0) - Math.log(probabilities[1]?.[1] ?? 0);
    expect(crossEntropySum(logits, int32([2], [2, 1]))).toBeCloseTo(expected, 12);
    expect(crossEntropySum(float32([1, 2], [1000, 0]), int32([1], [0]))).toBe(0);
  });
});

describe('layers', () => {
  const model = (layer: Layer): Model => ({ name: 'm', imageShape: [2, 8, 8], classes: 3, layer });

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
      'conv2d "c": the filter takes 3 channels (1 x 3 groups), the input has 2',
    );
    expect(() => forward(model(relu()), 1)).toThrow(
      'm: expected logits [1, 3], the layers give [1, 2, 8, 8]',
    );
  });
});
