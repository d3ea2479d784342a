// Tests opening devices by name or by rank.
import { reference } from '@isonet/backend-reference';
import { BackendError, checkOptions } from '@isonet/core';
import type { BackendEntry, DeviceRequest } from '@isonet/runs';
import { backendLine, onThisThread, openDevice, UsageError } from '@isonet/runs';
import { describe, expect, it } from 'vitest';
import { cpu, fake, gpu, software, threaded } from './devices.ts';

const real: BackendEntry = { name: 'reference', load: () => Promise.resolve(reference) };

const taken = async (...table: readonly BackendEntry[]): Promise<string> =>
  backendLine(await openDevice(table, {}));

describe('auto', () => {
  it('prefers a GPU to a CPU', async () => {
    const line = await taken(fake('reference', cpu), fake('onnx', cpu), fake('webgpu', gpu), fake('tfjs'));
    expect(line).toBe('backend: webgpu, gpu (a card): the fastest available');
  });

  const cuda = { ...gpu, id: 'cuda' };
  const all = [fake('reference', cpu), fake('webgpu', gpu), fake('tfjs', cuda, cpu), fake('onnx', cpu, cuda)];

  it('prefers CUDA to any other GPU, and ONNX Runtime to TensorFlow.js', async () => {
    expect(await taken(...all)).toBe('backend: onnx, cuda (a card): the fastest available');
    expect(await taken(fake('onnx', cpu), ...all.slice(0, 3))).toBe(
      'backend: tfjs, cuda (a card): the fastest available',
    );
  });

  it('tries the next GPU if CUDA does not open, and reports why', async () => {
    const broken = fake('onnx', cpu, { ...cuda, text: 'broken' });
    expect(await taken(broken, fake('webgpu', gpu))).toBe(
      'backend: webgpu, gpu (a card): the fastest available; onnx cuda does not open: it is in use',
    );
    expect(await taken(broken)).toBe(
      'backend: onnx, cpu (a processor): the fastest available; onnx cuda does not open: it is in use',
    );
  });

  it("never chooses ONNX Runtime's own WebGPU provider", async () => {
    const provider = { ...gpu, id: 'webgpu' };
    expect(await taken(fake('onnx', cpu, provider))).toContain('backend: onnx, cpu');
  });

  it('reports that no GPU was found', async () => {
    expect(await taken(fake('tfjs'), fake('webgpu'), fake('onnx', cpu))).toBe(
      'backend: onnx, cpu (a processor): the fastest available; no GPU was found',
    );
  });

  it('never chooses a software driver, the reference, or plain JavaScript', async () => {
    const table = [
      // A software driver may have any id.
      fake('webgpu', software, { ...software, id: 'gpu' }),
      fake('reference', cpu),
      fake('onnx', cpu),
    ];
    expect(await taken(...table)).toBe(
      'backend: onnx, cpu (a processor): the fastest available; no GPU was found, only a software driver',
    );
    await expect(openDevice([fake('tfjs', cpu), ...table.slice(0, 2)], {})).rejects.toThrow(
      'auto finds no device',
    );
  });

  it('names the packages to install if no device is available', async () => {
    await expect(openDevice([fake('onnx'), fake('tfjs')], {})).rejects.toThrow(
      'onnx: it is not installed, npm install onnx; tfjs: it is not installed, npm install tfjs',
    );
  });

  it('reports devices that it could not open', async () => {
    const broken = fake('webgpu', { ...gpu, text: 'broken' });
    expect(await taken(broken, fake('onnx', cpu))).toBe(
      'backend: onnx, cpu (a processor): the fastest available; webgpu gpu does not open: it is in use',
    );
  });

  it('loads only the backends that it needs', async () => {
    const unwanted: BackendEntry = { name: 'tfjs', load: () => Promise.reject(new Error('loaded')) };
    expect(await taken(unwanted, fake('onnx', cuda))).toContain('onnx, cuda');
    const broken: BackendEntry = { name: 'onnx', load: () => Promise.reject(new Error('broken')) };
    expect(await taken(broken, fake('webgpu', gpu))).toContain('webgpu');
  });
});

describe('a named backend', () => {
  it('is opened, even with a software driver', async () => {
    const opened = await openDevice([fake('webgpu', software)], { backend: 'webgpu', device: 'software' });
    expect(backendLine(opened)).toBe('backend: webgpu, software (a driver): as requested');
  });

  it('reports itself what a missing device needs', async () => {
    const request = { backend: 'reference', device: 'quantum' };
    await expect(openDevice([real], request)).rejects.toThrow('reference: no device "quantum"; use "cpu"');
  });

  it('is named in the error if opening it throws', async () => {
    const broken = fake('mine', { ...cpu, text: 'broken' });
    await expect(openDevice([broken], { backend: 'mine' })).rejects.toMatchObject({
      code: 'OPEN',
      message: 'backend mine, cpu does not open: it is in use',
      cause: expect.any(Error) as unknown,
    });
    const two = fake('mine', { ...gpu, text: 'broken' }, { ...cpu, text: 'broken' });
    const opening = openDevice([two], { backend: 'mine' });
    await expect(opening).rejects.toThrow('backend mine does not open: it is in use');
  });

  it('must be in the table; the error for a path names the commands for external backends', async () => {
    const opening = openDevice([real], { backend: './nofile.js' });
    await expect(opening).rejects.toThrow(UsageError);
    await expect(opening).rejects.toThrow(
      'backend "./nofile.js": expected one of auto, reference; to use an external backend, run conformance or bisect, or call fit() in your own program',
    );
  });

  it('is not replaced by another one if it is missing', async () => {
    const table = [fake('tfjs'), fake('onnx', cpu)];
    await expect(openDevice(table, { backend: 'tfjs' })).rejects.toThrow(
      'backend tfjs is not available: it is not installed; npm install tfjs',
    );
  });
});

describe('a setting', () => {
  const threads = { threads: 2 };

  it('is passed on to the device', async () => {
    const asked: unknown[] = [];
    const entry = fake('onnx', cpu);
    const backend = await entry.load();
    const listening: BackendEntry = {
      name: 'onnx',
      load: () =>
        Promise.resolve({
          ...backend,
          open: (options) => {
            asked.push(options);
            return backend.open(options);
          },
        }),
    };
    const { settings } = await openDevice([listening], { backend: 'onnx', ...threads, tf32: true });
    expect(settings).toEqual({ threads: 2, tf32: true });
    await openDevice([listening], { ...threads });
    await openDevice([listening], {});
    expect(asked).toEqual([{ threads: 2, tf32: true }, { threads: 2, device: 'cpu' }, { device: 'cpu' }]);
  });

  const refused = async (table: readonly BackendEntry[], request: DeviceRequest): Promise<unknown> =>
    openDevice(table, request).then(
      () => 'opened',
      (error: unknown) => error,
    );
  /** Creates a backend with a GPU that does not support the settings or, with `message`, rejects them with that message. */
  const strict = (message?: string): BackendEntry => ({
    name: 'webgpu',
    load: async () => ({
      ...(await fake('webgpu', gpu).load()),
      open: (options = {}) => {
        if (message !== undefined) return Promise.reject(new BackendError('OPTION', message));
        checkOptions('webgpu', options, ['device']);
        return reference.open();
      },
    }),
  });

  it('is a usage error that names the flag if the backend does not support it', async () => {
    const error = await refused([real], { backend: 'reference', ...threads });
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({
      message: '--threads: reference has no such option: leave it out',
      cause: expect.objectContaining({ code: 'UNKNOWN_OPTION' }) as unknown,
    });
    const tf32 = await refused([real], { backend: 'reference', tf32: true });
    expect(tf32).toMatchObject({ message: '--tf32: reference has no such option: leave it out' });
  });

  it('is rejected if the fastest device does not support it: auto does not choose a slower one', async () => {
    const table = [strict(), fake('onnx', cpu)];
    const error = await refused(table, threads);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({
      message:
        '--threads: webgpu, gpu, which auto would choose, has no such option: leave it out, or choose a backend that has it',
    });
    expect(await refused([strict('webgpu: threads: one at most')], threads)).toMatchObject({
      message: 'auto would choose webgpu, gpu: webgpu: threads: one at most',
    });
    expect(await taken(...table)).toBe(
      'backend: webgpu, cpu (float64 loops in JavaScript): the fastest available',
    );
  });
});

describe('on this thread', () => {
  it('is the entry with its backend for the calling thread, if it has one', async () => {
    const textOf = async (entry: BackendEntry): Promise<string> => {
      const { device } = await openDevice([entry], { backend: 'reference' });
      return device.info.text;
    };
    expect(await textOf(threaded)).toBe('in a worker');
    expect(await textOf(onThisThread(threaded))).toBe('on this thread');
    expect(onThisThread(real)).toBe(real);
  });
});
