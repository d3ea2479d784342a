// The list of ONNX's backend tests that must pass on every device, and the reason why each other case does not pass
// everywhere.
import { readFileSync } from 'node:fs';

/** Every case of ONNX 1.12, as in Debian's libonnx-testdata. All keys are sorted. */
export interface OnnxCaseList {
  /** Keys of the cases that every device passes. */
  readonly passing: readonly string[];
  /** Keys of cases that pass without a device: all of their nodes are computed while the graph is built. */
  readonly folded: readonly string[];
  /** Cases that the devices of some backends fail and all other devices pass, by key. */
  readonly partly: Readonly<Record<string, PartlyPassing>>;
  /** For each operator, the key of a passing case that contains it, preferably a case that runs on a device. */
  readonly operators: Readonly<Record<string, string>>;
  /** Why each of the other cases does not pass, by key. */
  readonly rest: Readonly<Record<string, string>>;
}

/** The backends that fail a case, and why. */
export interface PartlyPassing {
  /** The names of the backends. */
  readonly failsOn: readonly string[];
  readonly reason: string;
}

/** Returns the list of this version of the package. */
export function onnxCaseList(): OnnxCaseList {
  return JSON.parse(readFileSync(new URL('../cases.json', import.meta.url), 'utf8')) as OnnxCaseList;
}
