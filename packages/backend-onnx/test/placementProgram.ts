// The program that cudaPlacement.test.ts runs, with ISONET_ONNX_CUDA set to a folder of fakes. It creates sessions of training steps on the
// CUDA provider and prints which of them succeed. Nothing is computed.
import { adam, GraphBuilder, legalize, step } from '@isonet/core';
import { googlenet, nin } from '@isonet/models';
import { missingLibrary } from '@isonet/native';
import type { OnnxKernels } from '@isonet/onnx/write';
import { encodeModel, supports } from '@isonet/onnx/write';
import { gathering } from '../src/lowering/gathering/index.ts';
import { kernels } from '../src/lowering/portable.ts';
import { write } from '../src/lowering/write.ts';
import { openLibraries } from '../src/runtime/cuda/libraries.ts';
import { loadRuntime } from '../src/runtime/load.ts';
import { firstLine } from '../src/runtime/tensors.ts';

const runtime = await loadRuntime();
if ('reason' in runtime.cuda) throw new Error(runtime.cuda.reason);
const missing = missingLibrary('libcuda.so.1') ?? openLibraries(runtime.cuda)?.reason;
if (missing !== undefined) throw new Error(missing);

const widened = new GraphBuilder('transposed convolution, unequal pads');
const image = { dtype: 'float32', shape: [1, 1, 3, 3] } as const;
const [dy, w] = [widened.input('dy', image), widened.input('w', image)];
const attrs = { strides: [2, 2], pads: [0, 1, 2, 0], dilations: [1, 1], groups: 1 } as const;
widened.output('dx', widened.op.conv2dGradInput(dy, w, { ...attrs, inputShape: [1, 1, 5, 6] }));
const pads = widened.build();
const networks = [nin({ batchNorm: true }), googlenet({ size: 28, batchNorm: true })];

async function place(table: OnnxKernels, graph: typeof pads): Promise<string> {
  const legal = legalize(graph, (node) => supports(node, table));
  const model = encodeModel(write(legal, table, undefined).graph);
  return runtime.createSession(model, { provider: 'cuda', threads: 1 }).then(
    async (session) => {
      await session.release();
      return 'on CUDA';
    },
    (error: unknown) => firstLine(error),
  );
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
print(`portable, ${pads.name}: ${await place(kernels, pads)}`);
print(`gathering, ${pads.name}: ${await place(gathering, pads)}`);
for (const model of networks) print(`${model.name}: ${await place(gathering, step(model, 2, adam()))}`);
