// The cases themselves are sound: their keys are stable, and exact cases produce the same bits for any order of
// summation.
import { GraphBuilder, opNames } from '@isonet/core';
import { describe, expect, it, vi } from 'vitest';
import type * as Entries from '../src/cases/index.ts';
import { cases, casesOf, checks } from '../src/index.ts';
import { flat } from '../src/case/data.ts';
import { inexactness } from './exactness.ts';

describe('keys', () => {
  it('are unique', () => {
    const keys = checks().map(({ key }) => key);
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  });

  it.each(opNames)('%s has cases with keys of that name', (op) => {
    expect(casesOf[op].length).toBeGreaterThan(0);
    expect(casesOf[op].filter(({ key }) => !key.startsWith(`${op}/`))).toEqual([]);
  });
});

describe('an op without an entry', () => {
  it('is reported with its name and the fix', async () => {
    vi.resetModules();
    vi.doMock('../src/cases/index.ts', async (importOriginal) => {
      const { relu, ...others } = await importOriginal<typeof Entries>();
      expect(relu.cases.length).toBeGreaterThan(0);
      return others;
    });
    await expect(import('../src/cases/table.ts')).rejects.toThrow(
      'relu has no cases: export them from packages/conformance/src/cases/index.ts, then run npx tsc -b',
    );
    vi.doUnmock('../src/cases/index.ts');
  });
});

describe('exact cases', () => {
  const exact = cases.filter(({ judged }) => judged === 'exact').map((test) => [test.key, test] as const);

  it.each(exact)('%s', async (_, test) => {
    expect(inexactness(test.backward() ?? test.forward(), test.feeds)).toEqual([]);
  });

  it.each([
    ['a value that float32 rounds', 3, 0.1, /%\d+ is not a float32 value/],
    ['a sum that is too long', 2 ** 12, 2 ** 11, /conv2d "any" sums up to 25165824/],
  ])('would be reported with %s', async (_, x, w, message) => {
    const b = new GraphBuilder('any');
    const image = b.input('x', { dtype: 'float32', shape: [1, 3, 1, 1] });
    const filter = b.input('w', { dtype: 'float32', shape: [1, 3, 1, 1] });
    const plain = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 } as const;
    b.output(
      'y',
      b.within({ layer: 'any' }, () => b.op.conv2d(image, filter, plain)),
    );
    const feeds = { x: flat([1, 3, 1, 1], x), w: flat([1, 3, 1, 1], w) };
    expect(inexactness(b.build(), feeds).join('; ')).toMatch(message);
  });
});
