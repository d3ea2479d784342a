// The public API of @isonet/bench.
export type { BenchContext } from './candidates/find.ts';
export { serveCandidate } from './candidates/isonet.ts';
export type { StopRequest } from './candidates/process.ts';
export { isQuiet } from './measure/load.ts';
export type { BenchOptions } from './options.ts';
export { RATIO_ROUNDS, WORKS } from './options.ts';
export type { Change, ComparedCandidate, ComparedMeasurement, Comparison } from './compare.ts';
export { compareReports } from './compare.ts';
export { checkPlotter, plotReport } from './plot/plotReport.ts';
export type { NetworkFile, NetworkNode, NetworkState } from './network.ts';
export { networkFile } from './network.ts';
export type {
  Answers,
  Checked,
  CheckRequest,
  Closed,
  CloseRequest,
  Failed,
  Opened,
  OpenRequest,
  OptimizerSettings,
  ProductRequest,
  Request,
  RunRequest,
  Timed,
} from './protocol.ts';
export { parseReport, readReport } from './readReport.ts';
export type {
  BenchReport,
  CandidateResult,
  Interval,
  Machine,
  Measurement,
  MissingCandidate,
  Work,
} from './report.ts';
export type { Located, Rival } from './rivals/index.ts';
export { findRival, rivals } from './rivals/index.ts';
export type { BenchListener, BenchOutcome, BenchProgress } from './runBench.ts';
export { runBench } from './runBench.ts';
export type { Scale, ScaleResult, ScaleRow } from './scale.ts';
export { describeScale } from './scale.ts';
export {
  BUSY_SHARE,
  bytesText,
  durationText,
  fewestRounds,
  figureText,
  intervalName,
  isBusy,
  measurementTitle,
} from './texts.ts';
