// Runs ONNX's own backend tests on a device. The tests themselves are not in this package; Debian's libonnx-testdata contains them.
export type { OnnxCase } from './folder.ts';
export { findOnnxCases } from './folder.ts';
export type { OnnxCaseList, PartlyPassing } from './list.ts';
export { onnxCaseList } from './list.ts';
export type { Prepared, PreparedSet } from './prepare.ts';
export { isFolded, prepareOnnxCase } from './prepare.ts';
export type { OnnxOutcome, OnnxStatus } from './run.ts';
export { differsFromList, runOnnxCase } from './run.ts';
