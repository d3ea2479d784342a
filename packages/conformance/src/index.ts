// The conformance suite: runs the same checks on any backend and reports two scores and the failures.
// `@isonet/conformance/vitest` declares the checks as vitest tests.
export type { Case } from './case/case.ts';
export { runCase } from './case/runCase.ts';
export { cases, casesOf } from './cases/table.ts';
export type { Check, Form, Tier, Verdict } from './check/check.ts';
export type { RandomOptions } from './random/index.ts';
export { randomChecks } from './random/index.ts';
export { checks } from './suite/checks.ts';
export type { Status } from './suite/expectations.ts';
export type { DeviceCompatibility, OpCompatibility, OpSupport } from './suite/kernels.ts';
export { compatibility } from './suite/kernels.ts';
export type { Outcome, Report, ReportedDevice, Row, Score, Tally, Wrong } from './suite/report.ts';
export { isWrong, statuses, statusTexts, worstText } from './suite/report.ts';
export type { RunOptions, RunProgress } from './suite/run.ts';
export { runConformance, selected } from './suite/run.ts';
export type { ConformanceSubject } from './suite/subject.ts';
export { coveringSubset } from './suite/subset.ts';
