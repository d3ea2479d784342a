// Classifies a few test images in Node with the example's network, and writes them as files for the page.
import { readFileSync, writeFileSync } from 'node:fs';
import { decodeSafetensors, loadFashionMnistSample, predictedClasses, Predictor, softmax } from 'isonet';
import { onnx } from '@isonet/backend-onnx';
import model, { classes } from './browser/model.ts';

const count = 6;
const { tensors } = decodeSafetensors(readFileSync('browser/weights.safetensors'));
const device = await onnx.open();
const predictor = new Predictor({ model, device, state: await device.createState(tensors) });
const { test } = await loadFashionMnistSample();
const indices = Uint32Array.from({ length: count }, (_, i) => i);
const logits = await predictor.predict(test.batch(indices).inputs);
const answers = Array.from(predictedClasses(logits), (k, i) => ({
  name: classes[k],
  probability: softmax(logits.data.subarray(i * classes.length, (i + 1) * classes.length))[k],
}));
for (const i of indices) writeFileSync(`picture${i}.bmp`, bitmap(test.pixels([i])));
console.log(JSON.stringify(answers));
await device[Symbol.asyncDispose]();

/** Encodes 28x28 gray bytes as a BMP file: a header of 54 bytes, then rows of blue, green and red, the last row first. */
function bitmap(image: Uint8Array): Buffer {
  const pixels = Array.from({ length: 28 }, (_, row) => [
    ...image.subarray(28 * (27 - row), 28 * (28 - row)),
  ]);
  const file = Buffer.alloc(54);
  file.write('BM');
  file.writeUInt32LE(54 + 3 * image.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(28, 18);
  file.writeInt32LE(28, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  return Buffer.concat([file, Buffer.from(pixels.flat().flatMap((gray) => [gray, gray, gray]))]);
}
