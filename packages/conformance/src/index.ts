// The conformance suite: one score for any backend, and a list of what is wrong with it.
export type { Case } from './case.ts';
export { cases, casesOf } from './cases/index.ts';
export type { ConformanceSubject } from './contract.ts';
export {
  erfByFiveTerms,
  roundedToFloat32,
  withEarlyUpdates,
  withKernel,
  wrongKernels,
} from './faults/index.ts';
export type { GoldenCase, GoldenFile, GoldenModel } from './golden.ts';
export { goldenBatch, goldenParameters } from './golden.ts';
export { goldenChecks } from './goldenChecks.ts';
export { readGolden } from './goldenFile.ts';
export { runCase } from './runCase.ts';
export { scenarios } from './scenarios/index.ts';
export { checks } from './checks.ts';
export { describeConformance } from './suite.ts';
export type { Check, Form, Tier, Verdict } from './verdict.ts';
