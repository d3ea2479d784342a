// Tests `compatibility` on devices that decompose or refuse ops, in all cases or only in some.
import { reference } from '@isonet/backend-reference';
import type { Device, Graph } from '@isonet/core';
import { UnsupportedOpError } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { compatibility } from '../src/index.ts';

/** Returns the reference, except that its programs report the graph that `graphOf` returns. */
async function device(graphOf: (source: Graph, legal: Graph) => Graph): Promise<Device> {
  const inner = await reference.open();
  return {
    info: inner.info,
    numerics: inner.numerics,
    lost: inner.lost,
    createState: (values) => inner.createState(values),
    compile: async (graph, options) => {
      const program = await inner.compile(graph, options);
      return {
        graph: graphOf(graph, program.graph),
        plan: program.plan,
        run: (state, feeds) => program.run(state, feeds),
        [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}

describe('compatibility', () => {
  it('distinguishes kernels from decompositions by the graph of the program', async () => {
    await using own = await reference.open();
    const { name, ops } = await compatibility('mine (cpu)', own, ['exp', 'relu']);
    expect(name).toBe('mine (cpu)');
    expect(ops).toEqual([
      { op: 'exp', support: 'native', notes: [] },
      { op: 'relu', support: 'decomposed', notes: [] },
    ]);
    await using native = await device((source) => source);
    expect((await compatibility('native', native, ['relu'])).ops).toEqual([
      { op: 'relu', support: 'native', notes: [] },
    ]);
  });

  it('names the cases without a kernel', async () => {
    await using some = await device((source, legal) => (source.name === 'relu/scalars' ? legal : source));
    expect((await compatibility('some', some, ['relu'])).ops).toEqual([
      { op: 'relu', support: 'partly', notes: ['relu/scalars: decomposed'] },
    ]);
  });

  it('reports the reason for a refusal and rethrows any other error', async () => {
    await using refusing = await device((source) => {
      if (source.name !== 'exp/around-0') return source;
      const reason = 'no transcendental functions';
      throw new UnsupportedOpError('refused', [{ node: 'exp', op: 'exp', reason }]);
    });
    expect((await compatibility('refusing', refusing, ['exp'])).ops).toEqual([
      { op: 'exp', support: 'refused', notes: ['exp/around-0: no transcendental functions'] },
    ]);
    await using broken = await device(() => {
      throw new Error('a driver reset');
    });
    await expect(compatibility('broken', broken, ['exp'])).rejects.toThrow('a driver reset');
  });
});
