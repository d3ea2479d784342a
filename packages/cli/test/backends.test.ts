// Tests isonet backends, and the table of backends.
import { onnx, onnxHere } from '@isonet/backend-onnx';
import { describe, expect, it } from 'vitest';
import { cpu, fake, software } from '../../runs/test/devices.ts';
import { backends as realTable } from '../src/backends.ts';
import { makeWorld } from './helpers.ts';

describe('isonet backends', () => {
  const tables = {
    backends: [fake('tfjs'), fake('webgpu', software), fake('onnx', cpu), fake('reference', cpu)],
  };

  it('shows every device, the choice of auto, and how to install the others', async () => {
    const world = await makeWorld();
    const { code, stdout } = await world.runWith({ tables }, 'backends');
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "backend    device    kind      description
      tfjs       -         missing   it is not installed
      webgpu     software  software  a driver
      onnx       cpu       cpu       a processor
      reference  cpu       cpu       a processor

      auto selects onnx, cpu (the fastest measured on a processor)
      to get tfjs: npm install tfjs
      "
    `);
  });

  it('shows missing devices, with a fix for each', async () => {
    const absent = [{ id: 'cuda', reason: 'it needs a card', fix: 'buy one' }];
    const here = await fake('tfjs', cpu).load();
    const backend = { ...here, probe: () => Promise.resolve({ ok: true as const, devices: [cpu], absent }) };
    const entry = { name: 'tfjs', load: () => Promise.resolve(backend) };
    const world = await makeWorld();
    const { stdout } = await world.runWith({ tables: { backends: [entry] } }, 'backends');
    expect(stdout).toMatchInlineSnapshot(`
      "backend  device  kind     description
      tfjs     cpu     cpu      a processor
      tfjs     cuda    missing  it needs a card

      auto finds no device
      to get tfjs, cuda: buy one
      "
    `);
    const json = await world.runWith({ tables: { backends: [entry] } }, 'backends', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ backends: [{ name: 'tfjs', devices: [cpu], absent }] });
  });

  it('prints JSON', async () => {
    const world = await makeWorld();
    const { stdout } = await world.runWith({ tables }, 'backends', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      backends: [
        { name: 'tfjs', ok: false, code: 'NONE', fix: 'npm install tfjs' },
        { name: 'webgpu', ok: true, devices: [software] },
        { name: 'onnx', ok: true, devices: [cpu] },
        { name: 'reference', ok: true, devices: [cpu] },
      ],
      auto: { backend: 'onnx', device: 'cpu', deviceText: 'a processor' },
    });
  });

  it('lists the four backends under their own names', async () => {
    for (const entry of realTable) expect((await entry.load()).name).toBe(entry.name);
    expect(realTable.map(({ name }) => name)).toEqual(['tfjs', 'webgpu', 'onnx', 'reference']);
  });

  it('has ONNX Runtime both in a worker and on the calling thread', async () => {
    const both = realTable.filter(({ loadHere }) => loadHere !== undefined);
    expect(both.map(({ name }) => name)).toEqual(['onnx']);
    expect(await both[0]?.load()).toBe(onnx);
    expect(await both[0]?.loadHere?.()).toBe(onnxHere);
  });
});
