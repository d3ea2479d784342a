// Test helpers: a small classifier as an ONNX file, and folders of small images.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { ImageClassifier, Tensors } from '@isonet/core';
import {
  conv2d,
  dense,
  flatten,
  globalAvgPool2d,
  he,
  initialize,
  maxPool2d,
  sequential,
  sizeOf,
  stateOf,
  float32,
} from '@isonet/core';
import type { ExportOptions } from '@isonet/onnx';
import { exportOnnx } from '@isonet/onnx';

/** Creates a classifier `[N, channels, 28, 28] -> [N, classes]` with batch norm, a body and a head. */
function tinyClassifier(channels: 1 | 3, classes: number): ImageClassifier {
  return {
    name: 'small',
    input: { name: 'images', shape: [channels, 28, 28] },
    output: { name: 'logits', shape: [classes] },
    layer: sequential({
      pool: maxPool2d({ kernel: 7 }),
      body: sequential({
        c1: conv2d(6, { kernel: 1, activation: 'relu', batchNorm: true }),
        c2: conv2d(8, { kernel: 1, activation: 'relu' }),
      }),
      gap: globalAvgPool2d(),
      flatten: flatten(),
      head: dense(classes),
    }),
  };
}

/** Metadata of a file that another program wrote. */
export const EXTERNAL: ExportOptions = { imageNote: 'as another program has it' };

/** Returns the bytes of an ONNX file of the classifier. */
export function onnxBytes(channels: 1 | 3 = 3, classes = 5, options: ExportOptions = EXTERNAL): Uint8Array {
  const model = tinyClassifier(channels, classes);
  const { parameters, buffers } = stateOf(model);
  const statistics = buffers.map(
    ({ name, shape, initial }) =>
      [name, float32(shape, new Float32Array(sizeOf(shape)).fill(initial))] as const,
  );
  const values: Tensors = { ...initialize(parameters, he, 3), ...Object.fromEntries(statistics) };
  return exportOnnx(model, values, options);
}

/** Writes `small.onnx` into a folder. */
export async function writeOnnx(folder: string, ...of: Parameters<typeof onnxBytes>): Promise<void> {
  await writeFile(join(folder, 'small.onnx'), onnxBytes(...of));
}

const COLOURS: Readonly<Record<string, readonly [number, number, number]>> = {
  blue: [20, 30, 200],
  green: [10, 180, 40],
  red: [220, 20, 10],
};

/**
 * Writes `FOLDER/CLASS/0.png`, ...: images of 20x14 pixels in slightly different shades of the colour of their class:
 * blue, green or red.
 */
export async function writePictures(
  folder: string,
  count: number,
  classes: readonly string[] = Object.keys(COLOURS),
): Promise<void> {
  for (const name of classes) {
    for (let i = 0; i < count; i++) {
      const file = join(folder, name, `${i}.png`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(
        file,
        png(
          20,
          14,
          COLOURS[name]!.map((value) => value + ((i * 7) % 30)),
        ),
      );
    }
  }
}

/** Encodes an image of one colour, according to the PNG specification (W3C, 2003). */
export function png(width: number, height: number, colour: readonly number[]): Buffer {
  const row = [0, ...Array.from({ length: width }, () => colour).flat()];
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.from(Array.from({ length: height }, () => row).flat()));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, sum]);
}

function crc(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return (c ^ 0xffffffff) >>> 0;
}
