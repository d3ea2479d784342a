// A residual block as a custom layer (He et al. 2016), and a small ResNet that uses it.
import { conv2d, dense, fit, flatten, forward, globalAvgPool2d, he, loadFashionMnist } from 'isonet';
import { oneCycle, parameterCount, sequential, sgd, take, type Layer, type Model } from 'isonet';
import { onnx } from '@isonet/backend-onnx';

/** Builds two convolutions and a shortcut around them. `x: [N, C, H, W] -> [N, channels, H / stride, W / stride]` */
function residual(channels: number, stride = 1): Layer {
  const c1 = conv2d(channels, { kernel: 3, stride, padding: 1, batchNorm: true, activation: 'relu' });
  const c2 = conv2d(channels, { kernel: 3, padding: 1, batchNorm: true });
  const projection = conv2d(channels, { kernel: 1, stride, batchNorm: true });
  return (scope, x) => {
    const y = scope.run('c2', c2, scope.run('c1', c1, x));
    const fits = stride === 1 && x.shape[1] === channels;
    const shortcut = fits ? x : scope.run('projection', projection, x);
    return scope.op.relu(scope.op.add(y, shortcut));
  };
}

const model: Model = {
  name: 'resnet',
  input: { name: 'images', shape: [1, 28, 28] },
  output: { name: 'logits', shape: [10] },
  layer: sequential({
    stem: conv2d(8, { kernel: 3, stride: 2, padding: 1, batchNorm: true, activation: 'relu' }),
    block1: residual(8),
    block2: residual(16, 2),
    block3: residual(32, 2),
    gap: globalAvgPool2d(),
    flatten: flatten(),
    head: dense(10),
  }),
};
const { layers, parameters } = forward(model, 1);
for (const { path, shape } of layers) {
  if (/^block\d$/.test(path)) console.log(path, shape.join(' x '));
}
console.log(parameterCount(parameters), 'parameters');

const { train, test } = await loadFashionMnist();
await using device = await onnx.open();
await fit({
  model,
  device,
  train: take(train, 2500),
  test: take(test, 500),
  epochs: 3,
  batchSize: 50,
  seed: 0,
  initializer: he,
  optimizer: sgd({ momentum: 0.9, weightDecay: 5e-4 }),
  schedule: oneCycle({ peak: 0.1 }),
  onEpoch: ({ epoch, loss, testAccuracy }) => {
    console.log(`epoch ${epoch}: loss ${loss.toFixed(3)}, test accuracy ${testAccuracy?.toFixed(3)}`);
  },
});
