import { writeFile } from 'node:fs/promises';
import { fit, he, loadFashionMnist, nin, oneCycle, sgd } from 'isonet';
import { onnx } from '@isonet/backend-onnx';
import { exportOnnx } from '@isonet/onnx';

const model = nin({ batchNorm: true });
const device = await onnx.open(); // or tfjs, webgpu, reference; nothing else changes
const { train, test } = await loadFashionMnist();

const optimizer = sgd({ momentum: 0.9, nesterov: true, weightDecay: 5e-4 });
const schedule = oneCycle({ peak: 0.03 });
const recipe = { epochs: 5, batchSize: 256, seed: 0, initializer: he, optimizer, schedule };
const { trainer } = await fit({
  model,
  device,
  train,
  test,
  ...recipe,
  onEpoch: (done) => console.log(done),
});

await writeFile('nin.onnx', exportOnnx(model, await trainer.weights()));
