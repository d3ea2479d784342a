// Helpers for the tests of remote backends: a graph, and devices at the other end of a port.
import type { MessagePort, Worker } from 'node:worker_threads';
import { MessageChannel } from 'node:worker_threads';
import type { Backend, Device, EventPort, Graph, Port, Program, State, Tensor, Tensors } from '@isonet/core';
import { float32, GraphBuilder, inWorker, remote, serve } from '@isonet/core';
import { loops } from './loops.ts';
import { startWorker } from './start.ts';

export const shape = [2];
export const type = { dtype: 'float32', shape } as const;
export const pair = (x: number, y: number): Tensor => float32(shape, [x, y]);
export const valuesOf = (tensors: Tensors): Readonly<Record<string, readonly number[]>> =>
  Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, [...data]]));

/** Builds y = x * w and w' = w + x. The output `w` is the new w. */
export function stepping(name = 'stepping'): Graph {
  const b = new GraphBuilder(name);
  const [x, w] = [b.input('x', type), b.state('w', type)];
  const next = b.op.add(w, x);
  b.output('y', b.op.mul(x, w));
  b.output('w', next);
  b.update('w', next);
  return b.build();
}

const ends: (() => unknown)[] = [];

/** Closes and disposes of everything that these helpers opened; for `afterEach`. */
export async function endAll(): Promise<void> {
  for (const end of ends.splice(0)) await end();
}

/** Serves a backend at one end of a channel and returns the other end. */
export function portTo(backend: Backend, as: (port: MessagePort) => Port = (port) => port): MessagePort {
  const { port1, port2 } = new MessageChannel();
  serve(backend, as(port1));
  ends.push(() => port2.close());
  return port2;
}

export function overChannel(as: (port: MessagePort) => Port = (port) => port): Backend {
  return remote('loops', as(portTo(loops, as)));
}

/** Wraps a port in the interface of browsers. */
export function withEvents(port: MessagePort): EventPort {
  return {
    postMessage: (message, { transfer }) => port.postMessage(message, transfer),
    addEventListener: (name, listener) => port.addEventListener(name, (event: object) => listener(event)),
    start: () => port.start(),
    close: () => port.close(),
  };
}

/** Serves the loops backend over a MessageChannel, with modified devices. */
export function serving(change: (device: Device) => Partial<Device>): {
  readonly backend: Backend;
  readonly close: () => void;
} {
  const open: Backend['open'] = async () => {
    const device = await loops.open();
    return {
      ...device,
      compile: device.compile.bind(device),
      createState: device.createState.bind(device),
      [Symbol.asyncDispose]: device[Symbol.asyncDispose].bind(device),
      ...change(device),
    };
  };
  const port = portTo({ ...loops, open });
  return { backend: remote('loops', port), close: () => port.close() };
}

/** Opens a device in a new worker, and returns both. */
export async function openInWorker(): Promise<{ readonly device: Device; readonly worker: Worker }> {
  const workers: Worker[] = [];
  const start = (): Worker => {
    const worker = startWorker();
    workers.push(worker);
    return worker;
  };
  const device = await inWorker('loops', start).open();
  ends.push(() => device[Symbol.asyncDispose]());
  const [worker, ...others] = workers;
  if (!worker || others.length > 0) throw new Error(`${workers.length} workers for one device`);
  return { device, worker };
}

export async function prepared(
  device: Device,
  graph: Graph = stepping(),
): Promise<{ readonly program: Program; readonly state: State }> {
  return { program: await device.compile(graph), state: await device.createState({ w: pair(1, 2) }) };
}
