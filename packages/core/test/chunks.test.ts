// Chunked graphs: on the float64 reference, running chunk by chunk computes the same values as the whole graph.
import { reference } from '@isonet/backend-reference';
import type { Chunked, Device, Graph, Layer, Model, Shape, Task, Tensors, TensorType } from '@isonet/core';
import {
  adam,
  avgPool2d,
  batchNorm,
  chunked,
  classification,
  conv2d,
  convTranspose2d,
  decompose,
  defined,
  dense,
  depthwiseConv2d,
  dropout,
  flatten,
  float32,
  forward,
  globalAvgPool2d,
  GraphBuilder,
  GraphError,
  gradients,
  groupNorm,
  layerNorm,
  localResponseNorm,
  maxPool2d,
  multiLabel,
  parallel,
  prelu,
  regression,
  relu,
  sequential,
  sgd,
  step,
  typeOf,
  upsample2d,
} from '@isonet/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alongs, anyValues, expectSame, runChunked, runWhole } from './inChunks.ts';

const N = 6;
const CLASSES = 3;
const carriers = { images: 0, labels: 0 };
const optimizer = sgd({ momentum: 0.9, nesterov: true, weightDecay: 1e-3 });

let device: Device;
beforeAll(async () => {
  device = await reference.open();
});
afterAll(() => device[Symbol.asyncDispose]());

function modelOf(layer: Layer, shape: readonly number[] = [2, 8, 8]): Model {
  return {
    name: 'small',
    input: { name: 'images', shape: [...shape] },
    output: { name: 'logits', shape: [CLASSES] },
    layer,
  };
}

const small = modelOf(
  sequential({
    c1: conv2d(4, { kernel: 3, activation: 'relu' }),
    pool: maxPool2d({ kernel: 2, stride: 1 }),
    drop: dropout(0.5),
    c2: conv2d(CLASSES, { kernel: 2, stride: 2 }),
    gap: globalAvgPool2d(),
    flatten: flatten(),
  }),
);

/** Returns the first dimension of each value that the nodes of a layer compute. */
const firstAxes = (graph: Graph, layer: string): readonly number[] =>
  graph.nodes
    .filter(({ origin }) => origin.layer === layer)
    .flatMap(({ outputs }) => outputs.map((value) => defined(typeOf(graph, value).shape[0], 'an axis')));

/** Compares a step, and checks that it updates its state: a halted step would hide every difference. */
async function expectSameStep(
  graph: Graph,
  images: number,
  state: Tensors = anyValues(graph, 'state'),
): Promise<Chunked> {
  const parts = await expectSame(device, graph, carriers, images, { state });
  const { outputs } = await runWhole(device, graph, state, anyValues(graph, 'inputs'));
  expect(Array.from(outputs['finite']?.data ?? [])).toEqual([1]);
  return parts;
}

describe('a training step', () => {
  const head = { flatten: flatten(), fc: dense(CLASSES) };
  it.each<[string, Layer]>([
    [
      'of a LeNet',
      sequential({
        c1: conv2d(4, { kernel: 3, padding: 1, activation: 'sigmoid' }),
        p1: avgPool2d({ kernel: 2, stride: 2 }),
        c2: conv2d(6, { kernel: 3, activation: 'tanh' }),
        p2: avgPool2d({ kernel: 2, stride: 2 }),
        flatten: flatten(),
        fc1: dense(5, { activation: 'sigmoid' }),
        fc2: dense(CLASSES),
      }),
    ],
    [
      'with parallel branches and dropout',
      sequential({
        paths: parallel({
          a: conv2d(3, { kernel: 1, activation: 'relu' }),
          b: sequential({ r: conv2d(2, { kernel: 1 }), c: conv2d(6, { kernel: 3, padding: 1 }) }),
          c: sequential({
            pool: maxPool2d({ kernel: 3, stride: 1, padding: 1 }),
            c: conv2d(3, { kernel: 1 }),
          }),
        }),
        drop: dropout(0.4),
        ...head,
      }),
    ],
    [
      'with per-image normalization, grouped and transposed convolutions',
      sequential({
        up: convTranspose2d(6, { kernel: 2, stride: 2 }),
        norm: groupNorm(2),
        slope: prelu(),
        deep: depthwiseConv2d({ kernel: 3, stride: 2 }),
        layers: layerNorm(),
        lrn: localResponseNorm({ size: 3 }),
        c: conv2d(4, { kernel: 3, groups: 2 }),
        twice: upsample2d(2),
        ...head,
      }),
    ],
    [
      'with auxiliary outputs',
      sequential({
        c: conv2d(4, { kernel: 3, activation: 'relu' }),
        aux: (scope, x) => {
          const side = sequential({ gap: globalAvgPool2d(), ...head });
          if (scope.training) scope.auxiliary(side(scope, x), 0.3);
          return x;
        },
        ...head,
      }),
    ],
  ])('%s', async (_, layer) => {
    const graph = step(modelOf(layer), N, optimizer);
    const { trips } = await expectSameStep(graph, 2);
    expect(trips).toBe(3);
    await expectSameStep(
      decompose(graph, () => true),
      3,
    );
  });

  const weighted = (weights: readonly number[]): Task => {
    const usual = classification();
    return {
      ...usual,
      losses: (b, output, labels) => {
        const rows = (b as GraphBuilder).constant(float32([weights.length], weights));
        return b.op.mul(usual.losses(b, output, labels), rows);
      },
    };
  };
  it.each<[string, Task, TensorType | undefined]>([
    ['classes', classification(), undefined],
    ['smoothed classes', classification({ labelSmoothing: 0.1 }), undefined],
    ['probabilities', classification(), { dtype: 'float32', shape: [N, CLASSES] }],
    ['numbers', regression(), undefined],
    ['several labels', multiLabel(), undefined],
    ['a weight per batch position', weighted([1, 2, 3, 4, 5, 6]), undefined],
  ])('for %s', async (_, task, labels) => {
    const graph = step(small, N, optimizer, { task, ...(labels ? { labels } : {}) });
    const { rows } = await expectSameStep(graph, 2);
    expect(alongs(rows)).toMatchObject(carriers);
  });

  it('with clipped gradients, Adam, averages and a frozen layer', async () => {
    const graph = step(small, N, adam(), {
      clipNorm: 0.1,
      movingAverage: { decay: 0.99 },
      parameters: [{ match: 'c1.*', frozen: true }],
    });
    // Adam takes the square root of one of its slots.
    const state = Object.entries(anyValues(graph, 'state')).map(
      ([name, tensor]) =>
        [
          name,
          tensor.dtype === 'float32' ? float32(tensor.shape, tensor.data.map(Math.abs)) : tensor,
        ] as const,
    );
    const { sums } = await expectSameStep(graph, 3, Object.fromEntries(state));
    // The loss and the gradients of c2.
    expect(sums).toHaveLength(3);
  });

  it.each([1, 2, 3, 6])('in chunks of %s', async (images) => {
    const { trips } = await expectSameStep(step(small, N, optimizer), images);
    expect(trips).toBe(N / images);
  });

  it('halts if the whole graph halts', async () => {
    const graph = step(small, N, optimizer);
    const feeds = { ...anyValues(graph, 'inputs'), lr: float32([], [NaN]) };
    await expectSame(device, graph, carriers, 2, { feeds });
    const { outputs } = await runWhole(device, graph, anyValues(graph, 'state'), feeds);
    expect(Array.from(outputs['finite']?.data ?? [])).toEqual([0]);
  });

  it('matches the whole graph bit for bit where images are separate, including dropout', async () => {
    const graph = step(small, N, optimizer);
    const parts = defined(chunked(graph, carriers, 2), 'chunks');
    const [state, feeds] = [anyValues(graph, 'state'), anyValues(graph, 'inputs')];
    const whole = await runWhole(device, graph, state, feeds);
    const split = await runChunked(device, parts, state, feeds);
    expect(split.outputs['logits']).toEqual(whole.outputs['logits']);
  });
});

describe('the parts', () => {
  const parts = (): Chunked => defined(chunked(step(small, N, optimizer), carriers, 2), 'chunks');

  it('draw random numbers before, compute images in the body and update after', () => {
    const { before, body, after } = parts();
    expect(before.nodes.map(({ op }) => op)).toContain('randomUniform');
    expect([...body.nodes, ...after.nodes].map(({ op }) => op)).not.toContain('randomUniform');
    const heavy = ['conv2d', 'conv2dGradInput', 'conv2dGradFilter'];
    const inside = body.nodes.filter(({ op }) => heavy.includes(op));
    expect(inside).toHaveLength(5);
    expect(after.nodes.filter(({ op }) => heavy.includes(op))).toEqual([]);
    expect(before.updates).toEqual([]);
    expect(body.updates).toEqual([]);
    const whole = step(small, N, optimizer);
    expect(after.updates.map(({ name }) => name)).toEqual(whole.updates.map(({ name }) => name));
    expect(after.outputs.map(({ name }) => name)).toEqual(['loss', 'logits', 'finite']);
  });

  it('have only chunk-sized values in the body', () => {
    const { body } = parts();
    expect(firstAxes(body, 'c1').every((dim) => dim === 2 || dim === 1 || dim === 4)).toBe(true);
    const shapes = body.values.map(({ shape }) => shape);
    expect(shapes.filter(([dim]) => dim === N)).toEqual([]);
    expect(shapes).toContainEqual([2, 4, 6, 6]);
  });

  it('keep the origins of nodes', () => {
    const { body, after } = parts();
    const text = (graph: Graph): readonly string[] =>
      graph.nodes.map(({ op, origin: { layer, phase } }) => `${op} ${layer} ${phase}`);
    expect(text(body)).toContain('conv2d c1 forward');
    expect(text(body)).toContain('conv2dGradFilter c2 backward');
    expect(text(after)).toContain('sgdMomentumUpdate c1.w update');
  });

  it('name the values that cross between them', () => {
    const { before, body, after, rows, joined, sums } = parts();
    const names = (list: readonly { readonly name: string }[]): readonly string[] =>
      list.map(({ name }) => name);
    expect(alongs(rows)).toMatchObject({ images: 0, labels: 0 });
    expect(rows).toHaveLength(3);
    expect(joined).toHaveLength(1);
    // The loss and the gradients of two filters and two biases.
    expect(sums).toHaveLength(5);
    expect(names(body.outputs).toSorted()).toEqual([...names(joined), ...sums].toSorted());
    const known = new Set(['images', 'labels', 'lr', 'random', ...names(before.outputs)]);
    expect(names(body.inputs).filter((name) => !known.has(name))).toEqual([]);
    const results = new Set([...known, ...names(body.outputs)]);
    expect(names(after.inputs).filter((name) => !results.has(name))).toEqual([]);
  });

  it('avoid names that the graph already uses', async () => {
    const graph = graphOf((b, x) => {
      const y = b.op.matMul(b.op.reshape(x, { shape: [N, 18] }), weight(b, 'w', [18, 2]), plain);
      b.output('y', y);
      // One of these is the name that y would get.
      for (let i = 0; i < 80; i++) {
        b.output(`chunk/${80 + i}`, b.input(`chunk/${80 + i}`, { dtype: 'float32', shape: [] }));
      }
    });
    const { joined } = await expectSame(device, graph, { x: 0 }, 2);
    expect(graph.inputs.map(({ name }) => name)).not.toContain(joined[0]?.name);
  });
});

/** Builds a graph with the input `x: [N, C, H, W]`. */
function graphOf(
  build: (b: GraphBuilder, x: ReturnType<GraphBuilder['input']>) => void,
  shape: Shape = [N, 2, 3, 3],
): Graph {
  const b = new GraphBuilder('made');
  build(b, b.input('x', { dtype: 'float32', shape }));
  return b.build();
}
const plain = { transposeA: false, transposeB: false };
const weight = (b: GraphBuilder, name: string, shape: Shape): ReturnType<GraphBuilder['state']> =>
  b.state(name, { dtype: 'float32', shape });

describe('other graphs', () => {
  it('blocks of several rows per image', async () => {
    const graph = graphOf((b, x) => {
      const channels = b.op.reshape(x, { shape: [N * 2, 9] });
      const y = b.op.matMul(channels, weight(b, 'w', [9, 4]), plain);
      b.output('y', y);
      b.output('sum', b.op.reduceSum(b.op.mul(y, b.fill(3, y.shape)), { axes: [0] }));
    });
    const { joined, sums } = await expectSame(device, graph, { x: 0 }, 2);
    expect([joined.length, sums.length]).toEqual([1, 1]);
  });

  it('images along the second axis, and columns of a product', async () => {
    const graph = graphOf((b, x) => {
      const columns = b.op.transpose(b.op.reshape(x, { shape: [N, 18] }), { permutation: [1, 0] });
      const y = b.op.matMul(weight(b, 'w', [4, 18]), columns, plain);
      b.output('y', y);
      b.output('grad', b.op.matMul(y, columns, { transposeA: false, transposeB: true }));
    });
    const { joined, sums } = await expectSame(device, graph, { x: 0 }, 3);
    expect(joined.map(({ axis }) => axis)).toEqual([1]);
    expect(sums).toHaveLength(1);
  });

  it('two inputs that carry the batch along different axes', async () => {
    const b = new GraphBuilder('two');
    const x = b.input('x', { dtype: 'float32', shape: [N, 4] });
    const y = b.input('y', { dtype: 'float32', shape: [3, N] });
    const transposed = b.op.transpose(y, { permutation: [1, 0] });
    b.output('a', b.op.concat(b.op.matMul(x, weight(b, 'w', [4, 3]), plain), transposed, { axis: 1 }));
    b.output('b', b.op.matMul(y, x, plain));
    const { rows, sums } = await expectSame(device, b.build(), { x: 0, y: 1 }, 2);
    expect(alongs(rows)).toEqual({ x: 0, y: 1 });
    expect(sums).toHaveLength(1);
  });

  it.each(['state', 'input'] as const)('%s with a row per image, used whole and in rows', async (kind) => {
    const graph = graphOf((b, x) => {
      const table = b[kind]('table', { dtype: 'float32', shape: [N, N] });
      const flat = b.op.slice(b.op.reshape(x, { shape: [N, 18] }), { starts: [0, 4], sizes: [N, N] });
      const y = b.op.matMul(b.op.mul(flat, table), table, plain);
      b.output('y', b.op.add(y, b.op.transpose(table, { permutation: [1, 0] })));
      b.output('ones', b.op.matMul(b.fill(1, [1, N]), y, plain));
    });
    const { rows, sums } = await expectSame(device, graph, { x: 0 }, 2);
    expect(rows).toHaveLength(3);
    expect(sums).toHaveLength(1);
  });

  it('an input without a batch, but with a row per image', async () => {
    const b = new GraphBuilder('weights');
    const x = b.input('x', { dtype: 'float32', shape: [N, 4] });
    const rows = b.input('rows', { dtype: 'float32', shape: [N, 3] });
    b.output('y', b.op.mul(b.op.matMul(x, weight(b, 'w', [4, 3]), plain), rows));
    b.output('rows', rows);
    const parts = await expectSame(device, b.build(), { x: 0 }, 2);
    expect(parts.rows).toHaveLength(2);
  });

  it('images along the channels, normalized by groups: chunked only when decomposed', async () => {
    const graph = graphOf((b, x) => {
      const turned = b.op.reshape(x, { shape: [1, N * 2, 3, 3] });
      const norm = { groups: N, epsilon: 1e-5 };
      const y = b.op.groupNorm(turned, weight(b, 'scale', [N * 2]), weight(b, 'bias', [N * 2]), norm);
      b.output('y', b.op.matMul(b.op.reshape(y, { shape: [N, 18] }), weight(b, 'w', [18, 2]), plain));
    });
    expect(chunked(graph, { x: 0 }, 2)).toBeUndefined();
    await expectSame(
      device,
      decompose(graph, () => true),
      { x: 0 },
      2,
    );
  });

  it('random numbers per image, used inside and outside the body', async () => {
    const b = new GraphBuilder('draws');
    const x = b.input('x', { dtype: 'float32', shape: [N, 4] });
    const uniform = b.op.randomUniform(b.input('random', { dtype: 'uint32', shape: [3] }), {
      shape: [N, 3],
      stream: 5,
    });
    b.output('y', b.op.add(b.op.matMul(x, weight(b, 'w', [4, 3]), plain), uniform));
    b.output('uniform', uniform);
    const { before, joined } = await expectSame(device, b.build(), { x: 0 }, 2);
    expect(before.nodes.map(({ op }) => op)).toEqual(['randomUniform']);
    expect(joined).toHaveLength(1);
  });

  it('state that is written without being read', async () => {
    const graph = graphOf((b, x) => {
      const y = b.op.matMul(b.op.reshape(x, { shape: [N, 18] }), weight(b, 'w', [18, 2]), plain);
      weight(b, 'sum', [1, 2]);
      b.update('sum', b.op.reduceSum(y, { axes: [0] }));
    });
    const { after } = await expectSame(device, graph, { x: 0 }, 2);
    expect(after.updates).toHaveLength(1);
  });

  it('images mixed by more than sums, but not in products', async () => {
    const graph = graphOf((b, x) => {
      const y = b.op.matMul(b.op.reshape(x, { shape: [N, 18] }), weight(b, 'w', [18, 2]), plain);
      b.output('most', b.op.reduceMax(y, { axes: [0] }));
      b.output('norm', b.op.globalNorm(y));
    });
    const { joined, sums } = await expectSame(device, graph, { x: 0 }, 2);
    expect([joined.length, sums.length]).toEqual([1, 0]);
  });

  it('a network in inference mode, with batch norm', async () => {
    const { graph } = forward(
      modelOf(
        sequential({
          c: conv2d(3, { kernel: 3, batchNorm: true }),
          gap: globalAvgPool2d(),
          flatten: flatten(),
        }),
      ),
      N,
    );
    const { sums } = await expectSame(device, graph, { images: 0 }, 2);
    expect(sums).toEqual([]);
  });
});

describe('does not chunk', () => {
  const normed = modelOf(
    sequential({
      c: conv2d(2, { kernel: 3 }),
      norm: batchNorm(),
      r: relu(),
      f: flatten(),
      d: dense(CLASSES),
    }),
  );
  const last = modelOf(
    sequential({ c: conv2d(3, { kernel: 3 }), gap: globalAvgPool2d(), f: flatten(), norm: batchNorm() }),
  );
  it.each<[string, Graph]>([
    ['with batch norm', step(normed, N, optimizer)],
    ['with batch norm, decomposed', decompose(step(normed, N, optimizer), () => true)],
    ['with batch norm at the end', gradients(last, N)],
  ])('training %s', (_, graph) => {
    expect(chunked(graph, carriers, 2)).toBeUndefined();
  });

  it('products of images with each other', () => {
    const graph = graphOf((b, x) => {
      const y = b.op.matMul(b.op.reshape(x, { shape: [N, 18] }), weight(b, 'w', [18, 2]), plain);
      b.output('similarity', b.op.matMul(y, y, { transposeA: false, transposeB: true }));
    });
    expect(chunked(graph, { x: 0 }, 2)).toBeUndefined();
  });

  it('a graph without a product', () => {
    const graph = graphOf((b, x) => {
      b.output('y', b.op.exp(x));
    });
    expect(chunked(graph, { x: 0 }, 2)).toBeUndefined();
  });

  it('a batch that the chunk size does not divide', () => {
    expect(chunked(step(small, N, optimizer), carriers, 4)).toBeUndefined();
    expect(chunked(step(small, N, optimizer), carriers, 12)).toBeUndefined();
  });

  it.each([0, -2, 1.5, NaN])('with chunks of %s, which throws', (images) => {
    expect(() => chunked(step(small, N, optimizer), carriers, images)).toThrow(GraphError);
  });
});

it('computes products of sums, e.g. in an optimizer, after the body', async () => {
  const graph = graphOf((b, x) => {
    const rows = b.op.reshape(x, { shape: [N, 18] });
    const w = weight(b, 'w', [18, 2]);
    const y = b.op.matMul(rows, w, plain);
    const gradient = b.op.matMul(rows, y, { transposeA: true, transposeB: false });
    const gram = b.op.matMul(gradient, gradient, { transposeA: true, transposeB: false });
    b.update('w', b.op.sub(w, b.op.matMul(gradient, gram, plain)));
  });
  const { after } = await expectSame(device, graph, { x: 0 }, 2);
  expect(after.nodes.filter(({ op }) => op === 'matMul')).toHaveLength(2);
});
