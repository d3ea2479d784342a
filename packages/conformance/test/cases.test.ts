// That the cases themselves are sound: named as promised, and exact only where any order of sums gives the same bits.
import type { Graph, Node, Tensor, Tensors } from '@isonet/core';
import { decompose, opNames, sizeOf } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import type { Case } from '../src/index.ts';
import { cases, casesOf, checks } from '../src/index.ts';
import { the } from '../src/compare.ts';
import { referenceDevice, runOnce } from '../src/oracle.ts';

describe('keys', () => {
  it('are unique', () => {
    const keys = checks().map(({ key }) => key);
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  });

  it.each(opNames)('%s has cases, under its own name', (op) => {
    expect(casesOf[op].length).toBeGreaterThan(0);
    expect(casesOf[op].filter(({ key }) => !key.startsWith(`${op}/`))).toEqual([]);
  });
});

describe('exact cases', () => {
  const exact = cases.filter(({ judged }) => judged === 'exact').map((test) => [test.key, test] as const);

  it.each(exact)('%s', async (_, test) => {
    const graph = decompose(test.backward() ?? test.forward(), () => true);
    const values = await everyValue(graph, test);
    const inexact = Object.entries(values).filter(
      ([, { dtype, data }]) =>
        dtype === 'float64' && !data.every((value) => Object.is(Math.fround(value), value)),
    );
    expect(inexact).toEqual([]);
    const long = graph.nodes.filter((node) => sumOfMagnitudes(node, values) >= 2 ** 24);
    expect(long).toEqual([]);
  });
});

/**
 * Of the sums that a node forms, in the operands' common unit. A partial sum of any order is a multiple of that unit and
 * no larger, hence exact below 2^24.
 */
function sumOfMagnitudes({ op, inputs, outputs }: Node, values: Tensors): number {
  const tensors = [...inputs, ...outputs].map((value) => the(values, String(value)));
  const sizes = tensors.map(({ shape }) => sizeOf(shape));
  const [x, y, ...rest] = tensors;
  if (!x || !y) return 0;
  if (op === 'reduceSum') return (size(x) * sizeOf(x.shape)) / sizeOf(y.shape);
  const [, , dy] = tensors;
  if (op === 'maxPool2dGrad' && dy) return size(dy) * sizeOf(dy.shape);
  // No sum has more terms than the largest of the three tensors has values.
  return op.startsWith('conv2d') && rest.length > 0 ? size(x) * size(y) * Math.max(...sizes) : 0;
}

/** The largest magnitude, in units of the largest power of two that divides every value. */
function size({ data }: Tensor): number {
  let unit = 1;
  while (!data.every((value) => Number.isInteger(value / unit))) unit /= 2;
  return Math.max(...Array.from(data, Math.abs)) / unit;
}

async function everyValue(graph: Graph, { feeds }: Case): Promise<Tensors> {
  const outputs = graph.values.map((_, value) => ({ name: String(value), value }));
  return await runOnce(await referenceDevice(), { ...graph, outputs }, {}, feeds);
}
