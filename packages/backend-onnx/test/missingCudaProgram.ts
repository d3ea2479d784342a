// The program that missingCuda.test.ts runs: computes on the CPU and prints the result, lists the devices, and opens those in the
// environment variable OPEN, with the card's files under ROOT. It reports errors and exits like the command line.
import type { OpenOptions } from '@isonet/core';
import { BackendError, float32, GraphBuilder } from '@isonet/core';
import { backendOver } from '../src/native.ts';
import { loadRuntime } from '../src/runtime/load.ts';
import { cpu } from '../src/runtime/providers/cpu.ts';
import { cudaUnder } from '../src/runtime/providers/cuda.ts';
import { webgpu } from '../src/runtime/providers/webgpu.ts';

const { OPEN = '[]', ROOT = '/' } = process.env;
const onnx = backendOver(loadRuntime, undefined, [cpu, cudaUnder(ROOT), webgpu]);

const print = (...words: readonly unknown[]): void => void process.stdout.write(`${words.join(' ')}\n`);

const b = new GraphBuilder('doubled');
const x = b.input('x', { dtype: 'float32', shape: [2] });
b.output('y', b.op.add(x, x));
const graph = b.build();
{
  await using device = await onnx.open();
  await using state = await device.createState({});
  await using program = await device.compile(graph);
  const { y } = await program.run(state, { x: float32([2], [1, 2]) }).read();
  print('cpu', ...(y?.data ?? []));
}
const probe = await onnx.probe();
print('devices', ...(probe.ok ? probe.devices.map(({ id }) => id) : [probe.reason]));

for (const options of JSON.parse(OPEN) as readonly OpenOptions[]) {
  try {
    await using device = await onnx.open(options);
    print('opened', device.info.id);
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    process.exitCode = 1;
  }
}
