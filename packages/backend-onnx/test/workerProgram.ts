// The program that worker.test.ts runs in a separate process. It starts a run that takes at least a second, and ends
// in the middle of that run, in the way that its first argument names.
import { defined, float32, GraphBuilder } from '@isonet/core';
import { onnx } from '../src/index.ts';

const b = new GraphBuilder('product');
const x = b.input('x', { dtype: 'float32', shape: [1200, 1200] });
const plain = { transposeA: false, transposeB: false };
let y = x;
for (let i = 0; i < 60; i++) y = b.op.matMul(y, x, plain);
b.output('y', y);

const ways: Readonly<Record<string, () => void>> = {
  exit: () => process.exit(7),
  'exit 143': () => process.exit(143),
  throw: () => {
    throw new Error('thrown on purpose');
  },
  'exit, deaf': () => {
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.on(signal, () => undefined);
    process.prependListener('exit', () => process.stdout.write('exiting\n'));
    process.exit(7);
  },
  SIGINT: () => process.kill(process.pid, 'SIGINT'),
  nothing: () => undefined,
};
const way = defined(ways[defined(process.argv[2], 'an argument')], 'the way');

const device = await onnx.open({ threads: 1 });
const state = await device.createState({});
const program = await device.compile(b.build());
process.on('exit', () => process.stdout.write('exit\n'));
setTimeout(way, 500); // the run has started by then
await program.run(state, { x: float32([1200, 1200]) }).read();
// The device is not disposed, because an idle worker lets the process end.
process.stdout.write('read\n');
