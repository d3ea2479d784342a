// Which of ONNX's backend tests have to pass on every device, by name, and why the rest does not.
import { readFileSync } from 'node:fs';

/** The list: every case of ONNX 1.12, as Debian's libonnx-testdata has them. All keys are sorted. */
export interface OnnxCaseList {
  /** Keys of the cases that every device passes. */
  readonly passing: readonly string[];
  /** Keys of cases that pass too, and ask the reader alone: all of their nodes are computed while the graph is built. */
  readonly folded: readonly string[];
  /** Cases that all devices pass but those of some backends, by key. */
  readonly partly: Readonly<Record<string, PartlyPassing>>;
  /** By operator, the key of a case that has it and passes: one on a device where there is one. */
  readonly operators: Readonly<Record<string, string>>;
  /** Why the others do not, by key. */
  readonly rest: Readonly<Record<string, string>>;
}

/** Which backends do not pass a case, and why. */
export interface PartlyPassing {
  /** Their names. */
  readonly failsOn: readonly string[];
  readonly reason: string;
}

/** The list of this version of the suite. */
export function onnxCaseList(): OnnxCaseList {
  return JSON.parse(readFileSync(new URL('../../onnxCases.json', import.meta.url), 'utf8')) as OnnxCaseList;
}
