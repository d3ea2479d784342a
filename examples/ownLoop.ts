// A custom training loop: accumulates and clips the gradients of two micro-batches, warms up the learning rate, and logs.
import { adam, batches, clipGradients, conv2d, dense, evaluate, flatten, gradientNorm } from 'isonet';
import { he, initialize, loadFashionMnist, meanGradients, metricsOf, sequential, stateOf } from 'isonet';
import { take, Trainer, type Gradients, type Model } from 'isonet';
import { onnx } from '@isonet/backend-onnx';

const model: Model = {
  name: 'small',
  input: { name: 'images', shape: [1, 28, 28] },
  output: { name: 'logits', shape: [10] },
  layer: sequential({
    c1: conv2d(8, { kernel: 5, stride: 2, padding: 2, activation: 'relu' }),
    c2: conv2d(16, { kernel: 3, stride: 2, padding: 1, activation: 'relu' }),
    flatten: flatten(),
    head: dense(10),
  }),
};
const values = initialize(stateOf(model).parameters, he, 0);

await using device = await onnx.open();
await using trainer = await Trainer.create({ model, device, optimizer: adam(), values, seed: 0 });
const images = await loadFashionMnist();
const [train, test] = [take(images.train, 4096), take(images.test, 1000)];

const [batchSize, parts, warmUp] = [64, 2, 20];
let step = 0;
let accumulated: Gradients[] = [];
for (let epoch = 0; epoch < 3; epoch++) {
  for await (const batch of batches(train, { batchSize, shuffle: { seed: 0, epoch }, prefetch: 1 })) {
    accumulated.push(await trainer.gradients(batch, { step, first: accumulated.length * batchSize }));
    if (accumulated.length < parts) continue;

    const mean = meanGradients(accumulated);
    const lr = 0.003 * Math.min(1, (step + 1) / warmUp);
    await trainer.apply(clipGradients(mean, 1), step, lr);
    if (step % 16 === 0) {
      const { accuracy = 0 } = metricsOf(mean.scores);
      const texts = [mean.loss, gradientNorm(mean), accuracy].map((value) => value.toFixed(2));
      console.log(`step ${step}, rate ${lr.toFixed(5)}: loss, norm, accuracy ${texts.join(', ')}`);
    }
    accumulated = [];
    step += 1;
  }
}
const { accuracy } = await evaluate({ model, device, state: trainer.state, data: test });
console.log(`test accuracy ${accuracy.toFixed(3)}`);
