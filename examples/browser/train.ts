// Trains the page's network in Node and writes its weights to where the page fetches them: npx tsx train.ts
import { writeFile } from 'node:fs/promises';
import { adam, cosine, encodeSafetensors, fit, he, loadFashionMnistSample } from 'isonet';
import { onnx } from '@isonet/backend-onnx';
import { model } from './model.ts';

const device = await onnx.open();
const { train, test } = await loadFashionMnistSample();
const recipe = { epochs: 2, batchSize: 100, seed: 0, initializer: he, optimizer: adam() };
const schedule = cosine({ peak: 0.003 });
const { trainer, epochs } = await fit({ model, device, train, test, ...recipe, schedule });
console.log(`test accuracy ${epochs.at(-1)?.testAccuracy?.toFixed(3)}`);

const file = new URL('weights.safetensors', import.meta.url);
await writeFile(file, encodeSafetensors(await trainer.weights()));
