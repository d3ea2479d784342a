// The mutation score: every case kills all of its mutants that are not equivalent.
import { opNames } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import type { Case } from '../src/index.ts';
import { cases, checks, coveringSubset, runCase } from '../src/index.ts';
import { bounded, exact } from '../src/case/case.ts';
import { flat, integers, reals } from '../src/case/data.ts';
import { plain } from '../src/cases/convolutions.ts';
import { mutatedDevice } from './mutation/device.ts';
import type { CaseScore } from './mutation/score.ts';
import { mutationScore, scoreOf, weaknessOf } from './mutation/score.ts';
import { mutants } from './mutation/table.ts';

const scores = new Map<Case, Promise<CaseScore>>();

/** Returns the score of a case, computed once. */
function score(test: Case): Promise<CaseScore> {
  const found = scores.get(test) ?? scoreOf(test);
  scores.set(test, found);
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

describe('every mutant that is not equivalent is killed in', () => {
  it.each(cases.map((test) => [test.key, test] as const))('%s', async (_, test) => {
    expect(weaknessOf(await score(test))).toBeUndefined();
  });
});

it('there are no fewer cases and mutants than before', async () => {
  const total = mutationScore(await Promise.all(cases.map(score)));
  expect(total.cases).toBeGreaterThanOrEqual(782);
  expect(total.killed).toBeGreaterThanOrEqual(7620);
  expect(total.killed).toBe(total.mutants);
});

describe('every mutant', () => {
  it('has a unique name, and every op has mutants', () => {
    expect(new Set(mutants.map(({ fullName }) => fullName)).size).toBe(mutants.length);
    expect(opNames.filter((op) => !mutants.some((mutant) => mutant.op === op))).toEqual([]);
  });

  it('is killed by a case', async () => {
    expect(await survivors(cases)).toEqual([]);
  });

  it('is killed by a case of the covering subset, except those that only one case kills', async () => {
    const keys = new Set(coveringSubset(checks()).map(({ key }) => key));
    expect(await survivors(cases.filter(({ key }) => keys.has(key)))).toEqual([
      'adamUpdate: epsilon inside the square root',
      'leakyRelu: max(x, alpha x)',
      'logSoftmax: the logarithm of softmax',
      'reduceSum: no axes taken for all axes',
    ]);
  });

  async function survivors(chosen: readonly Case[]): Promise<readonly string[]> {
    const all = await Promise.all(chosen.map(score));
    const killed = new Set(all.flatMap((each) => each.mutants.map(({ name }) => name)));
    return mutants.map(({ fullName }) => fullName).filter((name) => !killed.has(name));
  }

  it.each(mutants)('$fullName makes a device that fails every case that kills it', async ({ fullName }) => {
    const device = await mutatedDevice(fullName);
    const passing: string[] = [];
    for (const test of cases) {
      const { mutants: own } = await score(test);
      const isKilled = own.some(({ name, killed }) => killed && name === fullName);
      if (isKilled && (await runCase(device, test)).passed) passing.push(test.key);
    }
    expect(passing).toEqual([]);
  });
});

describe('a case is too weak', () => {
  it('if it sums zeros: a tap more or less changes nothing', async () => {
    const zeros = exact(
      'conv2d/zeros',
      { x: flat([1, 2, 4, 4], 0), w: integers('w', [3, 2, 3, 3]) },
      (op, { x, w }) => op.conv2d(x, w, plain),
    );
    const found = await score(zeros);
    expect(weaknessOf(found)).toMatch(
      /^conv2d\/zeros does not kill .*"conv2d: a dropped tap" \(0\.0 bounds\)/,
    );
    expect(mutationScore([found])).toMatchObject({ weakest: { distance: 0, killed: false } });
  });

  it('if it sums many real numbers: half of their bits may be lost', async () => {
    const found = await score(long);
    expect(weaknessOf(found)).toMatch(/"conv2d: inputs in TF32" \(0\.\d+ bounds\)/);
  });

  it('if all of its mutants are equivalent', async () => {
    const silent = exact('reshape/zeros', { x: flat([2, 3], 0) }, (op, { x }) =>
      op.stopGradient(op.reshape(x, { shape: [6] })),
    );
    expect(weaknessOf(await score(silent))).toBe('reshape/zeros has no mutant that is not equivalent');
  });
});

describe('an equivalent mutant has a reason', () => {
  it.each([
    ['conv2d/3x3', 'conv2d: inputs in TF32', 'no operand has more than 11 bits'],
    ['conv2d/3x3', 'conv2d: filters of the next group', 'there is one group'],
    ['conv2d/1x1-one-pixel', 'conv2d: a shifted row', 'all rows are alike'],
    ['maxPool2d/2x2', 'maxPool2d: zero padding', 'there is no padding'],
    ['maxPool2d/few-values', 'maxPool2dGrad: a shifted row', undefined],
    ['maxPool2d/3x3-stride-2', 'maxPool2dGrad: the last maximum', 'no window has two maxima'],
    ['avgPool2d/window-covers-image', 'avgPool2d: a shifted row', 'every window holds all rows'],
    ['softmax/rows', 'softmax: the maximum is not subtracted', 'no exponential overflows'],
    ['transpose/matrix', 'transpose: the inverse permutation', 'it is its own inverse'],
    ['batchNorm/only-statistics', 'batchNorm: bias ignored', 'nothing reads its changes'],
    ['batchNorm/far-from-0', 'y0: in bf16', 'all values of a feed share their leading digits'],
    ['max/ties-go-to-x', 'y0: in bf16', 'no value has more than 8 bits'],
  ])('in %s "%s": %s', async (key, name, reason) => {
    const { mutants: own, equivalent } = await score(named(key));
    expect(equivalent.find((mutant) => mutant.name === name)?.reason).toBe(reason);
    expect(own.some((mutant) => mutant.name === name)).toBe(reason === undefined);
  });
});

it('the score of many cases counts their mutants, and names the weakest', async () => {
  const all = await Promise.all([named('conv2d/3x3'), named('exp/scalar'), long].map(score));
  const total = mutationScore(all);
  expect(total).toMatchObject({
    cases: 3,
    mutants: all.reduce((sum, each) => sum + each.mutants.length, 0),
    equivalent: all.reduce((sum, each) => sum + each.equivalent.length, 0),
    weakest: { key: 'conv2d/long', killed: false },
    weaknesses: [expect.stringMatching(/^conv2d\/long does not kill/)],
  });
  expect(total.killed).toBe(
    total.mutants - all.flatMap((each) => each.mutants).filter(({ killed }) => !killed).length,
  );
});
