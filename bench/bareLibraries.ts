// The baselines of bench/devices.ts: the same loop on the libraries that the backends use, without isonet. Each library
// is loaded in the same way as its backend loads it.
import { Worker } from 'node:worker_threads';
import type { Graph, Tensor } from 'isonet';
import { defined, typeOf, zeros } from 'isonet';
import { onnxHere } from '@isonet/backend-onnx';
import { webgpu } from '@isonet/backend-webgpu';
import { encodeModel } from '@isonet/onnx/write';
import { kernels } from '../packages/backend-onnx/src/lowering/portable.ts';
import { write } from '../packages/backend-onnx/src/lowering/write.ts';
import type { Runtime } from '../packages/backend-onnx/src/runtime/load.ts';
import { loadRuntime } from '../packages/backend-onnx/src/runtime/load.ts';
import { cpu } from '../packages/backend-tfjs/src/providers/cpu.ts';
import { wasm } from '../packages/backend-tfjs/src/providers/wasm.ts';
import { findSoftware, softwareGpu } from '../packages/backend-webgpu/src/adapters/platform.ts';
import { lower } from '../packages/backend-webgpu/src/lower.ts';
import { plan } from '../packages/backend-webgpu/src/plan.ts';

/** Runs one round. Threads and memory are measured after it. */
export type Round = () => Promise<void>;

interface OnnxModel {
  readonly bytes: Uint8Array;
  /** Zeros for inputs and state. */
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly outputs: readonly string[];
}

async function onnxModel(step: Graph): Promise<OnnxModel> {
  await using device = await onnxHere.open();
  await using program = await device.compile(step);
  const { graph } = program;
  const written = write(graph, kernels, undefined);
  const feeds = [...graph.inputs, ...graph.state].map(({ name, value }) => {
    const type = typeOf(graph, value);
    return [name, { ...type, data: zeros(type, 'float32') } as Tensor] as const;
  });
  return {
    bytes: encodeModel(written.graph),
    feeds: Object.fromEntries(feeds),
    outputs: [...written.outputs.values(), ...written.updates.values()],
  };
}

/** Returns a round that creates a session of the step's own model, runs it once on zeros and releases it. */
export async function bareOnnxRuntime(step: Graph): Promise<Round> {
  const model = await onnxModel(step);
  const runtime = await loadRuntime();
  return () => sessionOnce(runtime, model);
}

/** Runs one round of {@link bareOnnxRuntime}. */
export async function sessionOnce(runtime: Runtime, { bytes, feeds, outputs }: OnnxModel): Promise<void> {
  const session = await runtime.createSession(bytes, { provider: 'cpu', threads: runtime.threads });
  const fed = Object.entries(feeds).map(([name, tensor]) => [name, runtime.tensor(tensor)] as const);
  await session.run(Object.fromEntries(fed), outputs);
  await session.release();
}

/**
 * Returns a round that runs a convolution, a max pooling and a matrix product on tensors that it creates and disposes
 * of.
 */
export async function bareTensorFlowJs(name: 'cpu' | 'wasm'): Promise<Round> {
  const { tf } = await { cpu, wasm }[name].open({});
  return async () => {
    tf.engine().startScope();
    try {
      const x = tf.tensor4d(new Float32Array(576), [4, 12, 12, 1]);
      const filter = tf.tensor4d(new Float32Array(36), [3, 3, 1, 4]);
      const hidden = tf.maxPool(tf.relu(tf.conv2d(x, filter, 1, 'same')), 2, 2, 'valid');
      await tf.matMul(tf.reshape(hidden, [4, 144]), tf.ones([144, 3])).data();
    } finally {
      tf.engine().endScope();
    }
  };
}

// Constants of the WebGPU specification; Node has no global GPUBufferUsage.
const [MAP_READ, COPY_SRC, COPY_DST, UNIFORM, STORAGE] = [0x1, 0x4, 0x8, 0x40, 0x80];
const [READ, COMPUTE, BYTES] = [1, 4, 4096];

/**
 * Returns a round that opens a device, runs each of the step's shaders once, reads back a buffer, and destroys
 * everything.
 */
export async function bareDawn(step: Graph): Promise<Round> {
  const shaders = await shadersOf(step);
  const found = await findSoftware();
  if ('reason' in found) throw new Error(found.reason);
  const gpu = await softwareGpu(found);
  return async () => {
    const adapter = await gpu.requestAdapter();
    if (adapter === null) throw new Error('expected an adapter from the software driver, got none');
    const device = await adapter.requestDevice();
    const make = (usage: number): GPUBuffer => device.createBuffer({ size: BYTES, usage });
    const pipelines = await Promise.all(shaders.map(async (shader) => pipelineOf(device, shader)));
    const buffers: GPUBuffer[] = [make(MAP_READ | COPY_DST)];
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const { pipeline, layout, types } of pipelines) {
      const bound = types.map((type) => make(type === 'uniform' ? UNIFORM : STORAGE | COPY_SRC));
      buffers.push(...bound);
      const entries = bound.map((buffer, binding) => ({ binding, resource: { buffer } }));
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
      pass.dispatchWorkgroups(1);
    }
    pass.end();
    const [staging, ...others] = buffers;
    const result = defined(others.at(-1), 'a buffer');
    encoder.copyBufferToBuffer(result, 0, defined(staging, 'the first buffer'), 0, BYTES);
    device.queue.submit([encoder.finish()]);
    await staging?.mapAsync(READ);
    staging?.unmap();
    for (const buffer of buffers) buffer.destroy();
    device.destroy();
    await device.lost;
  };
}

interface Shader {
  readonly source: string;
  readonly reads: number;
  readonly writes: number;
}

/** Returns the distinct shaders of the step. */
async function shadersOf(step: Graph): Promise<readonly Shader[]> {
  await using device = await webgpu.open({ device: 'software' });
  await using program = await device.compile(step);
  const { dispatches } = plan(lower(program.graph));
  const shaders = new Map(
    dispatches.map(({ dispatch: { source, reads, writes } }) => [
      source,
      { source, reads: reads.length, writes: writes.length },
    ]),
  );
  return [...shaders.values()];
}

interface Made {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly types: readonly GPUBufferBindingType[];
}

async function pipelineOf(device: GPUDevice, { source, reads, writes }: Shader): Promise<Made> {
  const types: readonly GPUBufferBindingType[] = [
    'uniform',
    ...new Array<'read-only-storage'>(reads).fill('read-only-storage'),
    ...new Array<'storage'>(writes).fill('storage'),
  ];
  const layout = device.createBindGroupLayout({
    entries: types.map((type, binding) => ({ binding, visibility: COMPUTE, buffer: { type } })),
  });
  const pipeline = await device.createComputePipelineAsync({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ code: source }), entryPoint: 'main' },
  });
  return { pipeline, layout, types };
}

/**
 * Returns a round with a worker that loads the same code as a device's worker, runs a session of the same model, and
 * ends.
 */
export async function bareWorker(step: Graph): Promise<Round> {
  const { bytes, feeds, outputs } = await onnxModel(step);
  return async () => {
    const worker = new Worker(new URL('./bareWorker.mjs', import.meta.url), {
      execArgv: ['--conditions=@isonet/source'],
      workerData: { bytes, feeds, outputs },
    });
    await ended(worker);
  };
}

/** Resolves when a worker has ended. */
export async function ended(worker: Worker): Promise<void> {
  await new Promise((resolve, reject) => {
    worker.once('exit', resolve);
    worker.once('error', reject);
  });
}
