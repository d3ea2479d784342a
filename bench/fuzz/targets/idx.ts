// Fuzzes IDX bytes: magic, element type, rank, dimensions, and the right or a wrong number of elements.
import { shapeText } from '@isonet/core';
import { encodeIdx, parseIdx, parseIdxLabels } from '@isonet/data';
import { concat, damaged, EDGES, uint32 } from '../bytes.ts';
import type { Random } from '../random.ts';
import type { Target } from '../target.ts';
import { demand, FILE, target } from '../target.ts';

/** The format's element codes, each with the bytes of an element. */
const ELEMENTS = [
  [0x08, 1],
  [0x09, 1],
  [0x0b, 2],
  [0x0c, 4],
  [0x0d, 4],
  [0x0e, 8],
] as const;

/** Generates an IDX file, valid in three of ten cases. */
export function idxFile(random: Random, rank: number = 1 + random.below(4)): Uint8Array {
  const [code, size] = random.oneIn(2) ? ELEMENTS[0] : random.pick(ELEMENTS);
  const shape = Array.from({ length: rank }, () => 1 + random.below(5));
  const file = concat(
    Uint8Array.of(0, 0, code, rank),
    ...shape.map(uint32),
    random.bytes(shape.reduce((a, b) => a * b, size)),
  );
  const view = new DataView(file.buffer);
  switch (random.below(10)) {
    case 0: // a type or rank that contradicts the rest
      view.setUint8(2 + random.below(2), random.oneIn(2) ? random.below(16) : random.below(256));
      return file;
    case 1: // dimensions that promise too much or too little, or overflow
      for (let axis = 0; axis < rank; axis++)
        if (random.oneIn(2)) view.setUint32(4 + 4 * axis, random.pick(EDGES));
      return file;
    case 2:
      return file.subarray(0, random.below(file.length + 1));
    case 3:
      return concat(file, random.bytes(1 + random.below(9)));
    case 4:
    case 5:
      return damaged(random, file);
    case 6: // inside a larger buffer, at an odd offset
      return concat(random.bytes(3), file).subarray(3);
    default:
      return file;
  }
}

const sources = ['packages/data/src/idx/idx.ts'];

/** The target `parseIdx`, for any rank. */
export const idx: Target = target({
  name: 'idx',
  sources,
  generate: (random) => idxFile(random),
  parse: (input) => parseIdx(input, FILE),
  check({ shape, data }, input) {
    demand(
      shape.every((dim) => Number.isSafeInteger(dim) && dim >= 1),
      'dimensions',
      String(shape),
    );
    demand(
      data.length === shape.reduce((a, b) => a * b, 1),
      'size',
      `${data.length} for ${shapeText(shape)}`,
    );
    demand(Buffer.compare(encodeIdx(shape, data), input) === 0, 'round trip');
  },
});

/** The target `parseIdxLabels`. */
export const labels: Target = target({
  name: 'labels',
  sources,
  generate: (random) => idxFile(random, random.oneIn(8) ? 3 : 1),
  parse: (input) => parseIdxLabels(input, FILE),
  check({ shape, data }, input) {
    demand(shape.length === 1 && data.length === shape[0], 'size', `${data.length} for ${shapeText(shape)}`);
    const [code, size] = ELEMENTS.find(([known]) => known === input[2]) ?? [0, 0];
    demand(code !== 0 && input.length === 8 + size * data.length, 'type');
    const [first] = data;
    const isLabel = Number.isInteger(first) && Math.abs(Number(first)) <= 2 ** (8 * size);
    demand(isLabel, 'label', String(first));
  },
});
