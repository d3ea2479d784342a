// What a device claims its maxima to make of infinities and NaN. Kernels treat rows by their length and values by their place
// (vectors, blocks of channels, the first of a window), so that one value is put everywhere in turn.
import type { MaximumOp, Tensor, Tensors, Value } from '@isonet/core';
import { defined, float32, GraphBuilder, sizeOf } from '@isonet/core';
import type { Check } from '../check/check.ts';
import type { Findings } from '../check/findings.ts';
import { scenario } from './scenario.ts';

type Kind = 'infinities' | 'nan';

/** One value, `special`, among others that are all `rest`. */
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

const textOf = ({ rest, special }: Mixture): string => `${special} among ${rest}`;

/** `[n, n]`, the special value on the diagonal: in each row and in each column at another place. */
function diagonal(n: number, { rest, special }: Mixture): Tensor {
  return float32(
    [n, n],
    Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? special : rest)),
  );
}

interface Built {
  /** `x: float32 [...]`, its only input. */
  readonly shape: readonly number[];
  readonly build: (b: GraphBuilder, x: Value) => void;
  readonly valuesOf: (mixture: Mixture) => Tensor;
  readonly expect: (mixture: Mixture, x: Tensor, outputs: Tensors, findings: Findings) => void;
}

const SIZES = [1, 2, 3, 5, 8, 17, 33, 65, 130];

const pairs: Built = {
  shape: [37, 37],
  build: (b, x) => {
    const zeros = b.fill(0, x.shape);
    b.output('max(x, 0)', b.op.max(x, zeros));
    b.output('max(0, x)', b.op.max(zeros, x));
    b.output('min(x, 0)', b.op.min(x, zeros));
    b.output('min(0, x)', b.op.min(zeros, x));
    b.output('relu(x)', b.op.relu(x));
    b.output('clip(x)', b.op.clip(x, { low: -1, high: 1 }));
  },
  valuesOf: (mixture) => diagonal(37, mixture),
  expect: (mixture, { data }, outputs, findings) => {
    const functions: Readonly<Record<string, (x: number) => number>> = {
      'max(x, 0)': (x) => Math.max(x, 0),
      'max(0, x)': (x) => Math.max(x, 0),
      'min(x, 0)': (x) => Math.min(x, 0),
      'min(0, x)': (x) => Math.min(x, 0),
      'relu(x)': (x) => Math.max(x, 0),
      'clip(x)': (x) => Math.min(Math.max(x, -1), 1),
    };
    for (const [name, f] of Object.entries(functions)) {
      findings.equal(textOf(mixture), outputs, name, Array.from(data, f));
    }
  },
};

function rows(n: number, kind: Kind): Built {
  return {
    shape: [n, n],
    build: (b, x) => {
      b.output('of rows', b.op.reduceMax(x, { axes: [1] }));
      b.output('of columns', b.op.reduceMax(x, { axes: [0] }));
      const cube = b.op.reshape(x, { shape: [1, n, n] });
      b.output('of a middle axis', b.op.reduceMax(cube, { axes: [1] }));
      b.output('of two axes', b.op.reduceMax(cube, { axes: [1, 2] }));
      if (kind === 'infinities') b.output('place', b.op.argMax(x, { axis: 1 }));
    },
    valuesOf: (mixture) => diagonal(n, mixture),
    expect: (mixture, _, outputs, findings) => {
      const { rest, special } = mixture;
      const what = `${n} x ${n}, ${textOf(mixture)}`;
      const largest = n === 1 ? special : Math.max(rest, special);
      const ofEach = new Array<number>(n).fill(largest);
      for (const name of ['of rows', 'of columns', 'of a middle axis'])
        findings.equal(what, outputs, name, ofEach);
      findings.equal(what, outputs, 'of two axes', [largest]);
      // The special value lies at i in row i; of the others the first is the largest.
      const places = ofEach.map((__, i) => {
        if (special > rest) return i;
        return special < rest && i === 0 && n > 1 ? 1 : 0;
      });
      if (kind === 'infinities') findings.equal(what, outputs, 'place', places);
    },
  };
}

interface Pooling {
  readonly channels: number;
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
}

const poolings: readonly Pooling[] = [
  { channels: 1, size: 7 },
  { channels: 3, size: 5 },
  { channels: 17, size: 4 },
].flatMap((images) =>
  [
    { kernel: 2, stride: 2, pad: 0 },
    { kernel: 2, stride: 1, pad: 0 },
    { kernel: 3, stride: 2, pad: 1 },
    { kernel: 3, stride: 1, pad: 1 },
  ].map((geometry) => ({ ...images, ...geometry })),
);

/** As many images as pixels, so that the special value lies at each pixel of each channel once. */
function windows(pooling: Pooling, kind: Kind): Built {
  const { channels, size, kernel, stride, pad } = pooling;
  const pixels = size * size;
  const shape = [pixels, channels, size, size];
  const out = Math.floor((size + 2 * pad - kernel) / stride) + 1;
  return {
    shape,
    build: (b, x) => {
      const attrs = {
        kernel: [kernel, kernel],
        strides: [stride, stride],
        pads: [pad, pad, pad, pad],
      } as const;
      const y = b.op.maxPool2d(x, attrs);
      b.output('y', y);
      b.output('dx', b.op.maxPool2dGrad(x, y, b.fill(1, y.shape), attrs));
    },
    valuesOf: ({ rest, special }) => {
      const data = new Float32Array(sizeOf(shape)).fill(rest);
      for (let plane = 0; plane < pixels * channels; plane++) {
        const at = (Math.floor(plane / channels) + (plane % channels)) % pixels;
        data[plane * pixels + at] = special;
      }
      return float32(shape, data);
    },
    expect: (mixture, { data }, outputs, findings) => {
      const what = `${channels} x ${size} x ${size} by ${kernel}, stride ${stride}, pad ${pad}, ${textOf(mixture)}`;
      const y: number[] = [];
      const dx = new Array<number>(data.length).fill(0);
      for (let plane = 0; plane < pixels * channels; plane++) {
        for (let window = 0; window < out * out; window++) {
          const [top, left] = [Math.floor(window / out), window % out].map((i) => i * stride - pad);
          const places = inside(defined(top, 'a row'), defined(left, 'a column'), kernel, size);
          const values = places.map((at) => Number(data[plane * pixels + at]));
          const largest = Math.max(...values);
          y.push(largest);
          dx[plane * pixels + defined(places[Math.max(0, values.indexOf(largest))], 'a pixel')]! += 1;
        }
      }
      findings.equal(what, outputs, 'y', y);
      if (kind === 'infinities') findings.equal(what, outputs, 'dx', dx);
      else findings.holds(`${what}: no gradient is lost`, total(outputs['dx']) === y.length);
    },
  };
}

/** The pixels of a window that lie inside the image, in row-major order. */
function inside(top: number, left: number, kernel: number, size: number): readonly number[] {
  const within = (start: number): readonly number[] =>
    Array.from({ length: kernel }, (_, i) => start + i).filter((i) => i >= 0 && i < size);
  return within(top).flatMap((row) => within(left).map((column) => row * size + column));
}

function total(tensor: Tensor | undefined): number {
  return tensor === undefined ? NaN : Array.from(tensor.data).reduce((sum, value) => sum + value, 0);
}

const graphsOf: Readonly<Record<MaximumOp, (kind: Kind) => readonly Built[]>> = {
  max: () => [pairs],
  reduceMax: (kind) => SIZES.map((n) => rows(n, kind)),
  maxPool2d: (kind) => poolings.map((pooling) => windows(pooling, kind)),
};

function check(op: MaximumOp, kind: Kind): Check {
  return scenario(
    `contract/${kind}-in-${op}`,
    async (device, findings) => {
      await using state = await device.createState({});
      for (const { shape, build, valuesOf, expect } of graphsOf[op](kind)) {
        const b = new GraphBuilder(op);
        build(b, b.input('x', { dtype: 'float32', shape }));
        await using program = await device.compile(b.build());
        for (const mixture of mixtures[kind]) {
          const x = valuesOf(mixture);
          expect(mixture, x, await program.run(state, { x }).read(), findings);
        }
      }
    },
    ({ maxima }) => {
      if (maxima[op] === 'all' || (maxima[op] === 'infinities' && kind === 'infinities')) return true;
      return `the device does not claim ${kind === 'nan' ? 'NaN' : kind} in ${op}`;
    },
  );
}

const ops: readonly MaximumOp[] = ['max', 'reduceMax', 'maxPool2d'];

export const maximaScenarios: readonly Check[] = ops.flatMap((op) => [
  check(op, 'infinities'),
  check(op, 'nan'),
]);
