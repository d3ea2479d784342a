// Devices in other threads: over a MessageChannel, and in workers.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { MessagePort, Worker } from 'node:worker_threads';
import { MessageChannel } from 'node:worker_threads';
import type { Backend, Device, EventPort, Graph, Port, Program, State, Tensor, Tensors } from '@isonet/core';
import {
  BackendError,
  DataError,
  DeviceLostError,
  float32,
  GraphBuilder,
  GraphError,
  inWorker,
  remote,
  serve,
  UnsupportedOpError,
} from '@isonet/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loops, SLOW_MS } from './remote/loops.ts';
import { nodeArguments, startWorker } from './remote/start.ts';

const shape = [2];
const type = { dtype: 'float32', shape } as const;
const pair = (x: number, y: number): Tensor => float32(shape, [x, y]);
const valuesOf = (tensors: Tensors): Readonly<Record<string, readonly number[]>> =>
  Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, [...data]]));

/** y = x * w, and w' = w + x: the output `w` is the new w. */
function stepping(name = 'stepping'): Graph {
  const b = new GraphBuilder(name);
  const [x, w] = [b.input('x', type), b.state('w', type)];
  const next = b.op.add(w, x);
  b.output('y', b.op.mul(x, w));
  b.output('w', next);
  b.update('w', next);
  return b.build();
}

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function overChannel(as: (port: MessagePort) => Port = (port) => port): Backend {
  const { port1, port2 } = new MessageChannel();
  serve(loops, as(port1));
  ends.push(() => port2.close());
  return remote('loops', as(port2));
}

/** A port as browsers have it. */
function withEvents(port: MessagePort): EventPort {
  return {
    postMessage: (message, transfer) => port.postMessage(message, transfer),
    addEventListener: (name, listener) => port.addEventListener(name, (event: object) => listener(event)),
    start: () => port.start(),
    close: () => port.close(),
  };
}

/** In a worker of its own, and that worker. */
async function openInWorker(): Promise<{ readonly device: Device; readonly worker: Worker }> {
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

async function prepared(
  device: Device,
  graph: Graph = stepping(),
): Promise<{ readonly program: Program; readonly state: State }> {
  return { program: await device.compile(graph), state: await device.createState({ w: pair(1, 2) }) };
}

describe.each([
  ['over a MessageChannel', async () => overChannel().open()],
  ['over the ports of browsers', async () => overChannel(withEvents).open()],
  ['in a worker', async () => (await openInWorker()).device],
] as const)('a device %s', (_, open) => {
  it('describes itself and its programs as it does here', async () => {
    const [here, there] = [await loops.open(), await open()];
    expect(there.info).toEqual(here.info);
    expect(there.numerics).toEqual(here.numerics);
    const [mine, its] = [await here.compile(stepping()), await there.compile(stepping())];
    expect(its.graph).toEqual(mine.graph);
    expect(its.plan).toEqual(mine.plan);
    expect(its.bytes).toBe(64);
  });

  it('copies feeds that are views of one buffer, and leaves them to the caller', async () => {
    const b = new GraphBuilder('two feeds');
    b.output('sum', b.op.add(b.input('x', type), b.input('y', type)));
    const device = await open();
    const program = await device.compile(b.build());
    const state = await device.createState({});
    const { buffer } = Float32Array.of(9, 1, 2, 3, 4, 9);
    const feeds = {
      x: float32(shape, new Float32Array(buffer, 4, 2)),
      y: float32(shape, new Float32Array(buffer, 12, 2)),
    };
    const first = program.run(state, feeds);
    feeds.x.data.fill(100);
    expect(valuesOf(await first.read())).toEqual({ sum: [4, 6] });
    expect(valuesOf(await program.run(state, feeds).read())).toEqual({ sum: [103, 104] });
  });

  it('copies shared memory and constants', async () => {
    const shared = new Float32Array(new SharedArrayBuffer(16));
    shared.set([1, 2, 3, 4]);
    const b = new GraphBuilder('constant');
    b.output('sum', b.op.add(b.input('x', type), b.constant(float32(shape, shared.subarray(2)))));
    const device = await open();
    const compiling = device.compile(b.build());
    shared.set([7, 7], 2);
    const program = await compiling;
    const state = await device.createState({ w: float32(shape, shared.subarray(0, 2)) });
    const run = program.run(state, { x: float32(shape, shared.subarray(0, 2)) });
    shared.fill(50);
    expect(valuesOf(await run.read())).toEqual({ sum: [4, 6] });
    expect(valuesOf(await state.read())).toEqual({ w: [1, 2] });
    expect(program.graph.constants[0]?.data.data.buffer.byteLength).toBe(8);
  });

  it('keeps an output that is also an update', async () => {
    const { program, state } = await prepared(await open());
    const runs = [1, 2, 3].map((x) => program.run(state, { x: pair(x, x) }));
    const [first, second, third] = runs;
    expect(valuesOf((await third?.read(['w'])) ?? {})).toEqual({ w: [7, 8] });
    expect(valuesOf(await state.read())).toEqual({ w: [7, 8] });
    const read = (await first?.read()) ?? {};
    expect(valuesOf(read)).toEqual({ y: [1, 2], w: [2, 3] });
    read['w']?.data.fill(0);
    expect(valuesOf((await second?.read()) ?? {})).toEqual({ y: [4, 6], w: [4, 5] });
    expect(valuesOf(await state.read(['w']))).toEqual({ w: [7, 8] });
  });

  it('does everything in the order in which it is asked', async () => {
    const { program, state } = await prepared(await open());
    const given = pair(10, 20);
    const first = program.run(state, { x: pair(1, 1) });
    const afterFirst = state.read();
    const written = state.write({ w: given });
    given.data.fill(0);
    program.run(state, { x: pair(2, 2) }).discard();
    const last = program.run(state, { x: pair(3, 3) });
    expect(valuesOf(await state.read())).toEqual({ w: [15, 25] });
    expect(valuesOf(await afterFirst)).toEqual({ w: [2, 3] });
    expect(valuesOf(await last.read(['y']))).toEqual({ y: [36, 66] });
    expect(valuesOf(await first.read(['y']))).toEqual({ y: [1, 2] });
    await written;
  });

  it('takes a frozen state as it was when it was asked', async () => {
    const device = await open();
    const state = await device.createState({ w: pair(1, 2) });
    const compiling = device.compile(stepping(), { frozen: state });
    await state.write({ w: pair(5, 5) });
    const program = await compiling;
    expect(valuesOf(await program.run(state, { x: pair(1, 1) }).read(['y']))).toEqual({ y: [5, 5] });
    const plan = { format: 'loops', version: 1 };
    await expect(device.compile(stepping(), { plan })).rejects.toMatchObject({ code: 'PLAN' });
  });

  it('reads or discards an execution once, and only outputs that there are', async () => {
    const { program, state } = await prepared(await open());
    const run = program.run(state, { x: pair(1, 1) });
    await expect(run.accepted).resolves.toBeUndefined();
    await expect(run.read(['z'])).rejects.toThrow(DataError);
    expect(Object.keys(await run.read(['y']))).toEqual(['y']);
    await expect(run.read()).rejects.toMatchObject({ code: 'CONSUMED' });
    const discarded = program.run(state, { x: pair(1, 1) });
    discarded.discard();
    discarded.discard();
    await expect(discarded.read()).rejects.toMatchObject({ code: 'CONSUMED' });
  });

  it('refuses states of other devices before anything is sent', async () => {
    const [device, other] = [await open(), await open()];
    const { program, state } = await prepared(device);
    const foreign = await other.createState({ w: pair(1, 2) });
    const code = 'FOREIGN_STATE';
    for (const one of [foreign, await (await loops.open()).createState({ w: pair(1, 2) })]) {
      const run = program.run(one, { x: pair(1, 1) });
      await expect(run.accepted).rejects.toMatchObject({ code });
      await expect(run.read()).rejects.toMatchObject({ code });
      await expect(device.compile(stepping(), { frozen: one })).rejects.toMatchObject({ code });
    }
    expect(valuesOf(await state.read())).toEqual({ w: [1, 2] });
  });

  it('rebuilds errors with their classes, codes and causes', async () => {
    const device = await open();
    const { program, state } = await prepared(device);
    await expect(state.read(['v'])).rejects.toThrow(DataError);
    await expect(state.read(['v'])).rejects.toMatchObject({ code: 'UNKNOWN', name: 'DataError' });
    await expect(program.run(state, {}).accepted).rejects.toMatchObject({ code: 'MISSING' });
    const nothing = await device.createState({});
    const refused = program.run(nothing, { x: pair(1, 1) });
    await expect(refused.accepted).rejects.toThrow(DataError);
    await expect(refused.read()).rejects.toThrow('state: "w" (float32 [2]) is missing');

    const b = new GraphBuilder('unsupported');
    b.output('y', b.op.exp(b.op.tanh(b.input('x', type))));
    const unsupported: unknown = await device.compile(b.build()).catch((error: unknown) => error);
    expect(unsupported).toBeInstanceOf(UnsupportedOpError);
    expect(unsupported).toMatchObject({
      code: 'UNSUPPORTED_OP',
      refusals: [
        { op: 'tanh', reason: 'loops has no tanh' },
        { op: 'exp', reason: 'loops has no exp' },
      ],
    });
    const dangling = { ...stepping(), outputs: [{ name: 'y', value: 99 }] };
    await expect(device.compile(dangling)).rejects.toThrow(GraphError);
  });

  it('poisons a state by a run that fails, whose `accepted` does not', async () => {
    const device = await open();
    const { program: broken, state } = await prepared(device, stepping('broken'));
    const run = broken.run(state, { x: pair(1, 1) });
    await expect(run.accepted).resolves.toBeUndefined();
    const failure: unknown = await run.read().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BackendError);
    expect(failure).toMatchObject({ code: 'RUN', message: 'broken: the run failed: out of range' });
    const { cause } = failure as Error;
    expect(cause).toMatchObject({ name: 'RangeError', message: 'out of range' });
    expect((cause as Error).cause).toBeInstanceOf(BackendError);
    expect((cause as Error).cause).toMatchObject({ code: 'INNER' });
    const poisoned: unknown = await state.read().catch((error: unknown) => error);
    expect(poisoned).toMatchObject({ name: 'BackendError', code: 'POISONED', cause: { name: 'RangeError' } });

    await state.write({ w: pair(3, 4) });
    const wrong = await device.compile(stepping('wrong data'));
    const read = wrong.run(state, { x: pair(1, 1) }).read();
    await expect(read).rejects.toThrow(DataError);
    await expect(read).rejects.toMatchObject({ code: 'WRONG', cause: { name: 'TypeError' } });
  });

  it('keeps failures that nobody asks for to itself', async () => {
    const unheard = vi.fn<() => void>();
    process.on('unhandledRejection', unheard);
    const { program, state } = await prepared(await open(), stepping('broken'));
    program.run(state, { x: pair(1, 1) });
    program.run(state, {});
    program.run(state, { x: pair(1, 1) }).discard();
    await expect(state.read()).rejects.toMatchObject({ code: 'POISONED' });
    await new Promise((resolve) => setTimeout(resolve));
    process.off('unhandledRejection', unheard);
    expect(unheard).not.toHaveBeenCalled();
  });

  it('is disposed when the run in hand is over, once, with all that is on it', async () => {
    const device = await open();
    const { program, state } = await prepared(device, stepping('slow'));
    const before = performance.now();
    const read = program.run(state, { x: pair(1, 1) }).read();
    const after = state.read();
    await Promise.all([device[Symbol.asyncDispose](), device[Symbol.asyncDispose]()]);
    expect(performance.now() - before).toBeGreaterThan(SLOW_MS * 0.9);
    expect(valuesOf(await read)).toEqual({ y: [1, 2], w: [2, 3] });
    expect(valuesOf(await after)).toEqual({ w: [2, 3] });

    const code = 'DISPOSED';
    await expect(program.run(state, { x: pair(1, 1) }).accepted).rejects.toMatchObject({ code });
    await expect(device.createState({})).rejects.toMatchObject({ code });
    await expect(state.read()).rejects.toMatchObject({ code });
    await program[Symbol.asyncDispose]();
    await state[Symbol.asyncDispose]();
  });

  it('disposes states and programs twice, and then refuses them', async () => {
    const device = await open();
    const { program, state } = await prepared(device);
    const kept = await device.createState({ w: pair(1, 2) });
    for (const one of [state, state, program, program]) await one[Symbol.asyncDispose]();
    const code = 'DISPOSED';
    await expect(state.read()).rejects.toMatchObject({ code });
    await expect(state.write({})).rejects.toMatchObject({ code });
    await expect(program.run(kept, { x: pair(1, 1) }).read()).rejects.toMatchObject({ code });
    const another = await device.compile(stepping());
    await expect(another.run(state, { x: pair(1, 1) }).accepted).rejects.toMatchObject({ code });
    expect(valuesOf(await kept.read())).toEqual({ w: [1, 2] });
  });

  it('is lost with the reason of the real one', async () => {
    const device = await open();
    const { program, state } = await prepared(device, stepping('lost'));
    const run = program.run(state, { x: pair(1, 1) });
    await expect(device.lost).resolves.toBe('the driver was reset');
    await expect(run.read()).rejects.toThrow(DeviceLostError);
    await expect(state.read()).rejects.toMatchObject({
      code: 'DEVICE_LOST',
      message: 'the driver was reset',
    });
  });
});

describe('a backend elsewhere', () => {
  it.each([
    ['over a MessageChannel', () => overChannel()],
    ['in a worker', () => inWorker('loops', startWorker)],
  ] as const)('%s probes, and opens with options that it has', async (_, backend) => {
    await expect(backend().probe()).resolves.toEqual(await loops.probe());
    const opening = backend().open({ tf32: true });
    await expect(opening).rejects.toThrow(BackendError);
    await expect(opening).rejects.toMatchObject({ code: 'OPTION' });
  });

  it('is the one that was expected', async () => {
    const { port1, port2 } = new MessageChannel();
    serve(loops, port1);
    ends.push(() => port2.close());
    const backend = remote('onnx', port2);
    await expect(backend.open()).rejects.toMatchObject({ code: 'PROTOCOL' });
    await expect(backend.probe()).resolves.toMatchObject({ ok: false, code: 'REMOTE' });
  });

  it('opens several devices over one port, each disposed by itself', async () => {
    const backend = overChannel();
    const [one, two] = [await backend.open(), await backend.open()];
    const { state } = await prepared(two);
    await one[Symbol.asyncDispose]();
    expect(valuesOf(await state.read())).toEqual({ w: [1, 2] });
  });

  it('answers what it does not know, and leaves other traffic alone', async () => {
    const { port1, port2 } = new MessageChannel();
    serve(loops, port1);
    ends.push(() => port2.close());
    const ask = async (message: unknown): Promise<unknown> => {
      port2.postMessage(message);
      const answers: readonly unknown[] = await once(port2, 'message');
      return answers[0];
    };
    for (const noise of [undefined, null, 7, 'hello', {}, { isonet: 'call' }, { isonet: 'call', id: 1 }]) {
      port2.postMessage(noise);
    }
    const unknown = ask({ isonet: 'call', id: 5, name: 'constructor', body: {} });
    await expect(unknown).resolves.toMatchObject({
      isonet: 'failure',
      id: 5,
      error: { kind: 'BackendError', code: 'PROTOCOL' },
    });
    for (const name of ['readState', 'run', 'compile', 'disposeDevice']) {
      const lacking = ask({ isonet: 'call', id: 6, name, body: { device: 1 } });
      await expect(lacking).resolves.toMatchObject({ isonet: 'failure', error: { code: 'PROTOCOL' } });
    }
    await expect(remote('loops', port2).probe()).resolves.toMatchObject({ ok: true });
  });

  it('is lost when its port is closed; what is there is disposed', async () => {
    const { port1, port2 } = new MessageChannel();
    const disposed = vi.fn<() => void>();
    const open: Backend['open'] = async () => {
      const device = await loops.open();
      return {
        ...device,
        compile: device.compile.bind(device),
        createState: device.createState.bind(device),
        [Symbol.asyncDispose]: async () => {
          await device[Symbol.asyncDispose]();
          disposed();
        },
      };
    };
    serve({ ...loops, open }, port1);
    const backend = remote('loops', port2);
    const device = await backend.open();
    const { program, state } = await prepared(device, stepping('slow'));
    const run = program.run(state, { x: pair(1, 1) });
    port2.close();
    await expect(device.lost).resolves.toBe('the port was closed');
    await expect(run.read()).rejects.toThrow(DeviceLostError);
    await expect(backend.open()).rejects.toMatchObject({ code: 'REMOTE' });
    await vi.waitFor(() => expect(disposed).toHaveBeenCalledOnce());
    await device[Symbol.asyncDispose]();
  });

  it('needs a port', () => {
    expect(() => serve(loops, null)).toThrow('serve: loops has no port; run this file in a worker');
  });
});

describe('a worker', () => {
  it.each([
    ['is killed', 'slow', 'the worker exited with code 1'],
    ['exits', 'exit', 'the worker exited with code 3'],
    ['crashes', 'crash', 'the worker crashed'],
  ] as const)('that %s takes its device along', async (what, name, reason) => {
    const { device, worker } = await openInWorker();
    const { program, state } = await prepared(device, stepping(name));
    const run = program.run(state, { x: pair(1, 1) });
    const pending = [run.accepted, run.read(), state.read(), state.write({ w: pair(1, 1) })];
    if (what === 'is killed') await worker.terminate();
    await expect(device.lost).resolves.toBe(reason);
    for (const one of pending) await expect(one).rejects.toThrow(DeviceLostError);
    await expect(device.compile(stepping())).rejects.toThrow(reason);
    await device[Symbol.asyncDispose]();
  });

  it('ends by itself when its device is disposed, in the middle of a run too, which is no loss', async () => {
    const { device, worker } = await openInWorker();
    const lost = vi.fn<() => void>();
    void device.lost.then(lost);
    const { program, state } = await prepared(device, stepping('slow'));
    const read = program.run(state, { x: pair(1, 1) }).read(['y']);
    const exit = once(worker, 'exit');
    await device[Symbol.asyncDispose]();
    expect(valuesOf(await read)).toEqual({ y: [1, 2] });
    await expect(exit).resolves.toEqual([0]);
    expect(lost).not.toHaveBeenCalled();
  });

  it('ends after a probe, and when no device was opened', async () => {
    const exits: Promise<unknown>[] = [];
    const backend = inWorker('loops', () => {
      const worker = startWorker();
      exits.push(once(worker, 'exit'));
      return worker;
    });
    await backend.probe();
    await expect(backend.open({ tf32: true })).rejects.toMatchObject({ code: 'OPTION' });
    await expect(Promise.all(exits)).resolves.toEqual([[0], [0]]);
  });

  it('that does not start, or serves nothing, is an error of open and an answer of probe', async () => {
    const { Worker } = await import('node:worker_threads');
    const starts = {
      'no such file': () => new Worker(new URL('./remote/none.mjs', import.meta.url)),
      'exited with code 0': () => new Worker('', { eval: true }),
      'cannot start': (): Worker => {
        throw new Error('cannot start');
      },
    };
    for (const start of Object.values(starts)) {
      const backend = inWorker('loops', start);
      await expect(backend.open()).rejects.toMatchObject({ name: 'BackendError', code: 'REMOTE' });
      await expect(backend.probe()).resolves.toMatchObject({ ok: false, code: 'REMOTE' });
    }
  });

  it('lets a process end when it is idle, and not before', () => {
    const file = fileURLToPath(new URL('./remote/idle.ts', import.meta.url));
    const { stdout, stderr, status } = spawnSync(process.execPath, [...nodeArguments, file], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect({ stdout, stderr, status }).toEqual({ stdout: '42\n', stderr: '', status: 0 });
  });
});
