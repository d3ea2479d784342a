// Which device is opened, by name or by rank.
import { reference } from '@isonet/backend-reference';
import type { BackendEntry } from '@isonet/runs';
import { backendLine, openDevice } from '@isonet/runs';
import { describe, expect, it } from 'vitest';
import { cpu, fake, gpu, software } from './devices.ts';

const real: BackendEntry = { name: 'reference', load: () => Promise.resolve(reference) };

const taken = async (...table: readonly BackendEntry[]): Promise<string> =>
  backendLine(await openDevice(table, {}));

describe('auto', () => {
  it('takes a GPU before a cpu', async () => {
    const line = await taken(fake('reference', cpu), fake('onnx', cpu), fake('webgpu', gpu), fake('tfjs'));
    expect(line).toBe('backend: webgpu, gpu (a card): the fastest of what is here');
    const cuda = { ...gpu, id: 'cuda' };
    expect(await taken(fake('onnx', cpu), fake('webgpu', gpu), fake('tfjs', cuda, cpu))).toContain(
      'tfjs, cuda',
    );
  });

  it('says so when it lands on the cpu', async () => {
    expect(await taken(fake('tfjs'), fake('webgpu'), fake('onnx', cpu))).toBe(
      'backend: onnx, cpu (a processor): the fastest of what is here; no GPU was found',
    );
  });

  it('never takes a software driver, the reference, or plain JavaScript', async () => {
    const table = [
      // A driver may give itself any name.
      fake('webgpu', software, { ...software, id: 'gpu' }),
      fake('reference', cpu),
      fake('onnx', cpu),
    ];
    expect(await taken(...table)).toBe(
      'backend: onnx, cpu (a processor): the fastest of what is here; no GPU was found, only a software driver',
    );
    await expect(openDevice([fake('tfjs', cpu), ...table.slice(0, 2)], {})).rejects.toThrow(
      'auto finds no device',
    );
  });

  it('names what to install when nothing is there', async () => {
    await expect(openDevice([fake('onnx'), fake('tfjs')], {})).rejects.toThrow(
      'tfjs: it is not installed, npm install tfjs; onnx: it is not installed, npm install onnx',
    );
  });

  it('says what it could not open before it takes the next', async () => {
    const broken = fake('webgpu', { ...gpu, text: 'broken' });
    expect(await taken(broken, fake('onnx', cpu))).toBe(
      'backend: onnx, cpu (a processor): the fastest of what is here; webgpu gpu does not open: it is in use',
    );
  });

  it('loads no more than it needs', async () => {
    const unwanted: BackendEntry = { name: 'onnx', load: () => Promise.reject(new Error('loaded')) };
    expect(await taken(unwanted, fake('webgpu', gpu))).toContain('webgpu');
  });
});

describe('a backend that is named', () => {
  it('is taken, a software driver too', async () => {
    const opened = await openDevice([fake('webgpu', software)], { backend: 'webgpu', device: 'software' });
    expect(backendLine(opened)).toBe('backend: webgpu, software (a driver): as requested');
  });

  it('says itself what a device of it needs that is not there', async () => {
    const request = { backend: 'reference', device: 'quantum' };
    await expect(openDevice([real], request)).rejects.toThrow(
      'reference: no device "quantum"; there is "cpu"',
    );
  });

  it('is not replaced when it is missing', async () => {
    const table = [fake('tfjs'), fake('onnx', cpu)];
    await expect(openDevice(table, { backend: 'tfjs' })).rejects.toThrow(
      'backend tfjs is not there: it is not installed; npm install tfjs',
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

  it('that a backend does not have is an error in its own words', async () => {
    await expect(openDevice([real], { backend: 'reference', ...threads })).rejects.toMatchObject({
      code: 'OPTION',
      message: 'reference: unknown option "threads"; known: device',
    });
  });
});
