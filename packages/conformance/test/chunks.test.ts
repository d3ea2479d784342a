// Tests core's chunks on the reference: on every small case and its gradients, with a batch along each axis of each input, and
// on the book's networks. A graph that is split into chunks computes the same values as the whole graph.
import { reference } from '@isonet/backend-reference';
import type { Device, Graph, OpName, Tensors } from '@isonet/core';
import {
  chunked,
  copyInto,
  copyResults,
  decompose,
  defined,
  dimOf,
  GraphBuilder,
  opNames,
  sgd,
  sizeOf,
  step,
} from '@isonet/core';
import type { Model } from '@isonet/core';
import { googlenet, nin } from '@isonet/models';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectEqual } from '../../core/test/inChunks.ts';
import { cases } from '../src/cases/table.ts';
import { carriersOf } from './carriers.ts';
import type { Axes } from './carriers.ts';

const MOST_VALUES = 1000;

let device: Device;
beforeAll(async () => {
  device = await reference.open();
});
afterAll(() => device[Symbol.asyncDispose]());

/** Adds a product over each image, since graphs without one are not split. */
function withProduct(graph: Graph, axes: Axes): Graph {
  const b = new GraphBuilder(graph.name);
  const at = copyInto(b, graph);
  copyResults(b, graph, at);
  const [name, axis] = defined(Object.entries(axes)[0], 'a carrier');
  const { value } = defined(
    graph.inputs.find((input) => input.name === name),
    `input "${name}"`,
  );
  const x = at(value);
  const floats = x.dtype === 'int32' ? b.op.cast(x, { to: 'float32' }) : x;
  const others = x.shape.map((_, i) => i).filter((i) => i !== axis);
  const first = b.op.transpose(floats, { permutation: [axis, ...others] });
  const images = dimOf(x.shape, axis);
  const rows = b.op.reshape(first, { shape: [images, sizeOf(x.shape) / images] });
  const ones = b.fill(1, [sizeOf(x.shape) / images, 1]);
  b.output('product', b.op.matMul(rows, ones, { transposeA: false, transposeB: false }));
  return b.build();
}

/** @returns the ops that are computed chunk by chunk */
async function check(graph: Graph, feeds: Tensors): Promise<readonly OpName[]> {
  const inside: OpName[] = [];
  for (const axes of carriersOf(feeds)) {
    const [name, axis] = defined(Object.entries(axes)[0], 'a carrier');
    const images = dimOf(defined(feeds[name], `feed "${name}"`).shape, axis);
    const sizes = Array.from({ length: images - 1 }, (_, i) => i + 1).filter((size) => images % size === 0);
    const whole = withProduct(graph, axes);
    for (const size of sizes) {
      const parts = chunked(whole, axes, size);
      if (!parts) continue;
      await expectEqual(device, whole, parts, { feeds });
      inside.push(...parts.body.nodes.map(({ op }) => op));
    }
  }
  return inside;
}

const small = cases.filter(({ feeds }) =>
  Object.values(feeds).every(({ shape }) => sizeOf(shape) <= MOST_VALUES),
);

test('cases compute the same values in chunks, and all ops but three are computed in chunks', async () => {
  const inside = new Set<OpName>();
  for (const one of small) {
    const [forward, backward] = [one.forward(), one.backward()];
    for (const graph of backward ? [forward, backward] : [forward]) {
      for (const op of await check(graph, one.feeds)) inside.add(op);
    }
  }
  expect(opNames.filter((op) => !inside.has(op))).toEqual(['allFinite', 'globalNorm', 'randomUniform']);
});

const optimizer = sgd({ momentum: 0.9 });
test.each<[string, Model, readonly ((graph: Graph) => Graph)[]]>([
  ['nin', nin(), [(graph) => graph, (graph) => decompose(graph, () => true)]],
  ['googlenet28', googlenet({ size: 28 }), [(graph) => graph]],
])('a step of %s', async (_, model, forms) => {
  for (const formOf of forms) {
    const form = formOf(step(model, 2, optimizer));
    const parts = defined(chunked(form, { images: 0, labels: 0 }, 1), 'chunks');
    const { outputs } = await expectEqual(device, form, parts);
    // A step with non-finite values updates nothing, which would hide every difference.
    expect(Array.from(outputs['finite']?.data ?? [])).toEqual([1]);
    const { body, after } = parts;
    const heavy = ({ op }: { readonly op: OpName }): boolean => op.startsWith('conv2d') || op === 'matMul';
    expect(body.nodes.filter(heavy)).toHaveLength(form.nodes.filter(heavy).length);
    expect(after.nodes.filter(heavy)).toEqual([]);
  }
});

test.each([nin({ batchNorm: true }), googlenet({ size: 28, batchNorm: true })])(
  'a step with batch norm runs whole: $name',
  (model) => {
    expect(chunked(step(model, 4, optimizer), { images: 0, labels: 0 }, 2)).toBeUndefined();
  },
);
