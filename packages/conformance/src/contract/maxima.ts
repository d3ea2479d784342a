// Checks that maxima treat infinities and NaN as the device claims. A kernel may treat a row differently depending on
// its length, and a value depending on its position (in a vector, in a block of channels, first in a window), so the
// special value takes every position in turn.
import type { Emitters, MaximumOp, Tensor, Value } from '@isonet/core';
import { defined, float32, GraphBuilder, sizeOf } from '@isonet/core';
import type { Check } from '../check/check.ts';
import { tensorNamed } from '../check/compare.ts';
import { scenario } from './scenario.ts';

type Kind = 'infinities' | 'nan';

/** One `special` value among values that all equal `rest`. */
interface Mixture {
  readonly rest: number;
  readonly special: number;
}

const mixtures: Readonly<Record<Kind, readonly Mixture[]>> = {
  infinities: [
    { rest: 1.5, special: Infinity },
    { rest: 1.5, special: -Infinity },
    { rest: -1.5, special: -Infinity },
    { rest: -Infinity, special: Infinity },
    { rest: -Infinity, special: -1.5 },
    { rest: -Infinity, special: -Infinity },
    { rest: Infinity, special: Infinity },
  ],
  nan: [1.5, -1.5, Infinity, -Infinity].map((rest) => ({ rest, special: NaN })),
};

/** A graph with one input `x`, its data and its expected outputs. */
interface Probe {
  readonly title: string;
  readonly shape: readonly number[];
  readonly build: (b: GraphBuilder, x: Value) => void;
  readonly valuesOf: (mixture: Mixture) => Tensor;
  /** Returns the expected outputs, by name. */
  readonly expect: (mixture: Mixture, x: Tensor) => Readonly<Record<string, readonly number[]>>;
}

/** `[n, n]` with the special value on the diagonal: at a different position in each row and each column. */
function diagonal(n: number, { rest, special }: Mixture): Tensor {
  const values = Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? special : rest));
  return float32([n, n], values);
}

type Pointwise = (op: Emitters, x: Value, zeros: Value) => Value;

const pointwise: readonly (readonly [name: string, build: Pointwise, f: (x: number) => number])[] = [
  ['max(x, 0)', (op, x, zeros) => op.max(x, zeros), (x) => Math.max(x, 0)],
  ['max(0, x)', (op, x, zeros) => op.max(zeros, x), (x) => Math.max(x, 0)],
  ['min(x, 0)', (op, x, zeros) => op.min(x, zeros), (x) => Math.min(x, 0)],
  ['min(0, x)', (op, x, zeros) => op.min(zeros, x), (x) => Math.min(x, 0)],
  ['relu(x)', (op, x) => op.relu(x), (x) => Math.max(x, 0)],
  ['clip(x)', (op, x) => op.clip(x, { low: -1, high: 1 }), (x) => Math.min(Math.max(x, -1), 1)],
];

const elements: Probe = {
  title: 'elementwise',
  shape: [37, 37],
  build: (b, x) => {
    const zeros = b.fill(0, x.shape);
    for (const [name, build] of pointwise) b.output(name, build(b.op, x, zeros));
  },
  valuesOf: (mixture) => diagonal(37, mixture),
  expect: (_, { data }) => Object.fromEntries(pointwise.map(([name, , f]) => [name, Array.from(data, f)])),
};

function rows(n: number, kind: Kind): Probe {
  return {
    title: `${n} x ${n}`,
    shape: [n, n],
    build: (b, x) => {
      b.output('of rows', b.op.reduceMax(x, { axes: [1] }));
      b.output('of columns', b.op.reduceMax(x, { axes: [0] }));
      const cube = b.op.reshape(x, { shape: [1, n, n] });
      b.output('of a middle axis', b.op.reduceMax(cube, { axes: [1] }));
      b.output('of two axes', b.op.reduceMax(cube, { axes: [1, 2] }));
      if (kind === 'infinities') b.output('argMax', b.op.argMax(x, { axis: 1 }));
    },
    valuesOf: (mixture) => diagonal(n, mixture),
    expect: ({ rest, special }) => {
      const largest = n === 1 ? special : Math.max(rest, special);
      const ofEach = new Array<number>(n).fill(largest);
      // The special value of row i is at i. Where `rest` is larger, the first maximum is at 0, or at 1 in row 0.
      const first = special < rest && n > 1 ? 1 : 0;
      const argMax = ofEach.map((_, i) => (special > rest ? i : i === 0 ? first : 0));
      return {
        'of rows': ofEach,
        'of columns': ofEach,
        'of a middle axis': ofEach,
        'of two axes': [largest],
        ...(kind === 'infinities' ? { argMax } : {}),
      };
    },
  };
}

const poolings = [
  { channels: 1, size: 7 },
  { channels: 3, size: 5 },
  { channels: 17, size: 4 },
].flatMap((images) => [
  { ...images, kernel: 2, stride: 2, pad: 0 },
  { ...images, kernel: 2, stride: 1, pad: 0 },
  { ...images, kernel: 3, stride: 2, pad: 1 },
  { ...images, kernel: 3, stride: 1, pad: 1 },
]);

/** One image per pixel, so that the special value visits every pixel of every channel once. */
function windows({ channels, size, kernel, stride, pad }: (typeof poolings)[number]): Probe {
  const pixels = size * size;
  const planes = Array.from({ length: pixels * channels }, (_, plane) => plane);
  const shape = [pixels, channels, size, size];
  const out = Math.floor((size + 2 * pad - kernel) / stride) + 1;
  return {
    title: `${channels} x ${size} x ${size}, kernel ${kernel}, stride ${stride}, pad ${pad}`,
    shape,
    build: (b, x) => {
      const pads = [pad, pad, pad, pad] as const;
      const attrs = { kernel: [kernel, kernel], strides: [stride, stride], pads } as const;
      const y = b.op.maxPool2d(x, attrs);
      b.output('y', y);
      b.output('dx', b.op.maxPool2dGrad(x, y, b.fill(1, y.shape), attrs));
    },
    valuesOf: ({ rest, special }) => {
      const data = new Float32Array(sizeOf(shape)).fill(rest);
      for (const plane of planes) {
        const at = (Math.floor(plane / channels) + (plane % channels)) % pixels;
        data[plane * pixels + at] = special;
      }
      return float32(shape, data);
    },
    expect: (_, { data }) => {
      const y: number[] = [];
      const dx = new Array<number>(data.length).fill(0);
      for (const plane of planes) {
        for (let window = 0; window < out * out; window++) {
          const top = Math.floor(window / out) * stride - pad;
          const left = (window % out) * stride - pad;
          const taps = inside(top, left, kernel, size).map((pixel) => plane * pixels + pixel);
          const values = taps.map((at) => Number(data[at]));
          const largest = Math.max(...values);
          y.push(largest);
          dx[defined(taps[Math.max(0, values.indexOf(largest))], 'a pixel')]! += 1;
        }
      }
      return { y, dx };
    },
  };
}

/** Returns the pixels of a window that lie inside the image, in row-major order. */
function inside(top: number, left: number, kernel: number, size: number): readonly number[] {
  const within = (start: number): readonly number[] =>
    Array.from({ length: kernel }, (_, i) => start + i).filter((i) => i >= 0 && i < size);
  return within(top).flatMap((row) => within(left).map((column) => row * size + column));
}

function total(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0);
}

const probesOf: Readonly<Record<MaximumOp, (kind: Kind) => readonly Probe[]>> = {
  max: () => [elements],
  reduceMax: (kind) => [1, 2, 3, 5, 8, 17, 33, 65, 130].map((n) => rows(n, kind)),
  maxPool2d: () => poolings.map(windows),
};

function check(op: MaximumOp, kind: Kind): Check {
  return scenario(
    `contract/${kind}-in-${op}`,
    async (device, findings) => {
      await using state = await device.createState({});
      for (const { title, shape, build, valuesOf, expect } of probesOf[op](kind)) {
        const b = new GraphBuilder(op);
        build(b, b.input('x', { dtype: 'float32', shape }));
        await using program = await device.compile(b.build());
        for (const mixture of mixtures[kind]) {
          const x = valuesOf(mixture);
          const outputs = await program.run(state, { x }).read();
          const what = `${op} ${title}, ${mixture.special} among ${mixture.rest}`;
          for (const [name, expected] of Object.entries(expect(mixture, x))) {
            // In a window with a NaN, any tap may receive the gradient, but it must not be lost.
            if (name === 'dx' && kind === 'nan') {
              const isComplete = total(tensorNamed(outputs, 'dx').data) === total(expected);
              findings.holds(`${what}: dx adds up to the number of windows`, isComplete);
            } else findings.equal(what, outputs, name, expected);
          }
        }
      }
    },
    {
      name: `maxima.${op}`,
      made: ({ maxima }) => {
        if (maxima[op] === 'all' || (maxima[op] === 'infinities' && kind === 'infinities')) return true;
        return `the device does not claim ${kind === 'nan' ? 'NaN' : kind} in ${op}`;
      },
    },
  );
}

const ops: readonly MaximumOp[] = ['max', 'reduceMax', 'maxPool2d'];

export const maximaScenarios: readonly Check[] = ops.flatMap((op) => [
  check(op, 'infinities'),
  check(op, 'nan'),
]);
