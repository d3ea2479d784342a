// describeConformance rejects invalid options, and declares checks by their expectations.
// mutatedDevices.test.ts shows that checks can fail.
import { expect, it } from 'vitest';
import { expectationOf, timeoutOf } from '../src/suite/expectations.ts';
import type { ConformanceSubject } from '../src/index.ts';
import { checks } from '../src/index.ts';
import { describeConformance, titleOf } from '../src/vitest.ts';

const open = (): Promise<never> => Promise.reject(new Error('never opened'));

it('rejects an unknown key of xfail', () => {
  const subject = {
    name: 'any',
    open,
    xfail: { 'conv2d/3x4': 'a typo', 'nothing/like-any-key-there-is': '' },
  };
  expect(() => describeConformance(subject)).toThrow(
    'xfail: unknown check conv2d/3x4 (did you mean conv2d/3x3?), nothing/like-any-key-there-is; correct the key or remove it',
  );
});

it('skips the heavy checks, and no others, with the reason', () => {
  const subject: ConformanceSubject = { name: 'any', open, skipHeavy: 'a step takes an hour' };
  const all = checks();
  const skipped = all.filter((check) => expectationOf(check, subject).outcome === 'skip');
  expect(skipped).toEqual(all.filter(({ heavy }) => heavy));
  expect(skipped.map((check) => titleOf(check, expectationOf(check, subject)))).toContain(
    'golden/googlenet-xavier-96, skipped: a step takes an hour',
  );
});

it('expects a listed check to fail, and multiplies the time limit of heavy checks by ten', () => {
  const subject: ConformanceSubject = {
    name: 'any',
    open,
    timeoutMs: 5,
    xfail: { 'conv2d/3x3': 'issue 7' },
  };
  const known = expectationOf({ key: 'conv2d/3x3' }, subject);
  expect(known).toEqual({ outcome: 'xfail', reason: 'issue 7' });
  expect(titleOf({ key: 'conv2d/3x3' }, known)).toBe('conv2d/3x3, xfail: issue 7');
  const heavy = { key: 'golden/any', heavy: true };
  expect(titleOf(heavy, expectationOf(heavy, subject))).toBe('golden/any');
  expect([timeoutOf({}, subject), timeoutOf({ heavy: true }, subject)]).toEqual([5, 50]);
});
