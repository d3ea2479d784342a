// Tests core's batch analysis on the reference, on every small case and its gradients, with a batch along each axis of each
// input: if one image changes, only the values that depend on it according to the analysis change.
import { reference } from '@isonet/backend-reference';
import type { Coupling, Device, Graph, OpName, Shape, Tensor, Tensors } from '@isonet/core';
import { batchOf, defined, dimOf, float32, int32, opNames, sizeOf } from '@isonet/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cases } from '../src/cases/table.ts';
import { carriersOf } from './carriers.ts';
import type { Axes } from './carriers.ts';

const MOST_VALUES = 4000;

let device: Device;
beforeAll(async () => {
  device = await reference.open();
});
afterAll(() => device[Symbol.asyncDispose]());

/** Returns whether the value at an index belongs to block `image` of an axis. */
function inBlock(shape: Shape, axis: number, images: number, image: number): (index: number) => boolean {
  const size = (dimOf(shape, axis) / images) * sizeOf(shape.slice(axis + 1));
  return (index) => Math.floor(index / size) % images === image;
}

/** Returns the tensor with different values for one image. */
function changed(tensor: Tensor, axis: number, image: number): Tensor {
  const { dtype, shape } = tensor;
  const inside = inBlock(shape, axis, dimOf(shape, axis), image);
  const values = Array.from<number>(tensor.data);
  if (dtype === 'int32') {
    return int32(
      shape,
      values.map((value, i) => (inside(i) ? value + 1 : value)),
    );
  }
  return float32(
    shape,
    values.map((value, i) => (inside(i) ? 0.75 - value / 2 + (i % 7) / 8 : value)),
  );
}

interface Change {
  readonly axes: Axes;
  readonly images: number;
  readonly image: number;
  readonly feeds: Tensors;
}

/** Changes of the first and of the last image of each carrier. */
function changesOf(feeds: Tensors): readonly Change[] {
  return carriersOf(feeds).flatMap((axes) => {
    const sizes = Object.entries(axes).map(([name, axis]) =>
      dimOf(defined(feeds[name], `feed "${name}"`).shape, axis),
    );
    const images = defined(sizes[0], 'a carrier');
    return [...new Set([0, images - 1])].map((image) => {
      const other = Object.entries(feeds).map(([name, tensor]) => {
        const axis = axes[name];
        return [name, axis === undefined ? tensor : changed(tensor, axis, image)] as const;
      });
      return { axes, images, image, feeds: Object.fromEntries(other) };
    });
  });
}

/** Returns the values that change although, according to the analysis, they do not depend on the changed image. */
function strays(
  graph: Graph,
  couplings: readonly Coupling[],
  change: Change,
  a: Tensors,
  b: Tensors,
): string[] {
  return couplings.flatMap((coupling, value) => {
    if (coupling === 'summed') return [];
    const before = defined(a[value], `%${value}`);
    const { data } = defined(b[value], `%${value}`);
    const may =
      coupling === 'none' ? () => false : inBlock(before.shape, coupling.axis, change.images, change.image);
    if (before.data.every((number, i) => may(i) || Object.is(number, data[i]))) return [];
    return [`${graph.name}: %${value} by image ${change.image} of ${JSON.stringify(change.axes)}`];
  });
}

/** Checks one graph. @returns the ops of the nodes that keep images apart */
async function check(graph: Graph, feeds: Tensors): Promise<readonly OpName[]> {
  const everything = graph.values.map((_, value) => ({ name: `${value}`, value }));
  await using program = await device.compile({ ...graph, outputs: everything });
  await using state = await device.createState({});
  const before = await program.run(state, feeds).read();
  const apart: OpName[] = [];
  for (const change of changesOf(feeds)) {
    const at = batchOf(graph, change.axes);
    const couplings = graph.values.map((_, value) => at(value));
    const after = await program.run(state, change.feeds).read();
    expect(strays(graph, couplings, change, before, after)).toEqual([]);
    for (const { op, outputs } of graph.nodes) if (typeof at(outputs[0]) === 'object') apart.push(op);
  }
  return apart;
}

const small = cases.filter(({ feeds }) =>
  Object.values(feeds).every(({ shape }) => sizeOf(shape) <= MOST_VALUES),
);

test('values change only if they depend on the changed image by the analysis, and all ops but three keep images apart', async () => {
  const apart = new Set<OpName>();
  for (const one of small) {
    const [forward, backward] = [one.forward(), one.backward()];
    for (const graph of backward ? [forward, backward] : [forward]) {
      for (const op of await check(graph, one.feeds)) apart.add(op);
    }
  }
  const never = ['allFinite', 'conv2dGradFilter', 'globalNorm'];
  expect([...apart].toSorted()).toEqual(opNames.filter((op) => !never.includes(op)));
});
