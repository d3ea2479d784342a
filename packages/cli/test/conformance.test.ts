// isonet conformance on small lists of checks: what runs where, what is shown, what is wrong, and by which exit code.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reference } from '@isonet/backend-reference';
import type { Check, Report } from '@isonet/conformance';
import { checks as allChecks, withKernel, wrongKernels } from '@isonet/conformance';
import type { Backend, Device, DeviceInfo, Probe } from '@isonet/core';
import { describe, expect, it, vi } from 'vitest';
import type { BackendEntry } from '../src/backends.ts';
import type { Tables } from '../src/cli.ts';
import type { Outcome, World } from './helpers.ts';
import { keyboard, makeWorld } from './helpers.ts';

const cpu: DeviceInfo = { id: 'cpu', kind: 'cpu', text: 'a processor' };
const software: DeviceInfo = { id: 'software', kind: 'software', text: 'a driver' };

const asked = [
  'conv2d/reals-3x3',
  'exp/around-0',
  'relu/reals',
  'relu/reals/decomposed',
  'contract/updates-land-together',
];
const suite = allChecks();
const some = suite.filter(({ key }) => asked.includes(key));
const heavy: Check = {
  key: 'golden/huge',
  subject: 'golden',
  form: 'native',
  tier: 'whole',
  heavy: true,
  run: () => Promise.resolve({ key: 'golden/huge', passed: true, worst: 0.5, failures: [] }),
};

/** A backend with these devices, each the reference's, as `change` leaves it. */
function fake(
  name: string,
  devices: readonly DeviceInfo[],
  change: (device: Device) => Device = (device) => device,
): BackendEntry {
  const found: Probe =
    devices.length > 0
      ? { ok: true, devices }
      : { ok: false, code: 'NONE', reason: 'it is not installed', cure: `npm install ${name}` };
  const backend: Backend = {
    name,
    probe: () => Promise.resolve(found),
    open: async (id) => {
      const info = devices.find((device) => device.id === id);
      if (!info) throw new Error(`${name}: no device ${id}`);
      return { ...withKernel(change(await reference.open()), () => undefined), info };
    },
  };
  return { name, load: () => Promise.resolve(backend) };
}

function faulty(device: Device): Device {
  return withKernel(device, wrongKernels['conv2d: a dropped tap'] ?? (() => undefined));
}

interface Given {
  readonly backends?: readonly BackendEntry[];
  readonly checks?: readonly Check[];
  readonly isTTY?: boolean;
}

async function run(
  world: World,
  { backends, checks = some, isTTY = false }: Given,
  ...argv: readonly string[]
): Promise<Outcome> {
  const tables: Partial<Tables> = { checks: () => checks, ...(backends ? { backends } : {}) };
  const outcome = await world.runWith({ tables, io: { isTTY } }, 'conformance', ...argv);
  return { ...outcome, stdout: outcome.stdout.replaceAll(/ in \d+:\d\d/g, ' in 0:00') };
}

describe('isonet conformance', () => {
  it('says what runs where, what each op did, and the scores', async () => {
    const world = await makeWorld();
    const backends = [
      fake('tfjs', [{ ...cpu, id: 'wasm' }, cpu]),
      fake('webgpu', [software]),
      fake('cuda', []),
    ];
    const { code, stdout, stderr } = await run(world, { backends, checks: [...some, heavy] });
    expect(stdout).toMatchInlineSnapshot(`
      "backend: tfjs, wasm (a processor): 6 checks
      backend: webgpu, software (a driver): 5 of 6 checks, the heavy ones left out: a software driver takes minutes for each
      left out: tfjs, cpu (a processor): tfjs has a faster device here; --backend tfjs --device cpu runs it
      not here: cuda: it is not installed; npm install cuda
      tfjs (wasm): 6 checks in 0:00, 5 passed, 1 unsupported
      webgpu (software): 6 checks in 0:00, 4 passed, 1 unsupported, 1 left out

      Passed / all natively, passed / all decomposed, worst error / its bound;
      ! something is wrong there, - there is no such check.

      op        tfjs (wasm)   webgpu (software)
      conv2d    1/1 -   0     1/1 -   0
      exp       1/1 -   0     1/1 -   0
      relu      0/1 1/1 0     0/1 1/1 0
      contract  1/1 -   0     1/1 -   0
      golden    1/1 -   0.50  0/1 -   -

      Excused:
        tfjs (wasm) relu/reals, unsupported: no kernel of its own: what ran is its decomposition
        webgpu (software) relu/reals, unsupported: no kernel of its own: what ran is its decomposition
        webgpu (software) golden/huge, left out: a software driver takes minutes for each

      score   device             form        passed  unsupported  left out  of
      83.3 %  tfjs (wasm)        native           4            1         0   5
                                 decomposed       1            0         0   1
      66.7 %  webgpu (software)  native           3            1         1   5
                                 decomposed       1            0         0   1

      all is as expected; on a whole network: npx isonet bisect nin --backend tfjs
      "
    `);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('keeps to the width of the terminal', async () => {
    const world = await makeWorld();
    const backends = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'].map((name) =>
      fake(name, [cpu]),
    );
    const { stdout } = await run(world, { backends });
    const matrix = stdout.split('\n').filter((line) => /^(op|conv2d|exp|relu|contract) /.test(line));
    expect(matrix.filter((line) => line.startsWith('relu '))).toHaveLength(2);
    expect(Math.max(...matrix.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('lists what is wrong, says how to go on, and fails', async () => {
    const world = await makeWorld();
    const { code, stdout } = await run(world, { backends: [fake('mine', [cpu], faulty)] });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^conv2d +0\/1! - +\de\+4$/m);
    expect(stdout).toMatch(
      /^Unexpected:\n {2}mine \(cpu\) conv2d\/reals-3x3: forward: y0 at \[0, 0, 0, 0\] is .* \(and 1 more\)$/m,
    );
    expect(stdout).toContain('to ask that alone: npx isonet conformance --backend mine --filter conv2d\n');
  });

  it('counts what it does not list', async () => {
    const world = await makeWorld();
    const failing = Array.from({ length: 23 }, (_, i): Check => {
      const key = `any/${i}`;
      const failures = ['\u001b[31mred\nand two lines'];
      const verdict = { key, passed: false, worst: Infinity, failures };
      return { key, subject: 'any', form: 'native', tier: 'contract', run: () => Promise.resolve(verdict) };
    });
    const { stdout } = await run(world, { backends: [fake('mine', [cpu])], checks: failing });
    expect(stdout).toContain(
      '  mine (cpu) any/19: [31mred and two lines\n  and 3 more: --html or --json has them all\n',
    );
  });

  it('knows a fault that is known, and tells when it is mended', async () => {
    const world = await makeWorld();
    const knownFaults = { cpu: { 'conv2d/reals-3x3': 'drops a tap, issue 7' } };
    const known = { ...fake('mine', [cpu], faulty), knownFaults };
    const expected = await run(world, { backends: [known] });
    expect(expected.code).toBe(0);
    expect(expected.stdout).toContain('mine (cpu) conv2d/reals-3x3, expected: drops a tap, issue 7');

    const mended = await run(world, { backends: [{ ...fake('mine', [cpu]), knownFaults }] });
    expect(mended.code).toBe(1);
    expect(mended.stdout).toContain(
      'mine (cpu) conv2d/reals-3x3: it passes: take it off knownFaults, where it has the reason: drops a tap, issue 7',
    );
    // The list may name checks that are not asked this time.
    expect((await run(world, { backends: [known] }, '--filter', 'exp')).code).toBe(0);
  });

  it('asks one op alone', async () => {
    const world = await makeWorld();
    const { code, stdout } = await run(world, {}, '--filter', 'relu');
    expect(code).toBe(0);
    expect(stdout).toContain('backend: reference, cpu (float64 loops in JavaScript): 2 checks\n');
    expect(stdout).not.toContain('conv2d');
  });

  it('a device that does not open is told, and the others run', async () => {
    const world = await makeWorld();
    const broken = (): Device => {
      throw new Error('it is in use');
    };
    const backends = [fake('first', [cpu], broken), fake('second', [cpu])];
    const { code, stdout } = await run(world, { backends });
    expect(code).toBe(1);
    expect(stdout).toContain('first (cpu) does not open: it is in use');
    expect(stdout).toContain('second (cpu): 5 checks');
  });

  it('stops after the check in hand, and shows what there is', async () => {
    const world = await makeWorld();
    const [first, ...rest] = some;
    if (!first) throw new Error('no checks');
    const interrupting: Check = {
      ...first,
      run: (device) => {
        keyboard.interrupt();
        return first.run(device);
      },
    };
    const backends = [fake('first', [cpu]), fake('second', [cpu])];
    const { code, stdout, stderr } = await run(world, { backends, checks: [interrupting, ...rest] });
    expect(code).toBe(130);
    expect(stderr).toBe('stopping after the check in hand; interrupt again to leave at once\n');
    expect(stdout).toContain('first (cpu): 1 check in 0:00, 1 passed, stopped before the rest');
    expect(stdout).not.toContain('second (cpu):');
  });

  it('draws a bar on a terminal, and clears it', async () => {
    const world = await makeWorld();
    const { code, stderr, stdout } = await run(world, { isTTY: true });
    expect(code).toBe(0);
    expect(stderr).toContain('reference (cpu) ');
    expect(stdout).toContain('reference (cpu): 5 checks');
  });
});

describe('--json', () => {
  it('prints one value, and nothing else', async () => {
    const world = await makeWorld();
    const backends = [
      fake('mine', [cpu], faulty),
      fake('tfjs', [{ ...cpu, id: 'wasm' }, cpu]),
      fake('cuda', []),
    ];
    const { code, stdout, stderr } = await run(world, { backends }, '--json');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const value = JSON.parse(stdout) as { readonly reports: readonly Report[] };
    expect(value).toMatchObject({
      asExpected: false,
      interrupted: false,
      reports: [{ name: 'mine (cpu)' }, { name: 'tfjs (wasm)', wrong: [] }],
      unopened: [],
      leftOut: [{ backend: 'tfjs', info: cpu }],
      missing: [{ backend: 'cuda', code: 'NONE', reason: 'it is not installed', cure: 'npm install cuda' }],
    });
    expect(value.reports[0]?.wrong.map(({ key }) => key)).toEqual(['conv2d/reals-3x3']);
  });
});

describe('--html', () => {
  it('writes a page, and nothing over a file that is there', async () => {
    const world = await makeWorld();
    const path = join(world.cwd, 'page.html');
    const given = { backends: [fake('mine', [cpu], faulty), fake('cuda', [])] };
    const first = await run(world, given, '--html', 'page.html');
    expect(first.code).toBe(1);
    expect(first.stdout).toContain('page.html has all of it');
    const page = await readFile(path, 'utf8');
    expect(page).toContain('<th scope="row">conv2d</th><td class="bad">0/1');
    expect(page).toContain('<code>conv2d/reals-3x3</code> failed: forward: y0 at [0, 0, 0, 0]');
    expect(page).toContain('not here: cuda: it is not installed; npm install cuda');

    const second = await run(world, given, '--html', 'page.html');
    expect(second).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'error: "page.html" is there already: name another file, or --force\n',
    });
    expect(await readFile(path, 'utf8')).toBe(page);
    expect((await run(world, {}, '--html', 'page.html', '--force')).code).toBe(0);
    expect(await readFile(path, 'utf8')).toContain('reference (cpu)');
  });
});

describe("somebody else's backend", () => {
  /** What a file in another folder can reach without a package that it would have to install. */
  vi.stubGlobal('isonetReference', reference);
  const source = (name: string): string =>
    `{ name: '${name}', probe: () => isonetReference.probe(), open: (id) => isonetReference.open(id) }`;

  async function filesIn(world: World, files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(world.cwd, name, '..'), { recursive: true });
      await writeFile(join(world.cwd, name), text);
    }
  }

  it.each([
    ['a file', './mine.mjs'],
    ['a folder', 'folder'],
    ['a folder with a main file alone', './old'],
    ['a package', 'some-backend'],
    ['a package of a scope', '@some/backend'],
  ])('runs from %s', async (_, name) => {
    const world = await makeWorld();
    const only = { type: 'module', exports: { '.': { import: './index.js' } } };
    await filesIn(world, {
      'mine.mjs': `export default ${source('mine')}; export const other = ${source('other')};`,
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

  it('brings its own known faults', async () => {
    const world = await makeWorld();
    await filesIn(world, {
      'mine.mjs': `export const mine = ${source('mine')};
        export const knownFaults = { cpu: { 'exp/around-0': 'issue 9' } };`,
    });
    const { code, stdout } = await run(world, {}, '--backend', './mine.mjs');
    expect(code).toBe(1);
    expect(stdout).toContain('exp/around-0: it passes: take it off knownFaults');
  });

  it.each([
    ['auto', 2, '--backend "auto": expected one of all, reference, an npm package or a file'],
    ['referense', 2, 'unknown backend "referense", did you mean reference? (there are: all, reference)'],
    [
      'no-such-package',
      1,
      'backend "no-such-package" is none of all, reference, and no package that can be imported here; npm install no-such-package',
    ],
    [
      './nothing.js',
      1,
      'backend "./nothing.js": there is no such file, and no package in a folder of that name',
    ],
    ['./broken.mjs', 1, 'backend "./broken.mjs" does not load: a wrong turn'],
    ['./none.mjs', 1, '"./none.mjs" exports no backend (a value with name, probe and open), but: one, two'],
    ['./several.mjs', 1, '"./several.mjs" exports several backends, none of them by default: one, two'],
    ['./absent.mjs', 1, 'backend ./absent.mjs is not there: no card; buy one'],
    [
      './throws.mjs',
      1,
      'backend ./throws.mjs is not there: its probe throws: no driver; a fault of the backend, whose probe may not throw',
    ],
    [
      './empty.mjs',
      1,
      'backend ./empty.mjs is not there: its probe lists no device; where there is none it gives a reason and a cure',
    ],
  ])('says in a line why %s is none', async (name, code, message) => {
    const world = await makeWorld();
    await filesIn(world, {
      'broken.mjs': `throw new Error('a wrong turn');`,
      'none.mjs': 'export const one = 1; export const two = { name: "two" };',
      'several.mjs': `export const one = ${source('one')}; export const two = ${source('two')};`,
      'absent.mjs': `export default { name: 'absent', open: () => {},
        probe: () => Promise.resolve({ ok: false, code: 'NONE', reason: 'no card', cure: 'buy one' }) };`,
      'throws.mjs': `export default { name: 'throws', open: () => {}, probe: () => { throw new Error('no driver'); } };`,
      'empty.mjs': `export default { name: 'empty', open: () => {}, probe: async () => ({ ok: true, devices: [] }) };`,
    });
    const outcome = await run(world, {}, '--backend', name);
    expect(outcome).toEqual({ code, stdout: '', stderr: `error: ${message}\n` });
  });
});

describe('what is named', () => {
  it.each([
    [['--filter', 'conv3d'], 'no check for "conv3d", did you mean conv2d?'],
    [['--filter', 'conv2d/real-3x3'], 'did you mean conv2d/reals-3x3?'],
    [['--device', 'cpu'], '--device cpu needs --backend'],
    [['--backend', 'tfjs', '--device', 'wsam'], 'unknown device of tfjs "wsam", did you mean wasm?'],
  ])('%j must be there', async (argv, message) => {
    const world = await makeWorld();
    const outcome = await run(world, { backends: [fake('tfjs', [{ ...cpu, id: 'wasm' }, cpu])] }, ...argv);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toMatch(/^error: [^\n]+\n$/);
    expect(outcome.stderr).toContain(message);
  });

  it('a device that a backend knows and does not list, it explains itself', async () => {
    const world = await makeWorld();
    const { code, stderr } = await run(world, {}, '--backend', 'reference', '--device', 'quantum');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'error: reference: no device "quantum"; there is "cpu"\n',
    });
  });

  it('a software driver is left out where its backend has a card', async () => {
    const world = await makeWorld();
    const card: DeviceInfo = { id: 'gpu', kind: 'gpu', text: 'a card' };
    const { stdout } = await run(world, { backends: [fake('webgpu', [card, software])] });
    expect(stdout).toContain('backend: webgpu, gpu (a card): 5 checks\n');
    expect(stdout).toContain('left out: webgpu, software (a driver): webgpu has a faster device here;');
  });

  it('a backend that opens another device is not asked', async () => {
    const world = await makeWorld();
    const entry = fake('mine', [cpu]);
    const second: DeviceInfo = { ...cpu, id: 'second' };
    const wrong = async (): Promise<Backend> => {
      const backend = await entry.load();
      const probe = (): Promise<Probe> => Promise.resolve({ ok: true, devices: [cpu, second] });
      return { ...backend, probe, open: () => backend.open('cpu') };
    };
    const { code, stdout } = await run(world, { backends: [{ name: 'mine', load: wrong }] });
    expect(code).toBe(1);
    expect(stdout).toContain("mine (second) does not open: mine: open('second') gives the device cpu\n");
  });

  it.each([
    [['--backend', 'reference'], 'all is as expected'],
    [['--backend', 'mine'], 'all is as expected; on a whole network: npx isonet bisect nin --backend mine'],
    [
      ['--backend', 'mine', '--device', 'cpu'],
      'all is as expected; on a whole network: npx isonet bisect nin --backend mine --device cpu',
    ],
    [['--backend', 'all'], 'all is as expected; on a whole network: npx isonet bisect nin --backend mine'],
  ])('%j is told how to go on', async (argv, line) => {
    const world = await makeWorld();
    const { stdout } = await run(
      world,
      { backends: [fake('reference', [cpu]), fake('mine', [cpu])] },
      ...argv,
    );
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(line);
  });

  it('is run however slow, and a backend that is not there is an error', async () => {
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
      'backend: tfjs, cpu (a processor): 5 of 6 checks, the heavy ones left out: plain JavaScript takes minutes for each',
    );
    const absent = await run(world, { backends }, '--backend', 'cuda');
    expect(absent).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: backend cuda is not there: it is not installed; npm install cuda\n',
    });
  });
});
