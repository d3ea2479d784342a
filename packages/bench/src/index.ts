// The face of @isonet/bench.
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
