// Tests the options of a device, and the inputs that a plan's id depends on.
import type { Graph, OpenOptions, Tensor, Tensors } from '@isonet/core';
import {
  BackendError,
  float32,
  GraphBuilder,
  gradients,
  he,
  initialize,
  int32,
  outputOf,
  scalar,
  stateOf,
  streamKey,
  uint32,
  uniformBlock,
} from '@isonet/core';
import { nin } from '@isonet/models';
import type { OnnxKernels } from '@isonet/onnx/write';
import { describe, expect, test } from 'vitest';
import { onnxHere as onnx } from '../src/index.ts';
import { kernels } from '../src/lowering/portable.ts';
import { backendOver } from '../src/native.ts';
import { loadRuntime } from '../src/runtime/load.ts';
import { counting, pair, scaling } from './watched.ts';

function uniform(stream: string, count: number): Float32Array {
  return uniformBlock(3, streamKey(stream), 0, 0, count);
}

/** Returns the largest difference, relative to the largest element. */
function distance({ data: a }: Tensor, { data: b }: Tensor): number {
  const largest = Math.max(...a.map(Math.abs));
  return Math.max(...a.map((value, i) => Math.abs(value - Number(b[i])))) / largest;
}

describe('options', () => {
  test('are validated', async () => {
    await expect(onnx.open({ limits: {} })).rejects.toThrow(
      new BackendError('UNKNOWN_OPTION', 'onnx: unknown option "limits"; known: device, threads, tf32'),
    );
    await expect(onnx.open({ threads: 0 })).rejects.toThrow(
      new BackendError('OPTION', 'onnx: threads: expected an integer from 1 to 1,024, got 0'),
    );
  });

  test('threads: another number has another plan with the same results, within rounding', async () => {
    const model = nin();
    const graph = gradients(model, 4);
    const feeds = {
      images: float32([4, 1, 28, 28], uniform('images', 4 * 784)),
      labels: int32([4], [0, 3, 5, 9]),
      random: uint32([3], [1, 2, 0]),
    };
    const results = async (threads: number): Promise<{ readonly id: string; readonly outputs: Tensors }> => {
      await using device = await onnx.open({ threads });
      expect(device.info.text).toContain(threads === 1 ? ', 1 thread, ' : `, ${threads} threads, `);
      await using state = await device.createState(initialize(stateOf(model).parameters, he, 0));
      await using program = await device.compile(graph);
      return { id: program.plan.id, outputs: await program.run(state, feeds).read() };
    };
    const [one, four] = [await results(1), await results(4)];
    expect(one.id).not.toBe(four.id);
    for (const { name } of graph.outputs) {
      expect([name, distance(outputOf(one.outputs, name), outputOf(four.outputs, name))]).toEqual([
        name,
        expect.toSatisfy((apart: number) => apart < 1e-5),
      ]);
    }
  });
});

test("a plan's id depends on the graph and on the threads, but not on the weights", async () => {
  const idOf = async (graph: Graph, options: OpenOptions = {}, weight?: number): Promise<string> => {
    await using device = await onnx.open(options);
    await using state = await device.createState({ w: float32([2], [weight ?? 0, 0]) });
    await using program = await device.compile(graph, weight === undefined ? {} : { frozen: state });
    return program.plan.id;
  };
  const first = await idOf(scaling(), { threads: 1 });
  expect(first).toMatch(/^onnx-[0-9a-f]{32}$/);
  expect(await idOf(scaling(), { threads: 1, device: 'cpu' })).toBe(first);
  expect(await idOf(scaling(), { threads: 2 })).not.toBe(first);
  expect(await idOf(counting(), { threads: 1 })).not.toBe(first);
  const frozen = await idOf(scaling(), { threads: 1 }, 1);
  expect(frozen).not.toBe(first);
  expect(await idOf(scaling(), { threads: 1 }, 2)).toBe(frozen);
  const { threads } = await loadRuntime();
  expect(await idOf(scaling(), { threads })).toBe(await idOf(scaling()));
});

test("a plan's id depends on the constants that the kernels write", async () => {
  const b = new GraphBuilder('exponential');
  b.output('y', b.op.exp(b.input('x', pair)));
  const graph = b.build();
  const idOf = async (factor: number): Promise<string> => {
    const exp: OnnxKernels['exp'] = (_, { inputs: [x], outputs: [y] }, writer) =>
      writer.set(
        y,
        writer.emit('Mul', [writer.emit('Exp', [writer.full(x)]), writer.constant(scalar(factor))]),
      );
    await using device = await backendOver(loadRuntime, { ...kernels, exp }).open({ threads: 1 });
    await using program = await device.compile(graph);
    return program.plan.id;
  };
  expect(await idOf(1.5)).not.toBe(await idOf(1.0000001));
  expect(await idOf(1.5)).toBe(await idOf(1.5));
});
