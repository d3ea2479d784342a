// That every case has power: each fault that can be planted in what it expects takes it more than ten bounds away. And that
// what has none is rejected.
import { opNames } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import type { Case, Power } from '../src/index.ts';
import { cases, checks, coveringSubset, power, powerReport } from '../src/index.ts';
import { rejection } from './mutation/score.ts';
import { bounded, exact } from '../src/case/case.ts';
import { plain } from '../src/cases/convolutions.ts';
import { flat, integers, reals } from '../src/case/data.ts';
import { faultsOf } from '../src/cases/table.ts';

const known = new Map<Case, Promise<Power>>();

/** Of each case once, whichever test asks first. */
function powerOf(test: Case): Promise<Power> {
  const found = known.get(test) ?? power(test);
  known.set(test, found);
  return found;
}

function named(key: string): Case {
  const found = cases.find((test) => test.key === key);
  if (!found) throw new Error(`there is no case ${key}`);
  return found;
}

const long = bounded(
  'conv2d/long',
  { x: reals('x', [1, 1536, 2, 2]), w: reals('w', [2, 1536, 1, 1]) },
  (op, { x, w }) => op.conv2d(x, w, plain),
);

describe('every case would notice the faults that can be seen in it', () => {
  it.each(cases.map((test) => [test.key, test] as const))('%s', async (_, test) => {
    expect(rejection(await powerOf(test))).toBeUndefined();
  });
});

describe('every fault', () => {
  const planted = opNames.flatMap((op) => faultsOf(op).map(({ name }) => `${op}: ${name}`));

  it('has an op, and each op has one', () => {
    expect(opNames.filter((op) => faultsOf(op).length === 0)).toEqual([]);
  });

  it('is caught by some case of its op', async () => {
    expect(await uncaught(cases)).toEqual([]);
  });

  it('is caught by some case of a covering subset', async () => {
    const keys = new Set(coveringSubset(checks()).map(({ key }) => key));
    expect(await uncaught(cases.filter(({ key }) => keys.has(key)))).toEqual([]);
  });

  async function uncaught(chosen: readonly Case[]): Promise<readonly string[]> {
    const powers = await Promise.all(chosen.map(powerOf));
    const caught = new Set(powers.flatMap(({ faults }) => faults.map(({ name }) => name)));
    return planted.filter((name) => !caught.has(name));
  }
});

describe('what is no case', () => {
  it('sums of zeros: a tap more or less is nothing', async () => {
    const zeros = exact(
      'conv2d/zeros',
      { x: flat([1, 2, 4, 4], 0), w: integers('w', [3, 2, 3, 3]) },
      (op, { x, w }) => op.conv2d(x, w, plain),
    );
    const found = await power(zeros);
    expect(rejection(found)).toMatch(
      /^conv2d\/zeros is no case: it would not notice .*"conv2d: a dropped tap" \(0\.0 bounds\)/,
    );
    expect(found.caught).toBeLessThan(found.planted);
    expect(found.least).toBe(0);
  });

  it('long sums of real numbers: half the bits may be lost', async () => {
    const { least, ...found } = await power(long);
    expect(rejection({ least, ...found })).toMatch(
      /would not notice .*"conv2d: inputs in TF32" \(0\.\d+ bounds\)/,
    );
    expect(least).toBeLessThan(1);
  });

  it('where nothing can be seen at all', async () => {
    const silent = exact('reshape/zeros', { x: flat([2, 3], 0) }, (op, { x }) =>
      op.stopGradient(op.reshape(x, { shape: [6] })),
    );
    expect(rejection(await power(silent))).toBe('reshape/zeros is no case: no fault can be seen in it');
  });
});

describe('a fault is not planted', () => {
  it.each([
    ['conv2d/3x3', 'conv2d: inputs in TF32', 'no operand has more than 11 bits'],
    ['conv2d/3x3', 'conv2d: exchanged groups', 'there is one group'],
    ['conv2d/1x1-one-pixel', 'conv2d: a shifted row', 'all rows are alike'],
    ['maxPool2d/2x2', 'maxPool2d: padding by zeros', 'there is no padding'],
    ['maxPool2d/few-values', 'maxPool2dGrad: a shifted row', undefined],
    ['maxPool2d/3x3-stride-2', 'maxPool2dGrad: the last maximum', 'no window has two maxima'],
    ['avgPool2d/window-covers-image', 'avgPool2d: a shifted row', 'every window holds all rows'],
    ['softmax/rows', 'softmax: the maximum is not taken off', 'no exponential overflows'],
    ['transpose/matrix', 'transpose: the inverse permutation', 'it is its own inverse'],
    ['batchNorm/only-statistics', 'batchNorm: bias is forgotten', 'what it changes is not read'],
    ['batchNorm/far-from-0', 'y0: in bf16', 'all numbers of a feed are alike in their leading digits'],
    ['max/ties-go-to-x', 'y0: in bf16', 'no value has more than 8 bits'],
  ])('in %s "%s": %s', async (key, name, reason) => {
    const { faults, unseen } = await powerOf(named(key));
    expect(unseen.find((fault) => fault.name === name)?.reason).toBe(reason);
    expect(faults.some((fault) => fault.name === name)).toBe(reason === undefined);
  });
});

describe('the report', () => {
  it('counts what was planted and caught, and names what is weak', async () => {
    const report = await powerReport([named('conv2d/3x3'), named('exp/scalar'), long]);
    const powers = await Promise.all([named('conv2d/3x3'), named('exp/scalar'), long].map(powerOf));
    expect(report).toMatchObject({
      cases: 3,
      planted: powers.reduce((sum, { planted }) => sum + planted, 0),
      caught: powers.reduce((sum, { caught }) => sum + caught, 0),
      rejected: [expect.stringMatching(/^conv2d\/long is no case/)],
    });
    expect(report.caught).toBeLessThan(report.planted);
    expect(report.least).toMatchObject({ key: 'conv2d/long' });
  });
});
