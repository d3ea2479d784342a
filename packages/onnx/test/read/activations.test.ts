// Operators with one operand: expected values follow the definitions in ONNX's Operators.md, restated here.
import { float32 } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { onnxTensor } from '../../src/write/writer/encode.ts';
import { gradientError, node, outputOf } from './model.ts';

type Attrs = Parameters<typeof node>[3];
interface Case {
  readonly opType: string;
  readonly attrs?: Attrs;
  readonly f: (x: number) => number;
  /** Default 17. */
  readonly opset?: number;
}

const elu = (x: number, alpha: number, steepness = 1): number =>
  x > 0 ? x : alpha * Math.expm1(x * steepness);
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const hard = (x: number, alpha: number, beta: number): number => Math.min(Math.max(alpha * x + beta, 0), 1);
const cubic = (x: number): number => Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3));

const cases: readonly Case[] = [
  { opType: 'Abs', f: Math.abs },
  { opType: 'Celu', attrs: { alpha: { float: 0.5 } }, f: (x) => elu(x, 0.5, 2) },
  { opType: 'Clip', attrs: { min: { float: -1 } }, f: (x) => Math.max(x, -1), opset: 10 },
  { opType: 'Elu', attrs: { alpha: { float: 2 } }, f: (x) => elu(x, 2) },
  { opType: 'Exp', f: Math.exp },
  { opType: 'Gelu', attrs: { approximate: 'tanh' }, f: (x) => 0.5 * x * (1 + cubic(x)), opset: 20 },
  { opType: 'HardSigmoid', f: (x) => hard(x, 0.2, 0.5) },
  { opType: 'HardSwish', f: (x) => x * hard(x, 1 / 6, 0.5) },
  { opType: 'LeakyRelu', f: (x) => (x > 0 ? x : 0.01 * x) },
  { opType: 'Mish', f: (x) => x * Math.tanh(softplus(x)), opset: 18 },
  { opType: 'Neg', f: (x) => -x },
  { opType: 'Reciprocal', f: (x) => 1 / x },
  { opType: 'Relu', f: (x) => Math.max(x, 0) },
  { opType: 'Selu', f: (x) => 1.0507009873554805 * elu(x, 1.6732632423543772) },
  {
    opType: 'Shrink',
    attrs: { bias: { float: 0.25 } },
    f: (x) => (Math.abs(x) > 0.5 ? x - Math.sign(x) / 4 : 0),
  },
  { opType: 'Sigmoid', f: sigmoid },
  { opType: 'Softplus', f: softplus },
  { opType: 'Softsign', f: (x) => x / (1 + Math.abs(x)) },
  { opType: 'Swish', attrs: { alpha: { float: 2 } }, f: (x) => x * sigmoid(2 * x), opset: 24 },
  { opType: 'Tanh', f: Math.tanh },
  { opType: 'ThresholdedRelu', f: (x) => (x > 1 ? x : 0) },
];
const x = float32([2, 5], [-1.75, -1.25, -0.875, -0.625, -0.375, 0.375, 0.75, 1.25, 1.5, 1.75]);

describe.each(cases)('$opType', ({ opType, attrs, f, opset = 17 }) => {
  const model = { nodes: [node(opType, ['x'], ['y'], attrs)], opset };

  it('matches the definition of ONNX, and has gradients', async () => {
    const { shape, data } = await outputOf(model, x);
    expect(shape).toEqual([2, 5]);
    data.forEach((value, i) => expect(value).toBeCloseTo(f(x.data[i]!), 4));
    expect(await gradientError(model, x)).toBeLessThan(1e-3);
  });
});

describe('for values up to 1000', () => {
  const names = [
    'Celu',
    'Elu',
    'Gelu',
    'HardSwish',
    'Mish',
    'Selu',
    'Sigmoid',
    'Softplus',
    'Softsign',
    'Tanh',
  ];
  const large = float32([4], [-1000, -100, 100, 1000]);

  it.each(names)('%s neither overflows nor loses its gradient', async (opType) => {
    const model = { nodes: [node(opType, ['x'], ['y'])], opset: 20 };
    const { data } = await outputOf(model, large);
    expect(data.every(Number.isFinite)).toBe(true);
    // A NaN would fail this comparison.
    expect(await gradientError(model, large)).toBeLessThan(0.05);
  });
});

describe('rounding', () => {
  const halves = float32([10], [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, -1.75, 8388609, 1e10, -Infinity]);
  const rounded = async (opType: string): Promise<readonly number[]> =>
    (await outputOf({ nodes: [node(opType, ['x'], ['y'])] }, halves)).data.map((value) => value + 0);

  it('is exact, and rounds halves to even', async () => {
    expect(await rounded('Floor')).toEqual([-3, -2, -1, 0, 1, 2, -2, 8388610, 1e10, -Infinity]);
    expect(await rounded('Ceil')).toEqual([-2, -1, 0, 1, 2, 3, -1, 8388610, 1e10, -Infinity]);
    expect(await rounded('Round')).toEqual([-2, -2, 0, 0, 2, 2, -2, 8388610, 1e10, -Infinity]);
  });

  it('has no gradient, and neither does Sign', async () => {
    for (const opType of ['Floor', 'Ceil', 'Round', 'Sign']) {
      const model = { nodes: [node(opType, ['x'], ['a']), node('Add', ['a', 'x'], ['y'])] };
      expect(await gradientError(model, float32([3], [-1.25, 0.375, 1.75]))).toBeLessThan(1e-3);
    }
  });
});

describe('PRelu', () => {
  const slope = onnxTensor('slope', float32([3, 1, 1], [0.5, 2, -1]));
  const images = float32([1, 3, 1, 2], [-1, 1, -2, 2, -3, 3]);

  it('learns a slope per channel', async () => {
    const model = { nodes: [node('PRelu', ['x', 'slope'], ['y'])], initializers: [slope] };
    expect((await outputOf(model, images)).data).toEqual([-0.5, 1, -4, 2, 3, 3]);
    expect(await gradientError(model, images)).toBeLessThan(1e-3);
  });

  it('accepts a slope that broadcasts', async () => {
    const one = onnxTensor('slope', float32([1], [0.5]));
    const model = { nodes: [node('PRelu', ['x', 'slope'], ['y'])], initializers: [one] };
    expect((await outputOf(model, images)).data).toEqual([-0.5, 1, -1, 2, -1.5, 3]);
    expect(await gradientError(model, images)).toBeLessThan(1e-3);
  });
});

describe('Clip', () => {
  const limit = (name: string, value: number): ReturnType<typeof onnxTensor> =>
    onnxTensor(name, float32([], [value]));
  const numbers = float32([3], [-2, 0, 2]);
  const clipped = async (inputs: readonly string[]): Promise<readonly number[]> => {
    const initializers = [limit('low', -1), limit('high', 1)];
    return (await outputOf({ nodes: [node('Clip', inputs, ['y'])], initializers }, numbers)).data;
  };

  it('accepts limits as inputs, either of which may be missing', async () => {
    expect(await clipped(['x', 'low', 'high'])).toEqual([-1, 0, 1]);
    expect(await clipped(['x', '', 'high'])).toEqual([-2, 0, 1]);
    expect(await clipped(['x', 'low'])).toEqual([-1, 0, 2]);
    expect(await clipped(['x'])).toEqual([-2, 0, 2]);
  });

  it('returns the upper limit if the limits cross', async () => {
    expect(await clipped(['x', 'high', 'low'])).toEqual([-1, -1, -1]);
  });
});

describe('Pow', () => {
  const bases = float32([4], [-2, 0.25, 1, 3]);
  const power = async (exponent: readonly number[]): Promise<readonly number[]> => {
    const shape = exponent.length === 1 ? [] : [exponent.length];
    const initializers = [onnxTensor('p', float32(shape, exponent))];
    return (await outputOf({ nodes: [node('Pow', ['x', 'p'], ['y'])], initializers }, bases)).data;
  };

  it('multiplies for integer exponents, so negative bases work', async () => {
    expect(await power([0])).toEqual([1, 1, 1, 1]);
    expect(await power([2])).toEqual([4, 0.0625, 1, 9]);
    expect(await power([3])).toEqual([-8, 0.015625, 1, 27]);
    expect(await power([-1])).toEqual([-0.5, 4, 1, 0.333333]);
    expect(await power([2, 1, 0, 3])).toEqual([4, 0.25, 1, 27]);
  });

  it('returns NaN for roots of negative numbers', async () => {
    expect(await power([0.5])).toEqual([NaN, 0.5, 1, 1.73205]);
    expect(await power([-1.5])).toEqual([NaN, 8, 1, 0.19245]);
    expect(await power([0.3])).toEqual([
      NaN,
      Number((0.25 ** 0.3).toPrecision(6)),
      1,
      Number((3 ** 0.3).toPrecision(6)),
    ]);
  });

  it('has gradients, at 0 too', async () => {
    const initializers = [onnxTensor('p', float32([], [2.2]))];
    const nodes = [node('Relu', ['x'], ['r']), node('Pow', ['r', 'p'], ['y'])];
    expect(await gradientError({ nodes, initializers }, float32([3], [0, 0.5, 2]))).toBeLessThan(0.02);
  });

  it('refuses integer exponents that need too many products', async () => {
    await expect(power([1000])).rejects.toThrow('expected an integer exponent of at most 64, got 1000');
  });
});
