// A program that leaves its device open. It must neither end before its run is read nor stay alive afterwards.
import { float32, GraphBuilder, inWorker } from '@isonet/core';
import { startWorker } from './start.ts';

const device = await inWorker('loops', startWorker).open();
const b = new GraphBuilder('slow');
const x = b.input('x', { dtype: 'float32', shape: [1] });
b.output('y', b.op.add(x, x));
const [program, state] = [await device.compile(b.build()), await device.createState({})];
const { y } = await program.run(state, { x: float32([1], [21]) }).read();
process.stdout.write(`${y?.data.join()}\n`);
