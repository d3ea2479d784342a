// What describeConformance refuses, and how it declares checks. That the checks convict is shown in faults.test.ts.
import { expect, it } from 'vitest';
import type { ConformanceSubject } from '../src/index.ts';
import { checks, describeConformance } from '../src/index.ts';
import { declaration } from '../src/suite.ts';

const open = (): Promise<never> => Promise.reject(new Error('never opened'));

it('a known fault must name a check that exists', () => {
  const subject = { name: 'any', open, knownFaults: { 'conv2d/3x4': 'a slip of the pen' } };
  expect(() => describeConformance(subject)).toThrow('knownFaults: there is no check conv2d/3x4');
});

it('a subject that is too slow leaves out the heavy checks, and no others, with its reason', () => {
  const subject: ConformanceSubject = { name: 'any', open, tooSlow: 'a step takes an hour' };
  const skipped = checks()
    .map((check) => declaration(check, subject))
    .filter(({ expectation }) => expectation !== 'to pass');
  expect(skipped).toEqual([
    {
      title: 'golden/googlenet-xavier-96, left out: a step takes an hour',
      expectation: 'left out',
      timeout: 600_000,
    },
  ]);
});

it('a known fault is expected to fail, and heavy checks get ten times as long', () => {
  const subject: ConformanceSubject = {
    name: 'any',
    open,
    timeoutMs: 5,
    knownFaults: { 'conv2d/3x3': 'issue 7' },
  };
  expect(declaration({ key: 'conv2d/3x3' }, subject)).toEqual({
    title: 'conv2d/3x3, known fault: issue 7',
    expectation: 'to fail',
    timeout: 5,
  });
  expect(declaration({ key: 'golden/any', heavy: true }, subject)).toEqual({
    title: 'golden/any',
    expectation: 'to pass',
    timeout: 50,
  });
});
