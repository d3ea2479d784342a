// The rival ONNX Runtime on its own WebGPU provider: the network as isonet exports it, weights as initializers.
import { createRequire } from 'node:module';
import { float32, initialize, messageOf, stateOf, xavier } from '@isonet/core';
import type { Model, Tensors } from '@isonet/core';
import { exportOnnx } from '@isonet/onnx';
import type * as onnxruntime from 'onnxruntime-node';
import { modelOf } from './networkModel.ts';
import { entryOf } from './packages.ts';
import type { Files, RivalCandidate } from './serve.ts';
import { checkNoTf32, Refusal, serve } from './serve.ts';

type Ort = typeof onnxruntime;
type Session = onnxruntime.InferenceSession;

await serve((request) => {
  const { work, device } = request;
  if (work === 'step')
    throw new Refusal('onnx-webgpu: ONNX Runtime in Node trains nothing; measure the forward pass');
  if (device !== null && device !== 'webgpu') {
    throw new Refusal(`onnx-webgpu: device: expected webgpu, got "${device}"`);
  }
  checkNoTf32('onnx-webgpu', request);
  const [folder = process.cwd()] = process.argv.slice(2);
  const entry = entryOf('onnxruntime-node', folder);
  if (entry === undefined) throw new Refusal('onnx-webgpu: onnxruntime-node is not installed');
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
  const ort = createRequire(import.meta.url)(entry) as Ort;
  const text = `ONNX Runtime ${ort.env.versions.node ?? ort.env.versions.common}, WebGPU provider`;
  return Promise.resolve((files: Files) => open(ort, files, text));
});

async function open(ort: Ort, { network, weights, images }: Files, text: string): Promise<RivalCandidate> {
  const session = await sessionOf(ort, modelOf(network, images.shape.slice(1)), weights);
  const logits = async (): Promise<ArrayLike<number>> => {
    const feeds = { images: new ort.Tensor('float32', images.data, images.shape) };
    const { logits: result } = await session.run(feeds);
    return (await result?.getData()) as Float32Array;
  };
  return {
    text,
    logits,
    run: async () => {
      await logits();
      return undefined;
    },
    product: async (size) => {
      const model = product(size);
      const multiply = await sessionOf(ort, model, initialize(stateOf(model).parameters, xavier, 1));
      const rows = new ort.Tensor('float32', float32([size, size]).data.fill(1), [size, size]);
      return () => multiply.run({ rows });
    },
  };
}

/** A product whose rows are summed: a whole matrix would take longer to read than to compute. */
function product(size: number): Model {
  return {
    name: 'product',
    input: { name: 'rows', shape: [size] },
    output: { name: 'sums', shape: [1] },
    layer: (scope, rows) => {
      const matrix = scope.parameter('w', [size, size]);
      const y = scope.op.matMul(rows, matrix, { transposeA: false, transposeB: false });
      return scope.op.reduceSum(y, { axes: [1] });
    },
  };
}

/** @throws Refusal where there is no adapter, or a node would run on the processor */
async function sessionOf(ort: Ort, model: Model, weights: Tensors): Promise<Session> {
  try {
    return await ort.InferenceSession.create(exportOnnx(model, weights), {
      executionProviders: ['webgpu'],
      extra: { session: { disable_cpu_ep_fallback: '1' } },
      logSeverityLevel: 3,
    });
  } catch (error) {
    const [line = ''] = messageOf(error).split('\n');
    // The library begins with the place in its own source.
    const reason = /Failed to .*/.exec(line)?.[0] ?? line;
    throw new Refusal(`onnx-webgpu: ${reason}; it needs a GPU with a driver for WebGPU (on Linux, Vulkan)`);
  }
}
