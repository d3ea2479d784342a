// Compares the decomposition of every composite with its formula. Backends are compared with the decompositions, so
// no other test would notice a decomposition that computes a different function.
import type { AttrsOf, OpName, Tensor, Value } from '@isonet/core';
import { declaredType, defined, definitionOf, float32, GraphBuilder, opNames } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { compare } from '../src/check/compare.ts';
import { casesOf } from '../src/index.ts';
import { formulaOf } from './formulas/table.ts';
import { at, evaluate } from './mutation/evaluate.ts';

/**
 * Decomposes composites as they are emitted. Turns constants into inputs fed in float64, since a graph's constants
 * are float32.
 */
class Decomposing extends GraphBuilder {
  readonly feeds: Record<string, Tensor> = {};
  readonly #constants = new Map<number, Value>();

  feed(name: string, data: Tensor): Value {
    this.feeds[name] = data;
    return this.input(name, declaredType(data));
  }

  override scalar(constant: number): Value {
    const data: Tensor = { dtype: 'float64', shape: [], data: Float64Array.of(constant) };
    const value = this.#constants.get(constant) ?? this.feed(`constant ${constant}`, data);
    this.#constants.set(constant, value);
    return value;
  }

  override emit(op: OpName, inputs: readonly Value[], attrs: AttrsOf<OpName>): readonly Value[] {
    const definition = definitionOf(op);
    if (definition.kind === 'primitive') return super.emit(op, inputs, attrs);
    return definition.decompose(this, inputs, attrs);
  }
}

function decomposed(op: OpName, inputs: readonly Tensor[], attrs: AttrsOf<OpName>): readonly Tensor[] {
  const b = new Decomposing(op);
  const outputs = b.emit(
    op,
    inputs.map((x, i) => b.feed(String(i), x)),
    attrs,
  );
  outputs.forEach((output, i) => b.output(String(i), output));
  const graph = b.build();
  const values = evaluate(graph, b.feeds);
  return graph.outputs.map(({ value }) => at(values, value));
}

/** Returns the first value of each output at which the decomposition of a composite differs from its formula. */
function differences(op: OpName, inputs: readonly Tensor[], attrs: AttrsOf<OpName>): readonly string[] {
  const formula = defined(formulaOf(op), `the formula of ${op}`);
  const operands = inputs.map(({ shape, data }) => ({ shape, data: Array.from<number>(data) }));
  const expected = formula(operands, attrs);
  const results = decomposed(op, inputs, attrs);
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

describe('the decomposition of a composite computes its formula', () => {
  const composites = opNames.filter((op) => definitionOf(op).kind === 'composite');

  it.each(composites.flatMap((op) => casesOf[op].map((test) => [test.key, op, test] as const)))(
    '%s',
    (_, op, test) => {
      const graph = test.forward();
      const values = evaluate(graph, test.feeds);
      const nodes = graph.nodes.filter((node) => formulaOf(node.op));
      expect(nodes.map((node) => node.op)).toContain(op);
      for (const node of nodes) {
        const inputs = node.inputs.map((value) => at(values, value));
        expect(differences(node.op, inputs, node.attrs)).toEqual([]);
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
  ])('%s', (op, attrs) => {
    const x = float32([11], [-30, -4, -2.5, -1, -0.25, 0, 0.25, 1, 2.5, 4, 30]);
    expect(differences(op, [x], attrs)).toEqual([]);
  });
});
