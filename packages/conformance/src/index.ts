// The conformance suite: one score for any backend, and a list of what is wrong with it.
export type { Case } from './case.ts';
export { cases, casesOf } from './cases/index.ts';
export type { ConformanceSubject } from './contract.ts';
export { roundedToFloat32, withEarlyUpdates, withKernel, wrongKernels } from './faults.ts';
export type { GoldenCase, GoldenFile } from './golden.ts';
export { goldenBatch, goldenParameters } from './golden.ts';
export { readGoldenNin } from './goldenFile.ts';
export { goldenNin } from './goldenNin.ts';
export { runCase } from './runCase.ts';
export { scenarios } from './scenarios/index.ts';
export { checks, describeConformance } from './suite.ts';
export type { Check, Verdict } from './verdict.ts';
