// Transfer learning: the body of a trained network under a new head, first frozen, then at lower learning rates.
import { adam, constant, conv2d, createDataset, defined, dense, evaluate, fit, flatten } from 'isonet';
import { he, loadFashionMnist, maxPool2d, sequential, take } from 'isonet';
import { type ImageDataset, type Model, type Trainer } from 'isonet';
import { onnx } from '@isonet/backend-onnx';

const body = sequential({
  c1: conv2d(16, { kernel: 5, stride: 2, padding: 2, batchNorm: true, activation: 'relu' }),
  c2: conv2d(32, { kernel: 3, padding: 1, batchNorm: true, activation: 'relu' }),
  pool: maxPool2d({ kernel: 2 }),
  flatten: flatten(),
});
const network = (head: string, classes: number): Model => ({
  name: head,
  input: { name: 'images', shape: [1, 28, 28] },
  output: { name: 'logits', shape: [classes] },
  layer: sequential({ body, [head]: dense(classes) }),
});

/** Returns the same images in three classes. */
function grouped({ name, imageShape, images, labels }: ImageDataset): ImageDataset {
  const groups = [0, 2, 0, 0, 0, 1, 0, 1, 2, 1]; // T-shirt, trouser, pullover, dress, coat, sandal, ...
  const group = Uint8Array.from(labels, (label) => defined(groups[label], `the group of ${label}`));
  return createDataset({ name, imageShape, classes: ['top', 'shoe', 'other'], images, labels: group });
}

await using device = await onnx.open();
const images = await loadFashionMnist();
const recipe = { device, batchSize: 50, seed: 0, initializer: he, optimizer: adam() };
const schedule = constant(0.002);
const train = take(images.train, 3000);
const pretrained = await fit({ ...recipe, model: network('garments', 10), train, epochs: 2, schedule });

const model = network('groups', 3);
const data = grouped(images.test);
async function report(when: string, { state }: Trainer): Promise<void> {
  const { accuracy } = await evaluate({ model, device, state, data });
  console.log(`${when}: test accuracy ${accuracy.toFixed(3)}`);
}

const few = { ...recipe, model, train: take(grouped(images.train), 100), epochs: 10, schedule };
const first = await fit({
  ...few,
  weights: await pretrained.trainer.weights(),
  partialWeights: true,
  parameters: [{ match: 'body', frozen: true }],
  onWeights: ({ loaded, missing, unknown }) => {
    console.log(`${loaded.length} tensors loaded`);
    console.log(`missing: ${missing.join(', ')}; not used: ${unknown.join(', ')}`);
  },
  onStart: (trainer) => report('before', trainer),
});
await report('body frozen', first.trainer);

const second = await fit({
  ...few,
  weights: await first.trainer.weights(),
  parameters: [
    { match: 'body', lrFactor: 0.1 },
    { match: 'body.c1', lrFactor: 0.01 }, // where several rules match, the last one wins
  ],
});
await report('body at lower rates', second.trainer);
