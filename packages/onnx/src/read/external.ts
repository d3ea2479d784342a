// Tensors whose numbers lie in a file beside the .onnx file.
import { DataError } from '@isonet/core';
import { checkName } from './names.ts';

/** The bytes of the files beside an .onnx file that hold its larger tensors, by the name that it gives them. */
export type ExternalData = Readonly<Record<string, Uint8Array>>;

/** Where a tensor lies, as the file says it: `location`, and perhaps `offset` and `length`. */
type Entries = readonly { readonly key: string; readonly value: string }[];

/** The bytes of a tensor. @throws DataError `ONNX` where they are not there */
export function externalBytes(entries: Entries, tensor: string, external: ExternalData): Uint8Array {
  const location = locationOf(entries, tensor);
  const file = Object.hasOwn(external, location) ? external[location] : undefined;
  if (file === undefined) {
    throw fail(
      tensor,
      `its data is in "${location}", which must lie beside the .onnx file and be given with it`,
    );
  }
  const offset = wholeOf(valueOf(entries, 'offset') ?? '0');
  const length = wholeOf(valueOf(entries, 'length') ?? `${file.length - (offset ?? 0)}`);
  if (offset === undefined || length === undefined) {
    throw fail(tensor, 'expected offset and length of its data as whole numbers');
  }
  if (offset + length > file.length) {
    throw fail(tensor, `expected ${length} bytes from ${offset} of "${location}", got ${file.length} in all`);
  }
  return file.subarray(offset, offset + length);
}

/**
 * The file that a tensor lies in.
 * @throws DataError `ONNX` for one that is not in the folder of the .onnx file, or below it
 */
export function locationOf(entries: Entries, tensor: string): string {
  const location = valueOf(entries, 'location');
  if (location === undefined) throw fail(tensor, 'its data is in a file that is not named');
  checkName(location, 'external file');
  const parts = location.split(/[/\\]/);
  if (parts[0] === '' || parts.includes('..') || /^[a-z]:/i.test(location)) {
    throw fail(tensor, `expected its data in a file beside the .onnx file, got "${location}"`);
  }
  return location;
}

function valueOf(entries: Entries, key: string): string | undefined {
  return entries.find((entry) => entry.key === key)?.value;
}

function wholeOf(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function fail(tensor: string, problem: string): DataError {
  return new DataError('ONNX', `tensor "${tensor}": ${problem}`);
}
