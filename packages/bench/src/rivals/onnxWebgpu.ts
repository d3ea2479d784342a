// The rival ONNX Runtime with its WebGPU provider: the network as exported by isonet, with weights as initializers.
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
    throw new Refusal('onnx-webgpu: ONNX Runtime in Node cannot train; measure the forward pass');
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

/** Returns a product whose rows are summed: reading a whole matrix would take longer than computing it. */
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

/** Creates a session. @throws Refusal if there is no adapter, or a node would run on the CPU */
async function sessionOf(ort: Ort, model: Model, weights: Tensors): Promise<Session> {
  try {
    return await ort.InferenceSession.create(exportOnnx(model, weights), {
      executionProviders: ['webgpu'],
      extra: { session: { disable_cpu_ep_fallback: '1' } },
      logSeverityLevel: 3,
    });
  } catch (error) {
    const [line = ''] = messageOf(error).split('\n');
    // The message starts with a location in the source of the library.
    const reason = /Failed to .*/.exec(line)?.[0] ?? line;
    throw new Refusal(`onnx-webgpu: ${reason}; it needs a GPU with a driver for WebGPU (on Linux, Vulkan)`);
  }
}
