// Tests which backends and devices isonet conformance runs on: those in its table, and external backends.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reference } from '@isonet/backend-reference';
import type { Backend, DeviceInfo, Probe } from '@isonet/core';
import { describe, expect, it, vi } from 'vitest';
import type { World } from './helpers.ts';
import { cpu, gpu, software } from '../../runs/test/devices.ts';
import { makeWorld } from './helpers.ts';
import { fake, heavy, run, some } from './smallSuite.ts';

describe('an external backend', () => {
  /** The reference backend, for files in other folders that have no packages installed. */
  vi.stubGlobal('isonetReference', reference);
  const source = (name: string): string =>
    `{ name: '${name}', contract: 2, probe: () => isonetReference.probe(), open: (options) => isonetReference.open(options) }`;

  async function filesIn(world: World, files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(world.cwd, name, '..'), { recursive: true });
      await writeFile(join(world.cwd, name), text);
    }
  }

  it.each([
    ['a file', './mine.mjs'],
    ['a TypeScript file', './typed.ts'],
    ['a folder', 'folder'],
    ['a folder with only a main file', './old'],
    ['a package', 'some-backend'],
    ['a scoped package', '@some/backend'],
  ])('runs from %s', async (_, name) => {
    const world = await makeWorld();
    const only = { type: 'module', exports: { '.': { import: './index.js' } } };
    await filesIn(world, {
      'mine.mjs': `export default ${source('mine')}; export const other = ${source('other')};`,
      'typed.ts': `import { mine as own } from './other.ts'; export const mine: object = own;`,
      'other.ts': `export const mine: object = ${source('mine')};`,
      'folder/package.json': JSON.stringify({ name: 'anything', type: 'module', exports: './lib/entry.js' }),
      'folder/lib/entry.js': `export const helper = 3; export const mine = ${source('mine')};`,
      'old/package.json': JSON.stringify({ name: 'old', type: 'module', main: 'lib.js' }),
      'old/lib.js': `export const mine = ${source('mine')};`,
      'node_modules/some-backend/package.json': JSON.stringify({ ...only, name: 'some-backend' }),
      'node_modules/some-backend/index.js': `export const mine = ${source('mine')};`,
      'node_modules/@some/backend/package.json': JSON.stringify({ ...only, name: '@some/backend' }),
      'node_modules/@some/backend/index.js': `export const mine = ${source('mine')};`,
    });
    const { code, stdout, stderr } = await run(world, {}, '--backend', name);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('backend: mine, cpu (float64 loops in JavaScript): 5 checks');
  });

  it('exports its own xfail list', async () => {
    const world = await makeWorld();
    await filesIn(world, {
      'mine.mjs': `export const mine = ${source('mine')};
        export const xfail = { cpu: { 'exp/around-0': 'issue 9' } };`,
    });
    const { code, stdout } = await run(world, {}, '--backend', './mine.mjs');
    expect(code).toBe(1);
    expect(stdout).toContain('exp/around-0: it passes: remove it from xfail');
  });

  it.each([
    ['auto', 2, '--backend "auto": expected one of all, reference, an npm package or a file'],
    ['referense', 2, 'unknown backend "referense", did you mean reference? (available: all, reference)'],
    [
      'no-such-package',
      1,
      'unknown backend "no-such-package": expected one of all, reference, an installed npm package, or the path of a file or package, such as ./mine.js',
    ],
    ['./nothing.js', 1, 'backend "./nothing.js": no such file, and no package in such a folder'],
    [
      './old.mjs',
      1,
      'backend "./old.mjs": expected `contract: 2`, got none; install a version for contract 2',
    ],
    ['./newer.mjs', 1, 'backend "./newer.mjs": expected `contract: 2`, got 3; install a newer isonet'],
    ['./broken.mjs', 1, 'backend "./broken.mjs" does not load: a wrong turn'],
    [
      './flat.mjs',
      1,
      `"./flat.mjs" exports an \`xfail\` that is not keyed by device; write { cpu: { 'conv2d/3x3': 'the reason' } }`,
    ],
    ['./none.mjs', 1, '"./none.mjs" exports no backend (a value with name, probe and open), only: one, two'],
    [
      './several.mjs',
      1,
      '"./several.mjs" exports several backends, but none as the default export: one, two',
    ],
    ['./absent.mjs', 1, 'backend ./absent.mjs is not available: no card; buy one'],
    [
      './throws.mjs',
      1,
      'backend ./throws.mjs is not available: the probe throws: no driver; report it to the author of the backend: a probe must not throw',
    ],
    [
      './empty.mjs',
      1,
      'backend ./empty.mjs is not available: its probe lists no devices; report it to the author of the backend: a probe that finds no device must return a reason and a fix',
    ],
  ])('is rejected with one line: %s', async (name, code, message) => {
    const world = await makeWorld();
    await filesIn(world, {
      'old.mjs': `export default { name: 'old', probe: () => {}, open: () => {} };`,
      'newer.mjs': `export default { name: 'newer', contract: 3, probe: () => {}, open: () => {} };`,
      'flat.mjs': `export default ${source('flat')}; export const xfail = { 'exp/around-0': 'issue 9' };`,
      'broken.mjs': `throw new Error('a wrong turn');`,
      'none.mjs': 'export const one = 1; export const two = { name: "two" };',
      'several.mjs': `export const one = ${source('one')}; export const two = ${source('two')};`,
      'absent.mjs': `export default { name: 'absent', contract: 2, open: () => {},
        probe: () => Promise.resolve({ ok: false, code: 'NONE', reason: 'no card', fix: 'buy one' }) };`,
      'throws.mjs': `export default { name: 'throws', contract: 2, open: () => {}, probe: () => { throw new Error('no driver'); } };`,
      'empty.mjs': `export default { name: 'empty', contract: 2, open: () => {}, probe: async () => ({ ok: true, devices: [] }) };`,
    });
    const outcome = await run(world, {}, '--backend', name);
    expect(outcome).toEqual({ code, stdout: '', stderr: `error: ${message}\n` });
  });
});

describe('the selection of devices', () => {
  it.each([
    [['--filter', 'conv3d'], 'no check for "conv3d", did you mean conv2d?'],
    [['--filter', 'conv2d/real-3x3'], 'did you mean conv2d/reals-3x3?'],
    [['--device', 'cpu'], '`--device cpu` also needs `--backend NAME`'],
    [['--backend', 'tfjs', '--device', 'wsam'], 'unknown device of tfjs "wsam", did you mean wasm?'],
  ])('%j must name something that exists', async (argv, message) => {
    const world = await makeWorld();
    const outcome = await run(world, { backends: [fake('tfjs', [{ ...cpu, id: 'wasm' }, cpu])] }, ...argv);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toMatch(/^error: [^\n]+\n$/);
    expect(outcome.stderr).toContain(message);
  });

  it('reports the error of the backend for a device that it does not list', async () => {
    const world = await makeWorld();
    const { code, stderr } = await run(world, {}, '--backend', 'reference', '--device', 'quantum');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'error: reference: no device "quantum"; use "cpu"\n',
    });
  });

  it('leaves out a software driver if its backend has a card', async () => {
    const world = await makeWorld();
    const { stdout } = await run(world, { backends: [fake('webgpu', [gpu, software])] });
    expect(stdout).toContain('backend: webgpu, gpu (a card): 5 checks\n');
    expect(stdout).toContain('left out: webgpu, software (a driver): webgpu has a faster device here;');
  });

  it('does not run a backend that opens another device', async () => {
    const world = await makeWorld();
    const entry = fake('mine', [cpu]);
    const second: DeviceInfo = { ...cpu, id: 'second' };
    const wrong = async (): Promise<Backend> => {
      const backend = await entry.load();
      const probe = (): Promise<Probe> => Promise.resolve({ ok: true, devices: [cpu, second] });
      return { ...backend, probe, open: () => backend.open({ device: 'cpu' }) };
    };
    const { code, stdout } = await run(world, { backends: [{ name: 'mine', load: wrong }] });
    expect(code).toBe(1);
    expect(stdout).toContain(
      "mine (second) did not run: mine: open({ device: 'second' }) opened the device cpu\n",
    );
  });

  it.each([
    [['--backend', 'reference'], 'no failures'],
    [['--backend', 'mine'], 'no failures; to check a whole network: npx isonet bisect nin --backend mine'],
    [
      ['--backend', 'mine', '--device', 'cpu'],
      'no failures; to check a whole network: npx isonet bisect nin --backend mine --device cpu',
    ],
    [['--backend', 'all'], 'no failures; to check a whole network: npx isonet bisect nin --backend mine'],
  ])('%j ends with the next command', async (argv, line) => {
    const world = await makeWorld();
    const { stdout } = await run(
      world,
      { backends: [fake('reference', [cpu]), fake('mine', [cpu])] },
      ...argv,
    );
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(line);
  });

  it('runs a slow device if it is named, and fails for an unavailable backend', async () => {
    const world = await makeWorld();
    const backends = [fake('tfjs', [{ ...cpu, id: 'wasm' }, cpu]), fake('cuda', [])];
    const slow = await run(
      world,
      { backends, checks: [...some, heavy] },
      '--backend',
      'tfjs',
      '--device',
      'cpu',
    );
    expect(slow.code).toBe(0);
    expect(slow.stdout).toContain(
      'backend: tfjs, cpu (a processor): 5 of 6 checks, the heavy ones skipped: plain JavaScript takes minutes for each',
    );
    const absent = await run(world, { backends }, '--backend', 'cuda');
    expect(absent).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: backend cuda is not available: it is not installed; npm install cuda\n',
    });
  });
});
