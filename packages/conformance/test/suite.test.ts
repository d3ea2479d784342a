// What describeConformance refuses. That its checks convict is shown in faults.test.ts.
import { expect, it } from 'vitest';
import { describeConformance } from '../src/index.ts';

it('a known fault must name a check that exists', () => {
  const open = (): Promise<never> => Promise.reject(new Error('never opened'));
  const subject = { name: 'any', open, knownFaults: { 'conv2d/3x4': 'a slip of the pen' } };
  expect(() => describeConformance(subject)).toThrow('knownFaults: there is no check conv2d/3x4');
});
