// The grid covers every pair of values as well as windows entirely in the padding, and covering arrays cover every
// pair.
import type { Conv2dAttrs, Pair } from '@isonet/core';
import { sizeOf, typeOf } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import type { Case } from '../src/index.ts';
import { casesOf } from '../src/index.ts';
import { covering } from '../src/case/covering.ts';
import type { Windows } from './mutation/geometry.ts';
import { contacts, extentOf } from './mutation/geometry.ts';

const factors = {
  a: ['p', 'q', 'r', 's'],
  b: [0, 1, 2],
  c: [0, 1, 2],
  d: [false, true],
  e: ['x', 'y', 'z'],
};

/** Returns the number of combinations of values of these factors that occur in the rows. */
function occurring<R extends object>(rows: readonly R[], names: readonly (keyof R)[]): number {
  return new Set(rows.map((row) => JSON.stringify(names.map((name) => row[name])))).size;
}

describe('a covering array', () => {
  const rows = covering(factors);
  const names = ['a', 'b', 'c', 'd', 'e'] as const;
  const pairs = names.flatMap((first, i) => names.slice(i + 1).map((second) => [first, second] as const));

  it.each(pairs)('has every pair of %s and %s', (first, second) => {
    expect(occurring(rows, [first, second])).toBe(factors[first].length * factors[second].length);
  });

  it('has few rows: the two largest factors alone need 12, the product has 216', () => {
    expect(rows.length).toBeLessThanOrEqual(15);
  });

  it('has every combination of factors that are grouped', () => {
    const three = covering(factors, [['b', 'c', 'e']]);
    expect(occurring(three, ['b', 'c', 'e'])).toBe(27);
    expect(occurring(rows, ['b', 'c', 'e'])).toBeLessThan(27);
    expect(three.length).toBeLessThanOrEqual(29);
  });

  it('uses all levels about equally', () => {
    const uses = factors.a.map((level) => rows.filter(({ a }) => a === level).length);
    expect(Math.max(...uses) - Math.min(...uses)).toBeLessThanOrEqual(2);
  });

  it('is the same every time', () => {
    expect(covering(factors)).toEqual(rows);
  });

  it('of one factor has each value once', () => {
    expect(covering({ a: [3, 5, 7] })).toEqual([{ a: 3 }, { a: 5 }, { a: 7 }]);
  });
});

interface Convolution {
  readonly key: string;
  readonly judged: Case['judged'];
  readonly attrs: Conv2dAttrs;
  /** Height and width. */
  readonly kernel: Pair;
  readonly windows: Windows;
  /** The number of terms in the longest sum of the forward pass and of the filter's gradient. */
  readonly terms: number;
}

function convolutionOf(test: Case): Convolution {
  const { key, judged } = test;
  const graph = test.forward();
  const node = graph.nodes.find((each) => each.op === 'conv2d');
  if (!node) throw new Error(`${key} has no convolution`);
  const [x = [], w = [], y = []] = [...node.inputs, ...node.outputs].map(
    (value) => typeOf(graph, value).shape,
  );
  const { attrs } = node;
  const kernel = extentOf(w);
  const windows = { ...attrs, kernel, image: extentOf(x), windows: extentOf(y) };
  return {
    key,
    judged,
    attrs,
    kernel,
    windows,
    terms: Math.max(sizeOf(w.slice(1)), sizeOf(y) / (y[1] ?? 1)),
  };
}

describe('the grid of convolutions', () => {
  const all = casesOf.conv2d.filter(({ key }) => key.startsWith('conv2d/grid-')).map(convolutionOf);
  const exact = all.filter(({ judged }) => judged === 'exact');

  it('has each kernel with each stride and dilation', () => {
    const met = exact.map(({ kernel, attrs }) => [kernel, attrs.strides, attrs.dilations].join(' '));
    expect(new Set(met).size).toBe(6 * 4 * 3);
  });

  it('has each grouping, including depthwise, with each stride', () => {
    const met = exact.map(({ attrs: { groups, strides } }) => `${groups} ${strides.join()}`);
    expect(new Set(met).size).toBe(3 * 4);
  });

  it('has windows that lie entirely in the padding, with each stride and dilation', () => {
    const inPadding = exact.filter(({ windows }) =>
      ([0, 1] as const).some(
        (axis) => new Set(contacts(axis, windows).map(({ window }) => window)).size < windows.windows[axis],
      ),
    );
    const met = inPadding.map(({ attrs: { strides, dilations } }) => `${strides.join()} ${dilations.join()}`);
    expect(new Set(met).size).toBe(4 * 3);
  });

  it('has no geometry in which all windows lie in the padding', () => {
    const nothing = all.filter(({ windows }) =>
      ([0, 1] as const).some((axis) => contacts(axis, windows).length === 0),
    );
    expect(nothing).toEqual([]);
  });

  it('has real numbers only in sums of at most 64 terms', () => {
    const reals = all.filter(({ judged }) => judged === 'bounded');
    expect(reals.length).toBeGreaterThan(5);
    expect(reals.filter(({ terms }) => terms > 64)).toEqual([]);
  });

  it('is small enough for a slow device', () => {
    expect(all.length).toBeLessThan(90);
  });

  it('encodes the geometry in a stable key', () => {
    const { key, attrs, kernel } = exact[11] ?? { key: 'none' };
    expect(key).toBe('conv2d/grid-k5x2-s1x1-p9.0.0.2-d2x1-g2-3x4x11x7-to-6');
    expect(kernel).toEqual([5, 2]);
    expect(attrs).toEqual({ strides: [1, 1], pads: [9, 0, 0, 2], dilations: [2, 1], groups: 2 });
  });
});

describe('the grid of pools', () => {
  const poolsOf = (op: 'maxPool2d' | 'avgPool2d'): readonly string[] =>
    casesOf[op].map(({ key }) => key).filter((key) => key.startsWith(`${op}/grid-`));

  it.each(['maxPool2d', 'avgPool2d'] as const)('%s: has each kernel with each stride', (op) => {
    const met = poolsOf(op).map((key) => /grid-(k\dx\d-s\dx\d)-/.exec(key)?.[1]);
    expect(new Set(met).size).toBe(6 * 4);
    expect(met.length).toBeLessThan(30);
  });

  it('maxPool2d: has ties and values above and below 0, with each stride', () => {
    const met = poolsOf('maxPool2d').map((key) => /-(s\dx\d)-.*\dx\d+-(.*)$/.exec(key)?.slice(1).join(' '));
    expect(new Set(met).size).toBe(4 * 3);
  });

  it('avgPool2d: has both values of countPadding, with asymmetric pads', () => {
    const padded = poolsOf('avgPool2d').filter((key) => /-p0\.[1-9]/.test(key));
    expect(padded.some((key) => key.endsWith('-counted'))).toBe(true);
    expect(padded.some((key) => !key.endsWith('-counted'))).toBe(true);
  });
});
