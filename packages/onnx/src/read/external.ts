// Reads tensors from external data files.
import { DataError } from '@isonet/core';
import { checkName } from './names.ts';

/** The bytes of the external data files, by the names that the .onnx file gives them. */
export type ExternalData = Readonly<Record<string, Uint8Array>>;

/** Where the file stores a tensor: `location`, and optionally `offset` and `length`. */
type Entries = readonly { readonly key: string; readonly value: string }[];

/** Returns the bytes of a tensor. @throws DataError `ONNX` if they are missing */
export function externalBytes(entries: Entries, tensor: string, external: ExternalData): Uint8Array {
  const location = locationOf(entries, tensor);
  const file = Object.hasOwn(external, location) ? external[location] : undefined;
  if (file === undefined) {
    throw fail(tensor, `its data is in "${location}"; pass that file along with the .onnx file`);
  }
  const offset = integerOf(valueOf(entries, 'offset') ?? '0');
  const length = integerOf(valueOf(entries, 'length') ?? `${file.length - (offset ?? 0)}`);
  if (offset === undefined || length === undefined) {
    throw fail(tensor, 'expected integers for the offset and length of its data');
  }
  if (offset + length > file.length) {
    throw fail(
      tensor,
      `expected ${length} bytes at offset ${offset} of "${location}", which has only ${file.length} bytes`,
    );
  }
  return file.subarray(offset, offset + length);
}

/**
 * Returns the name of the file that holds a tensor.
 * @throws DataError `ONNX` if it is not in the folder of the .onnx file or below
 */
export function locationOf(entries: Entries, tensor: string): string {
  const location = valueOf(entries, 'location');
  if (location === undefined) throw fail(tensor, 'its data is external, but the file does not say where');
  checkName(location, 'external file');
  const parts = location.split(/[/\\]/);
  if (parts[0] === '' || parts.includes('..') || /^[a-z]:/i.test(location)) {
    throw fail(tensor, `expected its data in the folder of the .onnx file, got "${location}"`);
  }
  return location;
}

function valueOf(entries: Entries, key: string): string | undefined {
  return entries.find((entry) => entry.key === key)?.value;
}

function integerOf(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function fail(tensor: string, problem: string): DataError {
  return new DataError('ONNX', `tensor "${tensor}": ${problem}`);
}
