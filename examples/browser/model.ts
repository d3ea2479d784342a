import { conv2d, dense, FASHION_MNIST_CLASSES, flatten, type Model, sequential } from 'isonet';

export const classes: readonly string[] = FASHION_MNIST_CLASSES;

const model: Model = {
  name: 'garments',
  input: { name: 'images', shape: [1, 28, 28] },
  output: { name: 'logits', shape: [classes.length] },
  layer: sequential({
    c1: conv2d(16, { kernel: 3, stride: 2, padding: 1, batchNorm: true, activation: 'relu' }),
    c2: conv2d(32, { kernel: 3, stride: 2, padding: 1, batchNorm: true, activation: 'relu' }),
    flatten: flatten(),
    head: dense(classes.length),
  }),
};

export default model;
