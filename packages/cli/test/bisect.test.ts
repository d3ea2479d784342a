// Tests that isonet bisect names the wrong layer and writes a reproduction.
import { execFile } from 'node:child_process';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { reference } from '@isonet/backend-reference';
import type { BackendEntry } from '@isonet/runs';
import { describe, expect, it } from 'vitest';
import type { Rewrite } from '../../conformance/test/rewriting.ts';
import { rewriting } from '../../conformance/test/rewriting.ts';
import type { Outcome, World } from './helpers.ts';
import { jsonLines, makeWorld, tinyTables } from './helpers.ts';

/** Omits the bias of the first convolution. */
const noBias: Rewrite = (_, { op, origin }, [x]) =>
  op === 'biasAdd' && origin.layer === 'block.c1' && x ? [x] : undefined;
/** Doubles the gradient of the filter of the second convolution. */
const twice: Rewrite = (b, { op, origin, attrs }, inputs) =>
  op === 'conv2dGradFilter' && origin.layer === 'block.c2'
    ? b.emit(op, inputs, attrs).map((dw) => b.op.add(dw, dw))
    : undefined;

function backend(name: string, rewrite: Rewrite): BackendEntry {
  const open = async (): ReturnType<typeof reference.open> => rewriting(await reference.open(), rewrite);
  return { name, load: () => Promise.resolve({ name, contract: 2, probe: () => reference.probe(), open }) };
}

const tables = {
  ...tinyTables,
  backends: [
    ...tinyTables.backends,
    backend('honest', () => undefined),
    backend('biasless', noBias),
    backend('double', twice),
  ],
};

function bisect(world: World, ...argv: readonly string[]): Promise<Outcome> {
  return world.runWith({ tables }, 'bisect', 'tiny', ...argv);
}

const progress = /^(\w+: [^\n]+\n)*$/;

describe('isonet bisect', () => {
  it('reports that every node is right, and writes nothing', async () => {
    const world = await makeWorld();
    const { code, stdout, stderr } = await bisect(world, '--backend', 'honest');
    expect(stdout).toMatch(
      /^tiny, forward and backward: (\d+) nodes on 2 images, initial weights, seed 0\nbackend: honest, [^\n]+\nhonest: nothing wrong: each of the \1 nodes is right on its own, and so are the \d+ results read from the compiled graph; largest error\/bound \d\.\d\d, at [^\n]+\n$/,
    );
    expect(stderr).toMatch(progress);
    expect(code).toBe(0);
    expect(await readdir(world.cwd)).toEqual(['data']);
  });

  it('names the wrong layer, and writes each reproduction into a separate folder', async () => {
    const world = await makeWorld();
    const { code, stdout } = await bisect(world, '--backend', 'biasless');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^biasless: block\.c1 \(biasAdd, node 3 of \d+, forward\): wrong by itself$/m);
    expect(stdout).toMatch(
      /^ {2}worst at \[\d, \d, \d, \d\] of float32 \[2, 4, 2, 2\]: got \S+, expected \S+ ± \S+, 32 of 32 /m,
    );
    expect(stdout).toMatch(/^ {2}to see it again: node bisect\/tiny-biasless\/reproduce\.mjs$/m);
    await bisect(world, '--backend', 'biasless', '--no-backward');
    expect(await readdir(join(world.cwd, 'bisect'))).toEqual(['tiny-biasless', 'tiny-biasless-2']);
    expect(await readdir(join(world.cwd, 'bisect/tiny-biasless-2'))).toEqual(['case.json', 'reproduce.mjs']);
  });

  it('skips the backward pass with --no-backward', async () => {
    const world = await makeWorld();
    const whole = await bisect(world, '--backend', 'double', '--out', 'found');
    expect(whole.stdout).toMatch(/^double: block\.c2 \(conv2dGradFilter, node \d+ of \d+, backward\)/m);
    expect(whole.code).toBe(1);
    expect((await bisect(world, '--backend', 'double', '--no-backward')).code).toBe(0);
  });

  it('reports a folder that it cannot create', async () => {
    const world = await makeWorld();
    await writeFile(join(world.cwd, 'file'), '');
    const { code, stderr } = await bisect(world, '--backend', 'biasless', '--out', 'file/found');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: folder "file\/found": cannot be created: [^\n]+\n$/m);
  });

  it('names an external backend that does not open', async () => {
    const world = await makeWorld();
    const open = `() => { throw new Error('no'); }`;
    const probe = `async () => ({ ok: true, devices: [{ id: 'cpu', kind: 'cpu', text: 'mine' }] })`;
    const source = `export default { name: 'mine', contract: 2, probe: ${probe}, open: ${open} };`;
    await writeFile(join(world.cwd, 'mine.mjs'), source);
    const { code, stderr } = await bisect(world, '--backend', './mine.mjs');
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'error: backend mine, cpu does not open: no\n' });
  });

  it('reports which of two backends is right', async () => {
    const world = await makeWorld();
    const { code, stdout } = await bisect(world, '--backend', 'honest', '--against', 'double');
    expect(stdout).toMatch(/^honest is right and double is wrong, according to the reference$/m);
    expect(code).toBe(1);
    const both = await bisect(world, '--backend', 'biasless', '--against', 'double', '--out', 'found');
    expect(both.stdout).toMatch(/^biasless and double are both wrong, according to the reference$/m);
    expect((await readdir(world.cwd)).toSorted()).toEqual(['bisect', 'data', 'found', 'found-double']);
  });

  it('prints JSON: the device first, then the result', async () => {
    const world = await makeWorld();
    const { code, stdout } = await bisect(world, '--backend', 'double', '--batch', '1', '--json');
    expect(code).toBe(1);
    expect(jsonLines(stdout)).toMatchObject([
      {
        event: 'start',
        backend: 'double',
        device: 'cpu',
        deviceText: 'float64 loops in JavaScript',
        model: 'tiny',
        batch: 1,
      },
      {
        event: 'result',
        backend: 'double',
        device: 'cpu',
        wrong: { kind: 'alone', layer: 'block.c2', way: 'backward', ops: ['conv2dGradFilter'] },
        reproduction: 'bisect/tiny-double',
      },
    ]);
  });

  it('uses the weights of a run', async () => {
    const world = await makeWorld();
    // Without batch norm: before batch norm, convolutions have no bias to omit.
    const recipe = ['--recipe', 'fast', '--epochs', '1'];
    const trained = ['--backend', 'reference', '--data', world.data, ...recipe, '--out', 'a'];
    expect((await world.runWith({ tables }, 'train', 'tiny', ...trained)).code).toBe(0);
    const { code, stdout } = await bisect(world, '--backend', 'biasless', '--run', 'a');
    expect(stdout).toMatch(/, weights of a, seed 0$/m);
    expect(code).toBe(1);
    const other = await world.runWith({ tables }, 'bisect', 'other', '--backend', 'honest', '--run', 'a');
    expect(other).toMatchObject({
      code: 2,
      stderr: 'error: run "a" is a run of tiny, not of other: name tiny, or leave the model out\n',
    });
  });
});

describe('an invalid request', () => {
  it.each([
    [
      ['--backend', 'reference'],
      2,
      '`--backend reference`: the reference judges the others and cannot be searched; choose another backend',
    ],
    [
      ['--backend', 'honest', '--against-device', 'cpu'],
      2,
      '`--against-device cpu` also needs `--against NAME`',
    ],
    [['--backend', 'honset'], 2, 'unknown backend "honset", did you mean honest?'],
    [['--backend', 'honest', '--out', 'data'], 1, '"data" already exists: choose another folder with --out'],
  ])('%j', async (argv, expected, message) => {
    const world = await makeWorld();
    const { code, stdout, stderr } = await bisect(world, ...argv);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr).toContain(message);
  });
});

describe('a reproduction', () => {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const conditions = process.env['TEST_BUILT'] === '1' ? [] : ['--conditions=@isonet/source'];
  const run = promisify(execFile);

  it('reproduces the error with only the packages installed', { timeout: 120_000 }, async () => {
    const { cwd } = await makeWorld();
    await symlink(fileURLToPath(new URL('../node_modules', import.meta.url)), join(cwd, 'node_modules'));
    // The command line accepts a folder, but `import` does not.
    await mkdir(join(cwd, 'mine'));
    await writeFile(join(cwd, 'mine/package.json'), '{ "type": "module", "main": "backend.js" }');
    await writeFile(
      join(cwd, 'mine/backend.js'),
      `import { reference } from '@isonet/backend-reference';
      import { copyInto, copyResults, GraphBuilder } from '@isonet/core';
      const biasless = (graph) => {
        const b = new GraphBuilder(graph.name);
        const emit = ({ op, attrs, origin }, inputs) =>
          op === 'biasAdd' && origin.layer === 'nin2.c1' ? [inputs[0]] : b.emit(op, inputs, attrs);
        copyResults(b, graph, copyInto(b, graph, { emit }));
        return b.build();
      };
      const open = async (options) => {
        const device = await reference.open(options);
        const compile = device.compile.bind(device);
        return Object.assign(device, { compile: (graph, options) => compile(biasless(graph), options) });
      };
      export default { name: 'mine', contract: 2, probe: () => reference.probe(), open };`,
    );
    const node = [...conditions, '--import', tsx];
    const cli = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    const search = [cli, 'bisect', 'nin', '--backend', './mine', '--no-backward', '--batch', '1'];
    await expect(run(process.execPath, [...node, ...search], { cwd })).rejects.toMatchObject({ code: 1 });
    const script = ['bisect/nin-mine/reproduce.mjs'];
    const { stdout } = await run(process.execPath, [...node, ...script], { cwd });
    expect(stdout).toMatch(
      /^%\d+\[\d+\]: got \S+, expected \S+ ± \S+\n12544 of 12544 are off; in the L2 norm by /,
    );
  });
});
