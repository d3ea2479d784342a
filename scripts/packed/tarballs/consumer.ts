// A user's program that uses many types: layers, attributes of ops, options and a custom backend. types.mjs compiles it against the
// packed packages; it never runs.
import type { AttrsOf, Backend, FitOptions, Layer, Model, OpName } from 'isonet';
import { constant, conv2d, dense, fit, flatten, he, loadFashionMnistSample, sequential, sgd } from 'isonet';
import { reference } from '@isonet/backend-reference';
import { exportOnnx } from '@isonet/onnx';

function residual(channels: number): Layer {
  const conv = conv2d(channels, { kernel: 3, padding: 1, batchNorm: true });
  return (scope, x) => scope.op.relu(scope.op.add(scope.run('conv', conv, x), x));
}

const model: Model = {
  name: 'residual',
  input: { name: 'images', shape: [1, 28, 28] },
  output: { name: 'logits', shape: [10] },
  layer: sequential({ block: residual(1), flatten: flatten(), head: dense(10) }),
};

// Each op's file adds its name and attributes to one interface.
export const attrs: AttrsOf<'dropout'> = { rate: 0.5 };
export const ops: readonly OpName[] = ['conv2d', 'adamUpdate', 'relu'];
// @ts-expect-error -- not an op
export const notAnOp: OpName = 'conv2D';
// @ts-expect-error -- an attribute of another op
export const wrongAttrs: AttrsOf<'dropout'> = { axis: 0 };

export const backend: Backend = {
  name: 'mine',
  contract: 2,
  probe: () => reference.probe(),
  open: async (options = {}) => reference.open({ ...options, device: 'cpu' }),
};

export async function train(options: Pick<FitOptions, 'epochs' | 'seed'>): Promise<Uint8Array> {
  const data = await loadFashionMnistSample();
  await using device = await backend.open();
  const { trainer } = await fit({
    model,
    device,
    train: data.train,
    batchSize: 32,
    initializer: he,
    optimizer: sgd({ momentum: 0.9 }),
    schedule: constant(0.1),
    ...options,
  });
  return exportOnnx(model, await trainer.weights());
}
