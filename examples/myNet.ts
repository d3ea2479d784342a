// A custom network for the command line: npx isonet train examples/myNet.ts --epochs 1
import { conv2d, dense, flatten, maxPool2d, sequential, type Model } from 'isonet';

const model: Model = {
  name: 'my-net',
  input: { name: 'images', shape: [1, 28, 28] }, // channels, height, width
  output: { name: 'logits', shape: [10] }, // one logit per class
  layer: sequential({
    c1: conv2d(16, { kernel: 3, padding: 1, batchNorm: true, activation: 'relu' }),
    pool1: maxPool2d({ kernel: 2 }),
    c2: conv2d(32, { kernel: 3, padding: 1, batchNorm: true, activation: 'relu' }),
    pool2: maxPool2d({ kernel: 2 }),
    flatten: flatten(),
    head: dense(10),
  }),
};

export default model;
