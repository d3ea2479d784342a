// A custom convolutional network, trained on RGB images that are drawn in memory.
import { writeFile } from 'node:fs/promises';
import { adam, conv2d, cosine, createDataset, defined, dense, evaluate, fit, flatten } from 'isonet';
import { he, maxPool2d, predictedClasses, Predictor, sequential, softmax, split } from 'isonet';
import { streamKey, uniformBlock, type Model } from 'isonet';
import { onnx } from '@isonet/backend-onnx';
import { exportOnnx } from '@isonet/onnx';

const classes = ['square', 'circle'];
const size = 20;

/** Draws a shape on a background of another color: `[3, size, size]`, bytes, from nine random numbers in 0..1. */
function draw(kind: number, [radius = 0, x = 0, y = 0, ...colors]: Float32Array): number[] {
  return Array.from({ length: 3 * size * size }, (_, i) => {
    const [channel, row, column] = [Math.floor(i / size ** 2), Math.floor(i / size) % size, i % size];
    const [dx, dy] = [Math.abs(column - 8 - 4 * x), Math.abs(row - 8 - 4 * y)];
    const inside = (kind === 0 ? Math.max(dx, dy) : Math.hypot(dx, dy)) < 4 + 3 * radius;
    return 255 * defined(colors[inside ? channel : channel + 3], 'a color');
  });
}

const labels = Uint8Array.from({ length: 1200 }, (_, i) => i % classes.length);
const random = uniformBlock(0, streamKey('pictures'), 0, 0, 9 * labels.length);
const pictures = Array.from(labels, (kind, i) => draw(kind, random.subarray(9 * i, 9 * i + 9)));
const images = Uint8Array.from(pictures.flat());
const data = createDataset({ name: 'shapes', imageShape: [3, size, size], classes, images, labels });
const [train, test] = split(data, { held: 200, seed: 0 });

const model: Model = {
  name: 'shapes',
  input: { name: 'images', shape: [3, size, size] },
  output: { name: 'logits', shape: [classes.length] },
  layer: sequential({
    c1: conv2d(16, { kernel: 3, padding: 1, batchNorm: true, activation: 'relu' }),
    pool1: maxPool2d({ kernel: 2 }),
    c2: conv2d(32, { kernel: 3, padding: 1, batchNorm: true, activation: 'relu' }),
    pool2: maxPool2d({ kernel: 2 }),
    flatten: flatten(),
    head: dense(classes.length),
  }),
};

await using device = await onnx.open();
const recipe = { epochs: 10, batchSize: 50, seed: 0, initializer: he };
const [optimizer, schedule] = [adam(), cosine({ peak: 0.003 })];
const { trainer } = await fit({ model, device, train, ...recipe, optimizer, schedule });

const { state } = trainer;
const { accuracy } = await evaluate({ model, device, state, data: test });
console.log(`test accuracy ${accuracy.toFixed(3)}`);

const { inputs } = await test.batch(Uint32Array.of(0)); // one image: [1, 3, size, size]
const logits = await new Predictor({ model, device, state }).predict(inputs);
const [k = 0] = predictedClasses(logits);
console.log(`the first test image: ${classes[k]}, probability ${softmax(logits.data)[k]?.toFixed(3)}`);

await writeFile('shapes.onnx', exportOnnx(model, await trainer.weights(), { classNames: classes }));
