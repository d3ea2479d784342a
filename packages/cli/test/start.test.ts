import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reference } from '@isonet/backend-reference';
import { expect, it, vi } from 'vitest';
import { fragile } from '../../runs/test/fragile.ts';
import { tinyEntry } from '../../runs/test/tiny.ts';
import { makeWorld } from './helpers.ts';

it('trains, tests, predicts, and prints a command that reproduces the weights', async () => {
  const world = await makeWorld();
  vi.stubEnv('ISONET_DATA', world.data);
  const tables = {
    models: [tinyEntry(28, 'nin')],
    // The name is one that auto selects.
    backends: [{ name: 'onnx', load: () => Promise.resolve(reference) }],
  };
  try {
    const { code, stdout, stderr } = await world.runWith({ tables }, 'start');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^isonet trains a network on images of clothes .*\nbackend: /);
    expect(stdout).toMatch(/^one step takes \d+ ms on this machine: about \d+ s of training$/m);
    expect(stdout).toContain('no GPU was found');
    expect(stdout.match(/^epoch \d+, /gm)).toHaveLength(15);
    expect(stdout).toMatch(
      /^test loss \d\.\d{4}, test acc \d\.\d{3} \(\d+ of 10 images\); guessing would reach 0\.100$/m,
    );
    expect(stdout.match(/truth: {3}/g)).toHaveLength(4);
    expect(stdout).toContain('npx isonet predict runs/nin-best-onnx-0 --test 8');

    const [, command = ''] = /^ {2}npx isonet (train nin .*--device cpu)$/m.exec(stdout) ?? [];
    const again = await world.runWith({ tables }, ...command.split(' '), '--out', 'again');
    expect(again.code).toBe(0);
    const weights = (run: string): Promise<Buffer> => readFile(join(world.cwd, run, 'weights.safetensors'));
    expect(await weights('again')).toEqual(await weights('runs/nin-best-onnx-0'));
    await world.runWith({ tables }, 'start');
    expect(await readdir(join(world.cwd, 'runs'))).toEqual(['nin-best-onnx-0', 'nin-best-onnx-0-2']);
  } finally {
    vi.unstubAllEnvs();
  }
});

it('finishes on a reopened device', async () => {
  const world = await makeWorld();
  vi.stubEnv('ISONET_DATA', world.data);
  // The first 21 steps are those of the measurement.
  const { backend, log } = fragile(25);
  const tables = {
    models: [tinyEntry(28, 'nin')],
    backends: [{ name: 'onnx', load: () => Promise.resolve(backend) }],
  };
  try {
    const { code, stdout, stderr } = await world.runWith({ tables }, 'start');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'note: onnx, cpu was lost and has been reopened; training continues from the last snapshot\n',
    });
    expect(stdout).toMatch(/^test loss .* guessing would reach 0\.100$/m);
    expect(log).toMatchObject({ closed: log.opened.length });
  } finally {
    vi.unstubAllEnvs();
  }
});
