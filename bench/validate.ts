// Helps to choose the settings of a recipe: trains a network with batch norm on the first 50,000 training images and validates it on
// the other 10,000, so that the test images have no influence. Prints one line per epoch, and the settings with the
// final accuracy.
//   npm run bench:validate -- --model nin --batch 64 --lr 0.05 --dropout 0.1
import { parseArgs } from 'node:util';
import {
  classification,
  defined,
  fit,
  googlenet,
  he,
  loadFashionMnist,
  nin,
  oneCycle,
  sgd,
  split,
} from 'isonet';
import { backends } from '@isonet/cli';
import { backendLine, openDevice } from '@isonet/runs';

const { values: options } = parseArgs({
  options: {
    backend: { type: 'string', default: 'onnx' },
    model: { type: 'string', default: 'nin' },
    batch: { type: 'string', default: '64' },
    lr: { type: 'string', default: '0.05' },
    dropout: { type: 'string', default: '0.1' },
    'weight-decay': { type: 'string', default: '5e-4' },
    'label-smoothing': { type: 'string', default: '0' },
    seed: { type: 'string', default: '100' },
  },
});
const TRAINING_IMAGES = 50_000;

const { train: all, source } = await loadFashionMnist();
const [train, validation] = split(all, { held: all.length - TRAINING_IMAGES });
const { device, ...opened } = await openDevice(backends, { backend: options.backend });
process.stdout.write(`${backendLine({ ...opened, device })}\n${source.text}\n`);

const { trainer, epochs } = await fit({
  model:
    options.model === 'nin'
      ? nin({ batchNorm: true, dropoutRate: Number(options.dropout) })
      : googlenet({ size: 28, batchNorm: true }),
  device,
  train,
  validation,
  epochs: 5,
  batchSize: Number(options.batch),
  optimizer: sgd({ momentum: 0.9, nesterov: true, weightDecay: Number(options['weight-decay']) }),
  schedule: oneCycle({ peak: Number(options.lr) }),
  task: classification({ labelSmoothing: Number(options['label-smoothing']) }),
  initializer: he,
  seed: Number(options.seed),
  onEpoch: ({ epoch, trainAccuracy, validationAccuracy, seconds }) => {
    const trained = defined(trainAccuracy, 'the training accuracy');
    const validated = defined(validationAccuracy, 'the validation accuracy');
    const accuracies = `train acc ${trained.toFixed(4)}, validation acc ${validated.toFixed(4)}`;
    process.stdout.write(`epoch ${epoch}, ${accuracies}, time ${seconds.toFixed(0)} sec\n`);
  },
});
await trainer[Symbol.asyncDispose]();
await device[Symbol.asyncDispose]();
process.stdout.write(`${JSON.stringify(options)}: ${epochs.at(-1)?.validationAccuracy}\n`);
