// Fuzzes image files: PNG chunk by chunk, with correct checksums, so that damage reaches the decoder; JPEG segment by segment; other
// formats from samples.
import { crc32, deflateSync } from 'node:zlib';
import { defined, shapeText } from '@isonet/core';
import type { ImageShape } from '@isonet/data';
import { decodeImage } from '@isonet/data';
import { concat, damaged, EDGES, uint32, utf8 } from '../bytes.ts';
import type { Random } from '../random.ts';
import { sample } from '../samples.ts';
import type { Target } from '../target.ts';
import { demand, FILE, target } from '../target.ts';

const SAMPLES = [
  'lossless.webp',
  'lossy.webp',
  'frame.gif',
  'lzw.tif',
  'interlaced.png',
  'progressive.jpg',
  'still.avif',
] as const;
const bytesOf = new Map([...SAMPLES, 'exif.jpg'].map((name) => [name, sample(name)]));
const jpeg = sample('exif.jpg');

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Samples per pixel, by color type. */
const COLORS = [
  [0, 1],
  [2, 3],
  [3, 1],
  [4, 2],
  [6, 4],
] as const;

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = concat(utf8(type), data);
  return concat(uint32(data.length), body, uint32(crc32(body)));
}

/** Generates a PNG, valid in three of ten cases. */
function png(random: Random): Uint8Array {
  const [width, height] = [1 + random.below(12), 1 + random.below(12)];
  const [color, samples] = random.pick(COLORS);
  const depth = random.pick(color === 3 ? ([1, 2, 4, 8] as const) : ([8, 16] as const));
  const row = Math.ceil((width * samples * depth) / 8) + 1;
  const rows = random.bytes(row * height);
  for (let y = 0; y < height; y++) rows[y * row] = random.below(random.oneIn(20) ? 256 : 5);
  const header = concat(uint32(width), uint32(height), Uint8Array.of(depth, color, 0, 0, 0));
  const view = new DataView(header.buffer);
  switch (random.below(8)) {
    case 0:
      view.setUint32(random.oneIn(2) ? 0 : 4, random.pick(EDGES));
      break;
    case 1:
      view.setUint8(8 + random.below(5), random.oneIn(2) ? random.below(8) : random.below(256));
      break;
    default:
  }
  const data = deflateSync(random.oneIn(10) ? rows.subarray(0, random.below(rows.length)) : rows);
  const palette = random.bytes(3 * (1 + random.below(random.oneIn(4) ? 300 : 16)));
  const chunks = [
    chunk('IHDR', header),
    ...(color === 3 || random.oneIn(8) ? [chunk('PLTE', palette)] : []),
    ...(random.oneIn(4) ? [chunk('tRNS', random.bytes(random.below(8)))] : []),
    ...(random.oneIn(8)
      ? [
          chunk(
            random.pick(['iCCP', 'eXIf', 'zTXt', 'gAMA', 'acTL', 'fcTL'] as const),
            random.bytes(random.below(40)),
          ),
        ]
      : []),
    chunk('IDAT', random.oneIn(10) ? damaged(random, data) : data),
    chunk('IEND', new Uint8Array()),
  ];
  return concat(SIGNATURE, ...arranged(random, chunks));
}

/** Returns the chunks, sometimes with one missing, some duplicated, or in another order. */
function arranged(random: Random, chunks: readonly Uint8Array[]): readonly Uint8Array[] {
  const k = random.below(chunks.length);
  if (random.oneIn(12)) return chunks.toSpliced(k, 1);
  if (random.oneIn(12)) return [...chunks, ...chunks.slice(k)];
  return random.oneIn(12) ? chunks.toReversed() : chunks;
}

/** Splits a JPEG into its marker segments; the data of the scan stays in one piece. */
function segments(file: Uint8Array): readonly Uint8Array[] {
  const found = [file.subarray(0, 2)];
  let at = 2;
  while (file[at] === 0xff && file[at + 1] !== 0xda) {
    const end = at + 2 + new DataView(file.buffer, file.byteOffset).getUint16(at + 2);
    found.push(file.subarray(at, end));
    at = end;
  }
  return [...found, file.subarray(at)];
}

/** Generates a JPEG with a segment that is changed, of another length, missing, duplicated or moved. */
function jpg(random: Random): Uint8Array {
  const parts = [...segments(jpeg)];
  const k = 1 + random.below(parts.length - 1);
  const part = parts[k];
  if (part === undefined) return jpeg;
  switch (random.below(6)) {
    case 0:
      parts.splice(k, 1);
      break;
    case 1:
      parts.splice(random.below(parts.length), 0, part);
      break;
    case 2:
      parts[k] = concat(part.subarray(0, 2), uint32(random.pick(EDGES)).subarray(2), part.subarray(4));
      break;
    case 3: // sizes of the frame, the tags of EXIF, tables
      parts[k] = concat(part.subarray(0, 4), damaged(random, part.subarray(4)));
      break;
    case 4:
      parts[k] = damaged(random, part);
      break;
    default:
  }
  return concat(...parts);
}

function generate(random: Random): Uint8Array {
  const kind = random.below(10);
  if (kind < 5) return random.oneIn(10) ? damaged(random, png(random)) : png(random);
  if (kind < 7) return jpg(random);
  const bytes = bytesOf.get(random.pick(SAMPLES)) ?? jpeg;
  if (random.oneIn(12)) return bytes;
  // Damages the start, which contains the sizes, in half of the cases.
  const head = random.oneIn(2) ? 40 : bytes.length;
  return concat(damaged(random, bytes.subarray(0, head)), bytes.subarray(head));
}

const SHAPES: readonly ImageShape[] = [
  [1, 6, 6],
  [3, 5, 7],
  [1, 1, 1],
];

/** The target `decodeImage`, to grayscale or color depending on the length of the input. */
export const images: Target = target({
  name: 'images',
  sources: [
    'packages/data/src/picture/decode.ts',
    'packages/data/src/picture/pixels.ts',
    'packages/data/src/picture/placement.ts',
    'packages/data/src/picture/resample.ts',
    'packages/data/src/imageShape.ts',
  ],
  // The most that libvips may need for an image of the maximum size, 2^27 pixels.
  megabytes: 1500,
  generate,
  async parse(input) {
    const shape = defined(SHAPES[input.length % SHAPES.length], 'a shape');
    return { shape, image: await decodeImage(input, shape, FILE) };
  },
  check({ shape, image }) {
    demand(
      image.length === shape.reduce((a, b) => a * b, 1),
      'size',
      `${image.length} for ${shapeText(shape)}`,
    );
  },
});
