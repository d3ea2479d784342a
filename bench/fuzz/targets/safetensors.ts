// Fuzzes safetensors files: the length of the header, its JSON, names, dtypes, shapes, offsets and data. JSON.parse is the oracle for
// the header: isonet's own reader must neither refuse valid JSON nor interpret it differently.
import type { Safetensors, Tensor } from '@isonet/core';
import { decodeSafetensors, encodeSafetensors, shapeText } from '@isonet/core';
import { concat, damaged, EDGES, utf8 } from '../bytes.ts';
import type { Node } from '../json.ts';
import { anyValue, mutated, NAMES, nodeOf, writtenText } from '../json.ts';
import type { Random } from '../random.ts';
import type { Target } from '../target.ts';
import { demand, FILE, target } from '../target.ts';

const DTYPES = [
  ['F32', 4],
  ['F64', 8],
  ['I32', 4],
  ['U32', 4],
  ['BOOL', 1],
] as const;
const STRANGE = ['BF16', 'F16', 'I64', 'f32', '', 'constructor', '__proto__', 'F32\u0000'] as const;

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Generates entries without gaps, and returns them with the size of their data in bytes. */
function entries(random: Random): { readonly entries: [string, Entry][]; readonly bytes: number } {
  let end = 0;
  const made = Array.from({ length: random.below(5) }, (_, i): [string, Entry] => {
    const [dtype, size] = random.pick(DTYPES);
    const shape = Array.from({ length: random.below(4) }, () => (random.oneIn(8) ? 0 : 1 + random.below(4)));
    const begin = end;
    end += shape.reduce((a, b) => a * b, size);
    return [
      random.oneIn(4) ? random.pick(NAMES) : `layer${i}.w`,
      { dtype, shape, data_offsets: [begin, end] },
    ];
  });
  return { entries: made, bytes: end };
}

/** Returns an entry with a field that contradicts the others. */
function unfit(random: Random, entry: Entry): Entry {
  const [begin, end] = entry.data_offsets;
  const edge = random.pick([...EDGES, -1, 0.5, 2 ** 53, 2 ** 53 - 1, 1e300] as const);
  switch (random.below(7)) {
    case 0:
      return { ...entry, dtype: random.oneIn(2) ? random.pick(STRANGE) : random.pick(DTYPES)[0] };
    case 1:
      return { ...entry, shape: [...entry.shape, edge] };
    case 2:
      return { ...entry, shape: [edge, 0] };
    case 3:
      return { ...entry, shape: new Array<number>(random.below(12)).fill(1) };
    case 4: // overlaps, or leaves a gap
      return { ...entry, data_offsets: [begin + random.below(9) - 4, end + random.below(9) - 4] };
    case 5:
      return { ...entry, data_offsets: [end, begin] };
    default:
      return { ...entry, data_offsets: [begin, edge] };
  }
}

function header(random: Random): { readonly node: Node; readonly bytes: number } {
  const { entries: made, bytes } = entries(random);
  const k = random.below(made.length);
  const changed = made.map(([name, entry], i): [string, Entry] => [
    name,
    i === k && random.oneIn(3) ? unfit(random, entry) : entry,
  ]);
  const ordered = random.oneIn(4) ? changed.toReversed() : changed;
  const metadata: [string, Node][] = random.oneIn(3)
    ? [
        [
          '__metadata__',
          random.oneIn(4)
            ? anyValue(random)
            : nodeOf({ format: 'pt', note: random.pick(NAMES), [random.pick(NAMES)]: '' }),
        ],
      ]
    : [];
  const node: Node = {
    kind: 'object',
    members: [...metadata, ...ordered.map(([name, entry]) => [name, nodeOf(entry)] as const)],
  };
  return { node: random.oneIn(3) ? mutated(random, node) : node, bytes };
}

/** Assembles a file from any header and a number of data bytes. */
function assembled(random: Random, json: Uint8Array, data: number): Uint8Array {
  const padded = random.oneIn(3) ? concat(json, new Uint8Array(random.below(16)).fill(0x20)) : json;
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(padded.length), true);
  if (random.oneIn(12)) {
    const wrong = random.pick([
      0,
      1,
      2,
      padded.length - 1,
      padded.length + 1,
      padded.length + data,
      2 ** 24,
      2 ** 24 + 1,
      2 ** 53,
    ] as const);
    new DataView(length.buffer).setBigUint64(
      0,
      random.oneIn(9) ? 2n ** 64n - 1n : BigInt(Math.max(0, wrong)),
      true,
    );
  }
  const more = random.oneIn(12) ? random.below(9) - 4 : 0;
  // Mostly 0 and 1, so that half of all bool tensors are valid.
  const values = Uint8Array.from({ length: Math.max(0, data + more) }, () =>
    random.oneIn(20) ? random.below(256) : random.below(2),
  );
  return concat(length, padded, values);
}

function generate(random: Random): Uint8Array {
  const { node, bytes } = header(random);
  const text = utf8(writtenText(random, node));
  const json = random.oneIn(20) ? damaged(random, text) : text;
  const file = assembled(random, json, bytes);
  if (random.oneIn(12)) return damaged(random, file);
  return random.oneIn(8) ? concat(Uint8Array.of(1), file).subarray(1) : file;
}

const CODES: Readonly<Record<string, string>> = {
  F32: 'float32',
  F64: 'float64',
  I32: 'int32',
  U32: 'uint32',
  BOOL: 'bool',
};

/** Parses the header with JSON.parse; returns undefined if it is not JSON. */
function parsed(input: Uint8Array): unknown {
  const length = Number(new DataView(input.buffer, input.byteOffset).getBigUint64(0, true));
  try {
    return JSON.parse(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input.subarray(8, 8 + length)),
    );
  } catch {
    return undefined;
  }
}

function sizeOf({ shape }: Tensor): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Checks that sizes match shapes, and that the tensors survive a round trip. */
export function checkTensors({ tensors, metadata }: Safetensors, bytes: number): void {
  let total = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    const { dtype, shape, data } = tensor;
    demand(
      shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0 && !Object.is(dim, -0)),
      'dimensions',
      String(shape),
    );
    demand(
      data.length === sizeOf(tensor),
      'size',
      `${JSON.stringify(name)}: ${data.length} for ${shapeText(shape)}`,
    );
    if (dtype === 'bool')
      demand(
        data.every((value) => value <= 1),
        'bool',
      );
    total += data.byteLength;
  }
  demand(total <= bytes, 'more data than the file');
  demand(Object.getPrototypeOf(tensors) === Object.prototype, 'prototype of tensors');
  const again = decodeSafetensors(encodeSafetensors(tensors, metadata), FILE);
  demand(same(again.metadata, metadata), 'metadata round trip');
  demand(same(Object.keys(again.tensors).toSorted(), Object.keys(tensors).toSorted()), 'names round trip');
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    const other = ownOf(again.tensors, name);
    demand(other.dtype === dtype && same(other.shape, shape), 'type round trip');
    const bits = (array: Tensor['data']): Buffer =>
      Buffer.from(array.buffer, array.byteOffset, array.byteLength);
    demand(bits(other.data).equals(bits(data)), 'data round trip');
  }
}

/** Returns an own property, even if its name is `__proto__`. */
function ownOf<T>(values: Readonly<Record<string, T>>, name: string): T {
  return Object.getOwnPropertyDescriptor(values, name)?.value as T;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The target `decodeSafetensors`. */
export const safetensors: Target = target({
  name: 'safetensors',
  sources: [
    'packages/core/src/safetensors.ts',
    'packages/core/src/safetensorsHeader.ts',
    'packages/core/src/jsonCursor.ts',
  ],
  generate,
  parse: (input) => decodeSafetensors(input, FILE),
  check(value, input) {
    checkTensors(value, input.length);
    const json = parsed(input) as Readonly<Record<string, Entry>>;
    demand(json !== undefined, 'accepts invalid JSON');
    const { __metadata__: metadata = {}, ...rest } = json;
    demand(same(value.metadata, metadata), 'same metadata as JSON.parse');
    const described = (name: string): unknown => {
      const { dtype, shape } = ownOf(rest, name);
      return { dtype: CODES[dtype], shape: shape.map(Math.abs) };
    };
    const got = Object.keys(value.tensors).toSorted();
    demand(same(got, Object.keys(rest).toSorted()), 'same names as JSON.parse');
    for (const name of got) {
      const { dtype, shape } = ownOf(value.tensors, name);
      demand(same({ dtype, shape }, described(name)), 'same types as JSON.parse');
    }
  },
  checkError({ message }, input) {
    if (!message.includes('not JSON;')) return;
    // It refuses JSON that nests deeper than 64 levels, which no valid header does.
    const text = Buffer.from(input).toString('latin1');
    demand(parsed(input) === undefined || /(\[|\{"a":){65}/.test(text), 'refuses JSON');
  },
});
