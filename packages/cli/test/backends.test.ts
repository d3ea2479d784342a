import type { Backend, DeviceInfo } from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { describe, expect, it } from 'vitest';
import type { BackendEntry } from '../src/backends.ts';
import { backendLine, backends as realTable, openDevice } from '../src/backends.ts';
import { cpu, gpu, probeOf, software } from './devices.ts';
import { makeWorld } from './helpers.ts';

/** A backend with these devices; opened, it gives the reference's device under that info. */
function fake(name: string, ...devices: readonly DeviceInfo[]): BackendEntry {
  const backend: Backend = {
    name,
    probe: () => Promise.resolve(probeOf(name, devices)),
    open: async (id) => {
      const info = devices.find((device) => device.id === id) ?? devices[0];
      if (!info || info.text === 'broken') throw new Error('it is in use');
      const device = await reference.open();
      return Object.defineProperty(device, 'info', { value: info });
    },
  };
  return { name, load: () => Promise.resolve(backend) };
}

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
      'every backend that auto takes is not there',
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
    expect(backendLine(opened)).toBe('backend: webgpu, software (a driver): as asked for');
  });

  it('says itself what a device of it needs that is not there', async () => {
    const wish = { backend: 'reference', device: 'quantum' };
    const table = [{ name: 'reference', load: () => Promise.resolve(reference) }];
    await expect(openDevice(table, wish)).rejects.toThrow('reference: no device "quantum"; there is "cpu"');
  });

  it('is not replaced when it is missing', async () => {
    const table = [fake('tfjs'), fake('onnx', cpu)];
    await expect(openDevice(table, { backend: 'tfjs' })).rejects.toThrow(
      'backend tfjs is not there: it is not installed; npm install tfjs',
    );
  });
});

describe('isonet backends', () => {
  const tables = {
    backends: [fake('tfjs'), fake('webgpu', software), fake('onnx', cpu), fake('reference', cpu)],
  };

  it('shows every device, what auto takes, and what to install', async () => {
    const world = await makeWorld();
    const { code, stdout } = await world.runWith({ tables }, 'backends');
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "backend    device    kind      what
      tfjs       -         not here  it is not installed
      webgpu     software  software  a driver
      onnx       cpu       cpu       a processor
      reference  cpu       cpu       a processor

      auto takes onnx, cpu (the fastest on a processor, see docs/results)
      to have tfjs: npm install tfjs
      "
    `);
  });

  it('prints JSON', async () => {
    const world = await makeWorld();
    const { stdout } = await world.runWith({ tables }, 'backends', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      backends: [
        { name: 'tfjs', ok: false, code: 'NONE', cure: 'npm install tfjs' },
        { name: 'webgpu', ok: true, devices: [software] },
        { name: 'onnx', ok: true, devices: [cpu] },
        { name: 'reference', ok: true, devices: [cpu] },
      ],
      auto: { backend: 'onnx', device: 'cpu' },
    });
  });

  it('knows the four backends by the names that they give themselves', async () => {
    for (const entry of realTable) expect((await entry.load()).name).toBe(entry.name);
    expect(realTable.map(({ name }) => name)).toEqual(['tfjs', 'webgpu', 'onnx', 'reference']);
  });
});
