// What describeConformance refuses, and how it declares checks. That the checks convict is shown in faults.test.ts.
import { expect, it } from 'vitest';
import { declarationOf, timeoutOf } from '../src/suite/expectations.ts';
import type { ConformanceSubject } from '../src/index.ts';
import { checks } from '../src/index.ts';
import { describeConformance, titleOf } from '../src/vitest.ts';

const open = (): Promise<never> => Promise.reject(new Error('never opened'));

it('a known fault must name a check that exists', () => {
  const subject = { name: 'any', open, knownFaults: { 'conv2d/3x4': 'a slip of the pen' } };
  expect(() => describeConformance(subject)).toThrow('knownFaults: there is no check conv2d/3x4');
});

it('a subject that is too slow leaves out the heavy checks, and no others, with its reason', () => {
  const subject: ConformanceSubject = { name: 'any', open, tooSlow: 'a step takes an hour' };
  const all = checks();
  const skipped = all.filter((check) => declarationOf(check, subject).expectation === 'left out');
  expect(skipped).toEqual(all.filter(({ heavy }) => heavy));
  expect(skipped.map((check) => titleOf(check, declarationOf(check, subject)))).toContain(
    'golden/googlenet-xavier-96, left out: a step takes an hour',
  );
});

it('a known fault is expected to fail, and heavy checks get ten times as long', () => {
  const subject: ConformanceSubject = {
    name: 'any',
    open,
    timeoutMs: 5,
    knownFaults: { 'conv2d/3x3': 'issue 7' },
  };
  const known = declarationOf({ key: 'conv2d/3x3' }, subject);
  expect(known).toEqual({ expectation: 'to fail', reason: 'issue 7' });
  expect(titleOf({ key: 'conv2d/3x3' }, known)).toBe('conv2d/3x3, known fault: issue 7');
  const heavy = { key: 'golden/any', heavy: true };
  expect(titleOf(heavy, declarationOf(heavy, subject))).toBe('golden/any');
  expect([timeoutOf({}, subject), timeoutOf({ heavy: true }, subject)]).toEqual([5, 50]);
});
