// Trains the network in Node, and writes its weights for the page and an ONNX file: npx tsx train.ts
import { writeFile } from 'node:fs/promises';
import { adam, cosine, encodeSafetensors, fit, he, loadFashionMnistSample } from 'isonet';
import { onnx } from '@isonet/backend-onnx'; // or webgpu, tfjs, reference; nothing else changes
import { exportOnnx } from '@isonet/onnx';
import model from './model.ts';

const device = await onnx.open();
const { train, test } = await loadFashionMnistSample();
const recipe = { epochs: 2, batchSize: 100, seed: 0, initializer: he, optimizer: adam() };
const schedule = cosine({ peak: 0.003 });
const { trainer, epochs } = await fit({ model, device, train, test, ...recipe, schedule });
console.log(`test accuracy ${epochs.at(-1)?.testAccuracy?.toFixed(3)}`);

const weights = await trainer.weights();
await writeFile('weights.safetensors', encodeSafetensors(weights)); // for the page
await writeFile('garments.onnx', exportOnnx(model, weights, { classNames: train.classes }));
