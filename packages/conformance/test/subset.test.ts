// A covering subset covers every feature, and its title identifies it as a subset.
import { definitionOf, opNames } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { featuresOf } from '../src/case/features.ts';
import type { Case, Check } from '../src/index.ts';
import { casesOf, checks, coveringSubset } from '../src/index.ts';
import { bounded, exact } from '../src/case/case.ts';
import { integers, reals } from '../src/case/data.ts';
import { scenarios } from '../src/contract/index.ts';
import { suiteOf } from '../src/vitest.ts';

const all = checks();
const subset = coveringSubset(all);
const keys = new Set(subset.map(({ key }) => key));
const of = (group: string): readonly Check[] => subset.filter((check) => check.group === group);

describe('a covering subset', () => {
  it('is the same every time, in the order of the suite', () => {
    expect(coveringSubset(checks()).map(({ key }) => key)).toEqual([...keys]);
    expect(all.filter(({ key }) => keys.has(key))).toEqual(subset);
  });

  it.each(opNames)('has %s forward, and backward if it is differentiable', (op) => {
    const chosen = casesOf[op].filter(({ key }) => keys.has(key));
    expect(chosen.some((test) => test.forward().nodes.some((node) => node.op === op))).toBe(true);
    const isDifferentiable = (test: Case): boolean => test.backward() !== undefined;
    expect(chosen.some(isDifferentiable)).toBe(casesOf[op].some(isDifferentiable));
  });

  it.each(opNames.filter((op) => definitionOf(op).kind === 'composite'))('has %s in both forms', (op) => {
    expect(new Set(of(op).map(({ form }) => form))).toEqual(new Set(['native', 'decomposed']));
  });

  it('has every scenario of the contract', () => {
    expect(scenarios.filter(({ key }) => !keys.has(key))).toEqual([]);
  });

  it('has one network against PyTorch, one step of training, and one layer of each kind', () => {
    expect(of('golden').map(({ key }) => key)).toEqual(['golden/nin-xavier-28']);
    expect(of('training')).toHaveLength(1);
    const kinds = of('model').flatMap(({ covers }) => covers?.());
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(new Set(kinds)).toEqual(
      new Set(all.filter(({ group }) => group === 'model').flatMap(({ covers }) => covers?.())),
    );
  });

  it('has no heavy checks', () => {
    expect(subset.filter(({ heavy }) => heavy)).toEqual([]);
    expect(subset.length).toBeLessThan(all.length / 2);
  });
});

describe('the features of a case', () => {
  it('describe the data and the attributes of its op', () => {
    const test = exact('sub/any', { x: integers('x', [3, 3], 0, 4) }, (op, { x }) => op.sub(x, x));
    expect(featuresOf(test)).toEqual(
      expect.arrayContaining([
        'sub: exact',
        'sub: x square',
        'sub: x is above 0',
        'sub: input 1 float32, 2 axes',
        'sub: one value twice',
        'sub: backward, sub',
      ]),
    );
  });

  it('describe the kinds of attribute values, not the values', () => {
    const pooled = (pads: readonly [number, number, number, number]): readonly string[] =>
      featuresOf(
        bounded('avgPool2d/any', { x: reals('x', [1, 1, 5, 5]) }, (op, { x }) =>
          op.avgPool2d(x, { kernel: [3, 3], strides: [1, 1], pads, countPadding: false }),
        ),
      );
    expect(pooled([1, 0, 2, 0])).toEqual(pooled([2, 0, 1, 0]));
    expect(pooled([1, 1, 1, 1])).not.toEqual(pooled([0, 0, 0, 0]));
  });

  it('are empty for a case that tests size', () => {
    const large = exact('sub/large', { x: integers('x', [200, 200]) }, (op, { x }) => op.sub(x, x));
    expect(featuresOf(large)).toEqual([]);
  });
});

describe('a suite', () => {
  it('states in its title that it is a subset', () => {
    expect(suiteOf(all, { subset: 'covering' }, {})).toEqual({
      checks: subset,
      note: `, a covering subset: ${subset.length} of ${all.length} checks`,
    });
  });

  it('is whole by default, and with ISONET_TEST_ALL=1 in the environment', () => {
    const whole = { checks: all, note: '' };
    expect(suiteOf(all, {}, {})).toEqual(whole);
    expect(suiteOf(all, { subset: 'covering' }, { ISONET_TEST_ALL: '1' })).toEqual(whole);
    expect(suiteOf(all, { subset: 'covering' }, { ISONET_TEST_ALL: '' }).checks).toEqual(subset);
  });
});
