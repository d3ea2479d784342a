// Regression: predicts one number from ten features with dense layers (Friedman's first function, 1991).
import { adamW, cosine, dense, evaluate, fit, float32, he, regression, sequential } from 'isonet';
import { split, streamKey, tensorDataset, uniformBlock, type Model, type Trainer } from 'isonet';
import { onnx } from '@isonet/backend-onnx';

const count = 2000;
const features = uniformBlock(0, streamKey('features'), 0, 0, 10 * count);
const targets = Float32Array.from({ length: count }, (_, i) => {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = features.subarray(10 * i); // the other five are irrelevant
  return 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e;
});
const data = tensorDataset(float32([count, 10], features), float32([count, 1], targets));
const [train, validation] = split(data, { held: 0.2, seed: 0 });

const model: Model = {
  name: 'friedman',
  input: { name: 'features', shape: [10] },
  output: { name: 'target', shape: [1] },
  layer: sequential({
    hidden1: dense(64, { activation: 'relu' }),
    hidden2: dense(64, { activation: 'relu' }),
    out: dense(1),
  }),
};

await using device = await onnx.open();
const task = regression({ loss: 'huber' });
async function report(when: string, { state }: Trainer): Promise<void> {
  const { metrics } = await evaluate({ model, device, state, task, data: validation });
  console.log(`mean absolute error ${when}: ${metrics.meanAbsoluteError.toFixed(2)}`);
}

const trained = await fit({
  model,
  device,
  task,
  train,
  validation,
  epochs: 40,
  batchSize: 64,
  seed: 0,
  initializer: he,
  optimizer: adamW({ weightDecay: 0.01 }),
  schedule: cosine({ peak: 0.01 }),
  onStart: (trainer) => report('before', trainer),
  onEpoch: ({ epoch, loss, validationLoss }) => {
    if (epoch % 10 > 0) return;
    console.log(`epoch ${epoch}: loss ${loss.toFixed(3)}, validation ${validationLoss?.toFixed(3)}`);
  },
});
await report('after', trained.trainer);
