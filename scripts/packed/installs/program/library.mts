// A user's program: trains a tiny network for a few steps, exports it, predicts, and prints the results as one line of JSON.
// project.mjs copies it into the test projects.
import {
  createDataset,
  conv2d,
  dense,
  fit,
  flatten,
  he,
  maxPool2d,
  Predictor,
  sequential,
  sgd,
} from 'isonet';
import type { Model } from 'isonet';
import { exportOnnx } from '@isonet/onnx';
import { onnx } from '@isonet/backend-onnx';

const imageShape = [1, 8, 8] as const;
const classes = ['dark left', 'dark right'];
const labels = Uint8Array.from({ length: 32 }, (_, i) => i % classes.length);
// One half of each image is lighter than the other, and all images differ.
const images = Uint8Array.from({ length: 32 * 64 }, (_, i) =>
  Math.floor((i % 8) / 4) === labels[Math.floor(i / 64)] ? 40 + (i % 13) : 180 + (i % 17),
);
const train = createDataset({ name: 'halves', imageShape, classes, images, labels });

const model: Model = {
  name: 'tiny',
  input: { name: 'images', shape: imageShape },
  output: { name: 'logits', shape: [classes.length] },
  layer: sequential({
    conv: conv2d(4, { kernel: 3, padding: 1, activation: 'relu' }),
    pool: maxPool2d({ kernel: 2 }),
    flatten: flatten(),
    head: dense(classes.length),
  }),
};

const device = await onnx.open();
const recipe = { epochs: 2, batchSize: 8, seed: 0, initializer: he, optimizer: sgd(), schedule: 0.1 };
const { trainer, epochs } = await fit({ model, device, train, ...recipe });
const file = exportOnnx(model, await trainer.weights(), { classNames: classes });

const { inputs } = train.batch(Uint32Array.of(0, 1));
const logits = await new Predictor({ model, device, state: trainer.state }).predict(inputs);

const losses = epochs.map((epoch) => epoch.loss);
console.log(JSON.stringify({ losses, logits: Array.from(logits.data), bytes: file.length }));
