// The conformance suite: one score for any backend, and a list of what is wrong with it. As tests of vitest it is in
// `@isonet/conformance/vitest`. Needs Node: PyTorch's numbers are read from files.
export type { Case } from './case.ts';
export { cases, casesOf } from './cases/table.ts';
export type { ConformanceSubject } from './contract.ts';
export { withKernel, wrongKernels } from './faults/index.ts';
export { runCase } from './runCase.ts';
export { checks } from './checks.ts';
export type { Status } from './declaration.ts';
export { reportHtml } from './report/html.ts';
export type { Outcome, Report, ReportedDevice, Row, Tally, Wrong } from './report/report.ts';
export { isWrong, statusTexts, worstText } from './report/report.ts';
export type { RunOptions, RunProgress } from './run.ts';
export { runConformance, selected } from './run.ts';
export { coveringSubset } from './subset.ts';
export type { Check, Curves, Form, Tier, Verdict } from './verdict.ts';
export type { RandomOptions } from './random/index.ts';
export { randomChecks } from './random/index.ts';
export type { PlantedFault, Power, PowerReport, UnseenFault } from './power.ts';
export { power, powerReport } from './power.ts';
export type { DeviceCompatibility, OpCompatibility, OpSupport } from './compatibility/measure.ts';
export { compatibility } from './compatibility/measure.ts';
export { compatibilityPage } from './compatibility/page.ts';
export type { OpRoom } from './compatibility/rooms.ts';
export { opRooms, opsOfRoom } from './compatibility/rooms.ts';
