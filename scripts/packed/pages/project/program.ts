// The program that every page, every worker and Node runs: trains a small network until its loss has fallen, predicts, and exports.
import type { Device, Model } from 'isonet';
import {
  adam,
  conv2d,
  dense,
  fit,
  flatten,
  float32,
  he,
  int32,
  maxPool2d,
  Predictor,
  sequential,
} from 'isonet';
import { streamKey, tensorDataset, uniformBlock } from 'isonet';
import { exportOnnx } from '@isonet/onnx';

/** The results as plain values, which can be sent from a worker to its page and from there to Node. */
export interface Report {
  /** The training loss of each epoch. */
  readonly losses: readonly number[];
  /** The logits of the first two samples. */
  readonly logits: readonly number[];
  /** Values from the header of the ONNX file, and its size. */
  readonly onnx: { readonly irVersion: number; readonly producer: string; readonly bytes: number };
  /** The SHA-256 of the ONNX file, which covers every bit of the weights. */
  readonly digest: string;
}

const model: Model = {
  name: 'corners',
  input: { name: 'images', shape: [1, 6, 6] },
  output: { name: 'logits', shape: [4] },
  layer: sequential({
    conv: conv2d(4, { kernel: 3, padding: 1, batchNorm: true, activation: 'relu' }),
    pool: maxPool2d({ kernel: 2 }),
    flatten: flatten(),
    head: dense(4),
  }),
};

/** The labels: the images are noise with one bright corner, whose index is the label. */
const labels = Int32Array.from({ length: 64 }, (_, i) => i % 4);
const noise = uniformBlock(0, streamKey('noise'), 0, 0, labels.length * 36);
const images = noise.map((value, i) => {
  const [row, column] = [Math.floor(i / 6) % 6, i % 6];
  const corner = (row < 3 ? 0 : 2) + (column < 3 ? 0 : 1);
  return value + (corner === labels[Math.floor(i / 36)] ? 0.5 : 0);
});
const train = tensorDataset(float32([labels.length, 1, 6, 6], images), int32([labels.length], labels));

export async function run(device: Device): Promise<Report> {
  const recipe = { epochs: 8, batchSize: 16, seed: 0, initializer: he, optimizer: adam(), schedule: 0.03 };
  const { trainer, epochs } = await fit({ model, device, train, ...recipe });
  const { inputs } = await train.batch(Uint32Array.of(0, 1));
  const { data } = await new Predictor({ model, device, state: trainer.state }).predict(inputs);
  const file = exportOnnx(model, await trainer.weights());
  const hash = await crypto.subtle.digest('SHA-256', file.slice());
  return {
    losses: epochs.map(({ loss }) => loss),
    logits: [...data],
    onnx: { ...headerOf(file), bytes: file.length },
    digest: Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join(''),
  };
}

/** Reads the start of an ONNX file: field 1, an integer, and field 2, a string; https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
function headerOf(file: Uint8Array): { readonly irVersion: number; readonly producer: string } {
  const [irTag, irVersion = 0, producerTag, length = 0] = file;
  if (irTag !== 0x08 || producerTag !== 0x12) throw new Error('expected an ONNX file');
  return { irVersion, producer: new TextDecoder().decode(file.subarray(4, 4 + length)) };
}
