// Which of ONNX's backend tests have to pass on every device, by name, and why the rest does not.
import { readFileSync } from 'node:fs';

/** The list: every case of ONNX 1.12, as Debian's libonnx-testdata has them. */
export interface OnnxCaseList {
  /** Keys of the cases that pass on every device. */
  readonly passing: readonly string[];
  /** Why the others do not, by key. */
  readonly rest: Readonly<Record<string, string>>;
}

/** The list of this version of the suite. */
export function onnxCaseList(): OnnxCaseList {
  return JSON.parse(readFileSync(new URL('../../onnxCases.json', import.meta.url), 'utf8')) as OnnxCaseList;
}
