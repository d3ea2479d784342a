// Backends at the other end of a port: probing and opening, unknown calls, and cleanup when the port closes.
import { once } from 'node:events';
import type { Device, State } from '@isonet/core';
import { BackendError, DeviceLostError, inWorker, remote, serve } from '@isonet/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loops } from './remote/loops.ts';
import { startWorker } from './remote/start.ts';
import {
  endAll,
  overChannel,
  pair,
  portTo,
  prepared,
  serving,
  stepping,
  valuesOf,
} from './remote/support.ts';

afterEach(endAll);

async function disposeBoth(device: Device, state: State): Promise<void> {
  const disposal = device[Symbol.asyncDispose]();
  await state[Symbol.asyncDispose]();
  await disposal;
}

describe('a served backend', () => {
  it.each([
    ['over a MessageChannel', () => overChannel()],
    ['in a worker', () => inWorker('loops', startWorker)],
  ] as const)('%s probes, and rejects unknown options', async (_, backend) => {
    await expect(backend().probe()).resolves.toEqual(await loops.probe());
    const opening = backend().open({ tf32: true });
    await expect(opening).rejects.toThrow(BackendError);
    await expect(opening).rejects.toMatchObject({ code: 'UNKNOWN_OPTION' });
  });

  it('is rejected if another one was expected', async () => {
    const backend = remote('onnx', portTo(loops));
    await expect(backend.open()).rejects.toMatchObject({ code: 'PROTOCOL' });
    await expect(backend.probe()).resolves.toMatchObject({ ok: false, code: 'REMOTE' });
  });

  it('opens several devices over one port and disposes of them separately', async () => {
    const backend = overChannel();
    const [one, two] = [await backend.open(), await backend.open()];
    const { state } = await prepared(two);
    await one[Symbol.asyncDispose]();
    expect(valuesOf(await state.read())).toEqual({ w: [1, 2] });
  });

  it('answers unknown calls with an error, and ignores unrelated messages', async () => {
    const port = portTo(loops);
    const ask = async (message: unknown): Promise<unknown> => {
      port.postMessage(message);
      const answers: readonly unknown[] = await once(port, 'message');
      return answers[0];
    };
    for (const noise of [undefined, null, 7, 'hello', {}, { isonet: 'call' }, { isonet: 'call', id: 1 }]) {
      port.postMessage(noise);
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
    await expect(remote('loops', port).probe()).resolves.toMatchObject({ ok: true });
  });

  it('is lost when its port closes, and disposes of the served device', async () => {
    const disposed = vi.fn<() => void>();
    const { backend, close } = serving((device) => ({
      [Symbol.asyncDispose]: async () => {
        await device[Symbol.asyncDispose]();
        disposed();
      },
    }));
    const device = await backend.open();
    const { program, state } = await prepared(device, stepping('slow'));
    const run = program.run(state, { x: pair(1, 1) });
    close();
    await expect(device.lost).resolves.toBe('the port was closed');
    await expect(run.read()).rejects.toThrow(DeviceLostError);
    await expect(backend.open()).rejects.toMatchObject({ code: 'REMOTE' });
    await vi.waitFor(() => expect(disposed).toHaveBeenCalledOnce());
    await device[Symbol.asyncDispose]();
  });

  it.each([
    ['with its device', (device: Device) => device[Symbol.asyncDispose]()],
    ['behind its device', disposeBoth],
    ['when the port is closed', (_: Device, __: State, close: () => void) => close()],
  ] as const)('disposes of a state once, before the device: %s', async (_, end) => {
    const order: string[] = [];
    const { backend, close } = serving((device) => ({
      createState: async (values) => {
        const state = await device.createState(values);
        const dispose = state[Symbol.asyncDispose].bind(state);
        state[Symbol.asyncDispose] = async () => {
          await dispose();
          order.push('state');
        };
        return state;
      },
      [Symbol.asyncDispose]: async () => {
        await device[Symbol.asyncDispose]();
        order.push('device');
      },
    }));
    const device = await backend.open();
    const { state } = await prepared(device);
    await end(device, state, close);
    await vi.waitFor(() => expect(order).toEqual(['state', 'device']));
  });

  it('forgets a refused run', async () => {
    const port = portTo(loops);
    const ask = async (id: number, name: string, body: object): Promise<unknown> => {
      port.postMessage({ isonet: 'call', id, name, body: { device: 1, ...body } });
      const answers: readonly unknown[] = await once(port, 'message');
      return answers[0];
    };
    await ask(1, 'open', { backend: 'loops', contract: 2, options: {} });
    await ask(2, 'createState', { values: { w: pair(1, 2) } });
    await ask(3, 'compile', { graph: stepping() });
    const refused = ask(4, 'run', { program: 3, state: 2, feeds: {} });
    await expect(refused).resolves.toMatchObject({ isonet: 'failure', error: { code: 'MISSING' } });
    const read = ask(5, 'readRun', { run: 4, names: [] });
    await expect(read).resolves.toMatchObject({ isonet: 'failure', error: { code: 'PROTOCOL' } });
  });

  it('is disposed after all earlier calls, even if the served device does not wait', async () => {
    const { backend } = serving(() => ({ [Symbol.asyncDispose]: () => Promise.resolve() }));
    const device = await backend.open();
    const { program, state } = await prepared(device, stepping('slow'));
    const order: string[] = [];
    const read = program.run(state, { x: pair(1, 1) }).read();
    void read.then(() => order.push('read'));
    await device[Symbol.asyncDispose]().then(() => order.push('disposed'));
    expect(order).toEqual(['read', 'disposed']);
  });

  it('rejects pending calls when a device is lost, even if the served device does not', async () => {
    let lose: (reason: string) => void = () => undefined;
    const lost = new Promise<string>((resolve) => (lose = resolve));
    const { backend } = serving(() => ({ lost, createState: () => new Promise(() => {}) }));
    const device = await backend.open();
    const creating = device.createState({});
    lose('unplugged');
    await expect(creating).rejects.toThrow(DeviceLostError);
    await expect(device.lost).resolves.toBe('unplugged');
  });

  it('needs a port', () => {
    expect(() => serve(loops, null)).toThrow('serve: loops has no port; run this file in a worker');
  });
});
