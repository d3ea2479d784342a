// Fine-tuning: continues training the network of an ONNX file for other classes, on 90 images, and writes it as ONNX again.
import { writeFile } from 'node:fs/promises';
import { adam, constant, conv2d, createDataset, defined, dense, evaluate, fit, flatten } from 'isonet';
import { globalAvgPool2d, he, loadFashionMnist, maxPool2d, oneCycle, preprocessing } from 'isonet';
import { preprocessingText, sequential, sgd, take, type ImageDataset, type Model } from 'isonet';
import { onnx } from '@isonet/backend-onnx';
import { exportOnnx, readOnnx, replaceHead } from '@isonet/onnx';

await using device = await onnx.open();
const images = await loadFashionMnist();

/** Returns an ONNX file. This one contains a small network that classifies ten kinds of garments; use your own file instead. */
async function pretrainedFile(): Promise<Uint8Array> {
  const model: Model = {
    name: 'garments',
    input: { name: 'images', shape: [1, 28, 28] },
    output: { name: 'logits', shape: [10] },
    layer: sequential({
      c1: conv2d(16, { kernel: 5, padding: 2, batchNorm: true, activation: 'relu' }),
      pool: maxPool2d({ kernel: 2 }),
      c2: conv2d(32, { kernel: 3, batchNorm: true, activation: 'relu' }),
      gap: globalAvgPool2d(),
      flatten: flatten(),
      fc: dense(10),
    }),
  };
  const recipe = { epochs: 2, batchSize: 50, seed: 0, initializer: he, optimizer: adam() };
  const train = take(images.train, 3000);
  const { trainer } = await fit({ model, device, train, ...recipe, schedule: constant(0.003) });
  return exportOnnx(model, await trainer.weights());
}

/** Returns the same images in three classes. */
function grouped({ name, imageShape, images: bytes, labels }: ImageDataset): ImageDataset {
  const groups = [0, 2, 0, 0, 0, 1, 0, 1, 2, 1]; // T-shirt, trouser, pullover, dress, coat, sandal, ...
  const group = Uint8Array.from(labels, (label) => defined(groups[label], `the group of ${label}`));
  return createDataset({ name, imageShape, classes: ['top', 'shoe', 'other'], images: bytes, labels: group });
}

const file = readOnnx(await pretrainedFile());
console.log(`${file.report.producer}, operator set ${file.report.opset}: ${file.output.shape[0]} classes`);

// A new layer for three classes, which starts with zeros, replaces the last layer.
const [train, test] = [take(grouped(images.train), 90), grouped(images.test)];
const { network, head } = replaceHead(file, test.classes.length);
console.log(`new: ${head.node}, ${head.features} -> ${head.classes}`);
const { trainer } = await fit({
  model: network,
  weights: network.values,
  device,
  train,
  epochs: 10,
  batchSize: 30,
  seed: 0,
  initializer: he,
  optimizer: sgd({ momentum: 0.9, nesterov: true }),
  schedule: oneCycle({ peak: 0.05 }),
  parameters: [
    { match: /^(?!fc\.)/, lrFactor: 0.1 }, // all layers but the new one learn slowly,
    { match: /\.bn\./, frozen: true }, // and batch norm is frozen
  ],
  onStart: async ({ state }) => {
    const { accuracy } = await evaluate({ model: network, device, state, data: test });
    console.log(`untrained: test accuracy ${accuracy.toFixed(3)}`);
  },
});
const { accuracy } = await evaluate({ model: network, device, state: trainer.state, data: test });
console.log(`fine-tuned: test accuracy ${accuracy.toFixed(3)}`);

const metadata = { preprocessing: preprocessingText(preprocessing([1, 28, 28])) };
const bytes = exportOnnx(network, await trainer.weights(), { classNames: test.classes, metadata });
await writeFile('groups.onnx', bytes);
