// Early stopping: training keeps a moving average of the weights, validates it after each epoch, and restores the best one when
// it stops improving.
import { adam, constant, dense, dropout, evaluate, fit, flatten, he } from 'isonet';
import { loadFashionMnist, sequential, split, take, type Model } from 'isonet';
import { onnx } from '@isonet/backend-onnx';

const model: Model = {
  name: 'mlp',
  input: { name: 'images', shape: [1, 28, 28] },
  output: { name: 'logits', shape: [10] },
  layer: sequential({
    flatten: flatten(),
    hidden: dense(128, { activation: 'relu' }),
    dropout: dropout(0.2),
    head: dense(10),
  }),
};

await using device = await onnx.open();
const images = await loadFashionMnist();
const [train, validation] = split(take(images.train, 2500), { held: 500, seed: 0 });

const { trainer, epochs, bestEpoch } = await fit({
  model,
  device,
  train,
  validation,
  epochs: 60,
  batchSize: 50,
  seed: 0,
  initializer: he,
  optimizer: adam(),
  schedule: constant(0.002),
  earlyStopping: { patience: 3, monitor: 'accuracy', mode: 'max' },
  movingAverage: { decay: 0.99 },
  onEpoch: ({ epoch, loss, validationLoss, validationAccuracy }) => {
    const texts = [loss, validationLoss, validationAccuracy].map((value) => value?.toFixed(3));
    console.log(`epoch ${epoch}: loss ${texts[0]}, validation ${texts[1]}, accuracy ${texts[2]}`);
  },
});
console.log(`stopped after epoch ${epochs.length}, with the weights of epoch ${bestEpoch}`);

// Validation measured the averaged weights, so keep those; the trainer's own state contains the weights without
// averaging.
const data = images.test;
await using averages = await device.createState(await trainer.averagedWeights());
const average = await evaluate({ model, device, state: averages, data });
const plain = await evaluate({ model, device, state: trainer.state, data });
console.log(`test accuracy ${average.accuracy.toFixed(3)}, without averaging ${plain.accuracy.toFixed(3)}`);
