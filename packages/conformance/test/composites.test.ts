// Every composite's decomposition against its formula: the other backends are compared with the decompositions, so nothing
// else would show that one of them is another function.
import type { AttrsOf, OpName, Tensor, Value } from '@isonet/core';
import { declaredType, defined, definitionOf, float32, GraphBuilder, opNames } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { formulaOf } from '../src/cases/table.ts';
import { compare, the } from '../src/check/compare.ts';
import { at, everyValue } from './mutation/plant.ts';
import { casesOf } from '../src/index.ts';
import { referenceDevice, runOnce } from '../src/oracle.ts';

/** Decomposes composites as they are emitted, with constants that are fed in float64: a graph's own are float32. */
class Decomposing extends GraphBuilder {
  readonly feeds: Record<string, Tensor> = {};
  readonly #constants = new Map<number, Value>();

  feed(name: string, data: Tensor): Value {
    this.feeds[name] = data;
    return this.input(name, declaredType(data));
  }

  override scalar(number: number): Value {
    const data: Tensor = { dtype: 'float64', shape: [], data: Float64Array.of(number) };
    const value = this.#constants.get(number) ?? this.feed(`constant ${number}`, data);
    this.#constants.set(number, value);
    return value;
  }

  override emit(op: OpName, inputs: readonly Value[], attrs: AttrsOf<OpName>): readonly Value[] {
    const definition = definitionOf(op);
    if (definition.kind === 'primitive') return super.emit(op, inputs, attrs);
    return definition.decompose(this, inputs, attrs);
  }
}

async function decomposed(
  op: OpName,
  inputs: readonly Tensor[],
  attrs: AttrsOf<OpName>,
): Promise<readonly Tensor[]> {
  const b = new Decomposing(op);
  const outputs = b.emit(
    op,
    inputs.map((x, i) => b.feed(String(i), x)),
    attrs,
  );
  outputs.forEach((output, i) => b.output(String(i), output));
  const results = await runOnce(await referenceDevice(), b.build(), {}, b.feeds);
  return outputs.map((_, i) => the(results, String(i)));
}

/** Where a composite's decomposition gives other numbers than its formula. */
async function differences(
  op: OpName,
  inputs: readonly Tensor[],
  attrs: AttrsOf<OpName>,
): Promise<readonly string[]> {
  const formula = defined(formulaOf(op), `the formula of ${op}`);
  const numbers = inputs.map(({ shape, data }) => ({ shape, data: Array.from<number>(data) }));
  const expected = formula(numbers, attrs);
  const results = await decomposed(op, inputs, attrs);
  expect(results.length, `the number of outputs of ${op}`).toBe(expected.length);
  return results.flatMap((result, i) => {
    const values = defined(expected[i], `output ${i} of ${op}`);
    const bounds = values.map((value) =>
      Number.isFinite(value) ? Math.max(1e-12, 1e-9 * Math.abs(value)) : 0,
    );
    const { failure } = compare(result, result, values, bounds);
    return failure === undefined ? [] : [`${op}, output ${i}: the decomposition ${failure} by the formula`];
  });
}

describe('what a composite decomposes into is its formula', () => {
  const composites = opNames.filter((op) => definitionOf(op).kind === 'composite');

  it.each(composites.flatMap((op) => casesOf[op].map((test) => [test.key, op, test] as const)))(
    '%s',
    async (_, op, test) => {
      const graph = test.forward();
      const values = await everyValue(graph, test.feeds);
      const nodes = graph.nodes.filter((node) => formulaOf(node.op));
      expect(nodes.map((node) => node.op)).toContain(op);
      for (const node of nodes) {
        const inputs = node.inputs.map((value) => at(values, value));
        expect(await differences(node.op, inputs, node.attrs)).toEqual([]);
      }
    },
  );
});

describe('also far from 0', () => {
  it.each<[OpName, AttrsOf<OpName>]>([
    ['relu', {}],
    ['leakyRelu', { alpha: -0.5 }],
    ['gelu', { approximate: false }],
    ['gelu', { approximate: true }],
    ['sigmoid', {}],
    ['silu', {}],
    ['hardSigmoid', { alpha: 0.2, beta: 0.5 }],
    ['clip', { low: -2, high: 3 }],
  ])('%s', async (op, attrs) => {
    const x = float32([11], [-30, -4, -2.5, -1, -0.25, 0, 0.25, 1, 2.5, 4, 30]);
    expect(await differences(op, [x], attrs)).toEqual([]);
  });
});
