// Tests the operators that the blocked lowering writes, and its claims about padding. The conformance suite checks its results.
import type { Graph, Node, Tensors, TensorType, ValueId } from '@isonet/core';
import {
  float32,
  GraphBuilder,
  gradients,
  he,
  initialize,
  int32,
  legalize,
  sgd,
  sizeOf,
  stateOf,
  step,
  typeOf,
} from '@isonet/core';
import { googlenet, nin } from '@isonet/models';
import type { OnnxKernels, Writer } from '@isonet/onnx/write';
import { encodeModel, staticDims, supports, writeGraph } from '@isonet/onnx/write';
import { describe, expect, test } from 'vitest';
import { onnx } from '../../src/index.ts';
import { findBlock } from '../../src/lowering/blocked/findBlock.ts';
import { blocked } from '../../src/lowering/blocked/index.ts';
import { layoutOf } from '../../src/lowering/blocked/layout.ts';
import type { Runtime } from '../../src/runtime/load.ts';
import { loadRuntime } from '../../src/runtime/load.ts';

const runtime = await loadRuntime();
const settings = { provider: 'cpu', threads: 1 };
const block = await findBlock(runtime, settings);

describe('the size of a block', () => {
  test('is detected from the library', () => {
    expect([undefined, 8, 16]).toContain(block);
  });

  test('is undefined if the library has no such layout', async () => {
    const without: Runtime = {
      ...runtime,
      createSession: () => Promise.reject(new Error('ReorderInput is not a registered function/op')),
    };
    expect(await findBlock(without, settings)).toBeUndefined();
  });
});

describe.each([8, 16])('in blocks of %i channels', (size) => {
  const layout = layoutOf(size);
  const table = blocked(layout);
  const written = (graph: Graph): ReadonlyMap<string, number> => {
    const legal = legalize(graph, (node) => supports(node, table));
    const counts = new Map<string, number>();
    for (const { opType, domain } of writeGraph(legal, { dims: staticDims(legal), table }).graph.nodes) {
      const name = domain === 'com.microsoft.nchwc' ? `blocked ${opType}` : opType;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return counts;
  };

  test.each([
    ['nin', () => nin()],
    ['nin with batch norm', () => nin({ batchNorm: true })],
    ['googlenet', () => googlenet()],
  ])('every convolution and pooling of a step on %s computes in the layout', (_, model) => {
    const counts = written(step(model(), 4, sgd({ momentum: 0.9 })));
    expect(counts.get('blocked Conv')).toBeGreaterThan(24);
    const plain = ['Conv', 'ConvTranspose', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'ScatterElements'];
    expect([...counts.keys()].filter((name) => plain.includes(name))).toEqual([]);
  });

  test('a bias and a ReLU after a convolution are fused into it', () => {
    const counts = written(gradients(nin(), 4));
    expect(counts.get('Relu')).toBeUndefined();
  });

  test('filters and columns that several convolutions read are written once', () => {
    const b = new GraphBuilder('shared');
    const image: TensorType = { dtype: 'float32', shape: [2, 32, 5, 5] };
    const [x, w] = [b.input('x', image), b.input('w', { dtype: 'float32', shape: [32, 32, 3, 3] })];
    const attrs = { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1 } as const;
    const y = b.op.conv2d(x, w, attrs);
    b.output('z', b.op.conv2d(y, w, attrs));
    for (const k of [16, 32]) {
      const dy = b.input(`dy${k}`, { dtype: 'float32', shape: [2, k, 5, 5] });
      b.output(`dw${k}`, b.op.conv2dGradFilter(x, dy, { ...attrs, filterShape: [k, 32, 3, 3] }));
    }
    expect(written(b.build()).get('Gather')).toBe(1);
  });
});

describe.runIf(block !== undefined)('on this processor', () => {
  const layout = layoutOf(block ?? NaN);

  /**
   * Counts the values in the layout whose padding is claimed to be zero, and returns the names of those for which the
   * claim is wrong.
   */
  async function paddings(graph: Graph, feeds: Tensors): Promise<{ zero: number; wrong: readonly string[] }> {
    const plain = blocked(layout);
    const formed = new Map<string, readonly [Node, ValueId]>();
    const watched = Object.fromEntries(
      Object.entries(plain).map(([op, kernel]) => [
        op,
        (node: Node, operands: unknown, writer: Writer): void => {
          (kernel as (...args: readonly unknown[]) => void)(node, operands, writer);
          for (const value of node.outputs) {
            if (!writer.hasForm(value, layout.form, 'zero')) continue;
            formed.set(writer.inForm(value, layout.form, 'zero'), [node, value]);
          }
        },
      ]),
    ) as OnnxKernels;
    const legal = legalize(graph, (node) => supports(node, plain));
    const { graph: onnxGraph } = writeGraph(legal, { dims: staticDims(legal), table: watched });
    const shape = (value: ValueId): readonly number[] => {
      const [n, c, h, w] = typeOf(legal, value).shape;
      if (n === undefined || c === undefined || h === undefined || w === undefined)
        throw new Error('expected an image');
      const cp = Math.ceil(c / layout.block) * layout.block;
      return [n, cp, h, w];
    };
    const names = [...formed.keys()].filter((name) =>
      onnxGraph.nodes.some(({ outputs }) => outputs.includes(name)),
    );
    const outputs = names.map((name) => {
      const [, value] = formed.get(name) ?? [];
      return { name, dtype: 'float32' as const, dims: shape(value ?? NaN) };
    });
    const own = onnxGraph.outputs.filter(({ name }) => !names.includes(name));
    const model = encodeModel({ ...onnxGraph, outputs: [...own, ...outputs] });
    const session = await runtime.createSession(model, settings);
    const fed = Object.entries(feeds).map(([name, tensor]) => [name, runtime.tensor(tensor)] as const);
    const results = await session.run(Object.fromEntries(fed), names);
    await session.release();
    const wrong = names.filter((name) => {
      const [, value] = formed.get(name) ?? [];
      const [, c = 0, h = 0, w = 0] = typeOf(legal, value ?? NaN).shape;
      const data = results[name]?.data as Float32Array;
      const blocks = Math.ceil(c / layout.block);
      return data.some((element, at) => {
        const lane = at % layout.block;
        const channel = (Math.floor(at / (layout.block * h * w)) % blocks) * layout.block + lane;
        return channel >= c && element !== 0;
      });
    });
    return { zero: names.length, wrong };
  }

  test.each([1, 3, 10, 24])(
    'padding after %i channels that is claimed to be zero is zero',
    async (channels) => {
      const b = new GraphBuilder('chain');
      const image: TensorType = { dtype: 'float32', shape: [2, channels, 4, 4] };
      const x = b.input('x', image);
      const w = b.input('w', { dtype: 'float32', shape: [channels, channels, 3, 3] });
      const v = b.input('v', { dtype: 'float32', shape: [channels] });
      const attrs = { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1 } as const;
      const conv = (value: typeof x): typeof x => b.op.conv2d(value, w, attrs);
      const half = b.fill(0.5, image.shape);
      const steps: readonly ((value: typeof x) => typeof x)[] = [
        (value) => b.op.exp(b.op.mul(value, half)),
        (value) => b.op.sigmoid(value),
        (value) => b.op.add(value, half),
        (value) => b.op.div(value, b.op.add(b.op.mul(value, value), half)),
        (value) => b.op.log(b.op.add(b.op.mul(value, value), half)),
        (value) => b.op.biasAdd(value, v),
        (value) => b.op.relu(value),
        (value) => b.op.softmax(value, { axis: 1 }),
        (value) =>
          b.op.sub(value, b.op.maxPool2d(value, { kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] })),
        (value) => b.op.batchNorm(value, v, v, { epsilon: 1e-3 })[0],
      ];
      steps.forEach((next, i) => {
        const value = conv(next(conv(x)));
        b.output(`y${i}`, value);
        b.output(`sum${i}`, b.op.reduceSum(next(conv(x)), { axes: [0, 2, 3] }));
      });
      const graph = b.build();
      const feeds: Tensors = Object.fromEntries(
        graph.inputs.map(({ name, value }) => {
          const { shape } = typeOf(graph, value);
          const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i + 1) / 2);
          return [name, float32(shape, data)];
        }),
      );
      const { zero, wrong } = await paddings(graph, feeds);
      expect(zero).toBeGreaterThan(steps.length);
      expect(wrong).toEqual([]);

      const [inBlocks, standard] = await Promise.all(
        ['cpu', 'portable'].map(async (device) => {
          await using opened = await onnx.open({ device });
          await using program = await opened.compile(graph);
          await using state = await opened.createState({});
          return program.run(state, feeds).read();
        }),
      );
      for (const { name } of graph.outputs) {
        const [got, expected] = [inBlocks?.[name]?.data, standard?.[name]?.data];
        const scale = Math.max(...Array.from(expected ?? [], (value) => Math.abs(value)));
        expect(scale).toBeGreaterThan(0);
        Array.from(expected ?? []).forEach((value, i) =>
          expect(Math.abs(Number(got?.[i]) - value), `${name}[${i}]`).toBeLessThan(1e-4 * scale),
        );
      }
    },
  );

  test('the gradients of NiN make no false claims about padding', async () => {
    const model = nin();
    const graph = gradients(model, 2);
    const { parameters } = stateOf(model);
    const images = Float32Array.from({ length: 2 * 28 * 28 }, (_, i) => Math.abs(Math.sin(i)));
    const feeds: Tensors = {
      ...initialize(parameters, he, 0),
      images: float32([2, 1, 28, 28], images),
      labels: int32([2], [3, 7]),
      'uniform/dropout': float32([2, 96, 2, 2], new Float32Array(2 * 96 * 4).fill(0.75)),
    };
    const { zero, wrong } = await paddings(graph, feeds);
    expect(zero).toBeGreaterThan(30);
    expect(wrong).toEqual([]);
  });
});
