// Tests the user's own networks: valid files, the errors for invalid files, and runs of a file.
import { mkdir, mkdtemp, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { reference } from '@isonet/backend-reference';
import type { ImageClassifier } from '@isonet/core';
import { DataError, parameterCount, stateOf } from '@isonet/core';
import type { RunContext } from '@isonet/runs';
import {
  buildModel,
  findModel,
  isModelFile,
  loadRun,
  models,
  prepareResumedRun,
  prepareRun,
  UsageError,
} from '@isonet/runs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { networkDigest } from '../src/ownModel/identity.ts';
import { makeContext, settings, trained, trainedUntil } from './context.ts';

/** A model without imports: a bias for each class. */
const TEXT = `
interface Spec<T> { name: string; shape: T }
const input: Spec<number[]> = { name: 'images', shape: [1, 28, 28] };
export default {
  name: 'biases', input, output: { name: 'logits', shape: [10] },
  layer: (scope: any, x: any) => {
    const sums = scope.op.reshape(scope.op.reduceSum(x, { axes: [1, 2, 3] }), { shape: [x.shape[0], 1] });
    return scope.op.matMul(sums, scope.parameter('w', [1, 10]));
  },
};
`;

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const cwd = await realpath(await mkdtemp(join(tmpdir(), 'isonet-own-')));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, name)), { recursive: true });
    await writeFile(join(cwd, name), text);
  }
  return cwd;
}

async function load(cwd: string, name: string, options: object = {}): Promise<ImageClassifier> {
  return buildModel(await findModel({ cwd, models }, name), options);
}

/** Returns the message of the error when a file with this text is loaded. */
async function refusal(text: string, name = 'net.ts', options: object = {}): Promise<string> {
  const cwd = await folderWith({ [name]: text });
  try {
    await load(cwd, name, options);
  } catch (error) {
    if (error instanceof DataError || error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('expected an error');
}

describe('a file as a model', () => {
  it('has a path separator or the extension of a module', () => {
    const names = ['./net', 'nets/net.ts', 'net.ts', 'net.mts', 'net.js', 'net.mjs', String.raw`nets\net`];
    expect(names.filter(isModelFile)).toEqual(names);
    expect(models.filter(({ name }) => isModelFile(name))).toEqual([]);
  });

  it.each(['net.ts', 'net.mts', 'nets/net.ts'])(
    'may be %s, which is loaded with its types stripped',
    async (name) => {
      // The loader's cache would be inside node_modules.
      const cwd = await folderWith({ [name]: TEXT, 'node_modules/a/index.js': '' });
      const model = await load(cwd, name);
      expect(await readdir(join(cwd, 'node_modules'))).toEqual(['a']);
      expect([model.name, model.input.shape, model.output.shape]).toEqual(['biases', [1, 28, 28], [10]]);
      expect(parameterCount(stateOf(model).parameters)).toBe(10);
    },
  );

  it.each(['net.mjs', 'net.js'])('may be %s', async (name) => {
    const text = TEXT.replace(/interface.*\n/, '').replaceAll(/: (any|Spec<number\[\]>)/g, '');
    const cwd = await folderWith({ [name]: text, 'package.json': '{ "type": "module" }' });
    expect((await load(cwd, name)).name).toBe('biases');
  });

  it('may import other files, and use syntax that stripping types cannot handle', async () => {
    const shapes = 'export enum Side { A = 28 }\nexport const image: number[] = [1, Side.A, Side.A];';
    const text = TEXT.replace('[1, 28, 28]', 'image');
    const cwd = await folderWith({
      'shapes.ts': shapes,
      'net.ts': `import { image } from './shapes.ts';${text}`,
    });
    expect((await load(cwd, 'net.ts')).input.shape).toEqual([1, 28, 28]);
  });

  it('may be a function of the options, which rejects options that it does not read', async () => {
    const text = TEXT.replace('export default {', 'export default ({ batchNorm }: any) => ({')
      .replace("'biases'", "'biases-' + batchNorm")
      .replace(/};\s*$/, '});');
    const cwd = await folderWith({ 'net.ts': text });
    expect((await load(cwd, 'net.ts', { batchNorm: true })).name).toBe('biases-true');
    expect((await load(cwd, 'net.ts')).name).toBe('biases-undefined');
    await expect(load(cwd, 'net.ts', { dropoutRate: 0.1 })).rejects.toThrow(
      new UsageError('--dropout: the function that net.ts exports does not read it: leave it out'),
    );
  });

  it('rejects options if it exports a model', async () => {
    expect(await refusal(TEXT, 'net.ts', { batchNorm: true })).toBe(
      '--batch-norm: net.ts exports a model, but only a function (options) => model can read it: leave it out',
    );
  });
});

describe('a file without a model', () => {
  it('is rejected if it is missing, a folder, or of another kind', async () => {
    const cwd = await folderWith({ 'net.py': '', 'other.ts': TEXT });
    const found = async (name: string): Promise<unknown> => load(cwd, name).catch((error: unknown) => error);
    const text = (name: string, got: string): UsageError =>
      new UsageError(
        `model "${name}": expected a .ts, .mts, .js or .mjs file that exports a network, or an .onnx file, found ${got}`,
      );
    expect(await found('net.ts')).toEqual(text('net.ts', 'nothing'));
    expect(await found('./net.py')).toEqual(text('net.py', 'another kind of file'));
    expect(await found('net.py')).toEqual(text('net.py', 'another kind of file'));
    expect(await found(cwd)).toEqual(text(cwd, 'a folder'));
    expect(await found('other')).toEqual(
      new UsageError('unknown model "other": to use a file, give its full name: other.ts'),
    );
  });

  const expected =
    'expected a model, { name, input: { name, shape }, output: { name, shape }, layer }, or a function that returns one';
  const cases: Readonly<Record<string, readonly [text: string, message: string]>> = {
    'a syntax error': ['const a = 1;\n\nexport default (= 1);', 'net.ts:3: Unexpected token'],
    'a missing package': [
      "import 'not-a-package/sub';\nexport default {};",
      'net.ts:1: it imports "not-a-package/sub", which does not exist: correct the name, or install the package if that is its name',
    ],
    'a missing package of ours': [
      "import '@isonet/nothing/sub';",
      'net.ts:1: it imports "@isonet/nothing/sub", which is not installed: npm install @isonet/nothing',
    ],
    'a missing file': [
      "import './no.ts';",
      'net.ts:1: it imports "./no.ts", which does not exist: correct the name',
    ],
    'a throw': ["const x: number = 1;\nthrow new Error('too early');", 'net.ts:2: too early'],
    'no default export': [
      'export const model = 1;',
      `net.ts: no default export: ${expected}; it exports model`,
    ],
    'a default export of a number': ['export default 5;', `net.ts: the default export is 5: ${expected}`],
    'a layer': [
      'export default (scope, x) => x;',
      `net.ts: the default export is a layer, (scope, x) => y: ${expected}`,
    ],
    'a function that returns nothing': [
      'export default () => {};',
      `net.ts: the exported function returned nothing: ${expected}`,
    ],
    'a function that throws': ["export default () => {\n  throw new Error('no');\n};", 'net.ts:2: no'],
    'a name for another folder': [
      TEXT.replace("'biases'", "'../up'"),
      String.raw`net.ts: name: expected a valid folder name, without / \ : * ? " < > |, such as "my-net", got "../up"`,
    ],
    'no input': [
      TEXT.replace('input,', ''),
      'net.ts: input: expected { name, shape: [channels, height, width] }, got nothing',
    ],
    'a row as input': [
      TEXT.replace('[1, 28, 28]', '[784]'),
      'net.ts: input.shape: expected [channels, height, width], because the command line trains on images, got [784]',
    ],
    'half a pixel': [
      TEXT.replace('[1, 28, 28]', '[1, 28, 0.5]'),
      'net.ts: input.shape: expected [channels, height, width], integers of at least 1, got [1,28,0.5]',
    ],
    'an image as output': [
      TEXT.replace('shape: [10]', 'shape: [10, 1]'),
      'net.ts: output.shape: expected [classes], because the command line trains classifiers, got [10,1]',
    ],
    'no layer': [
      TEXT.replace('layer:', 'layers:'),
      'net.ts: layer: expected a function (scope, x) => y, such as sequential({ ... }), got nothing',
    ],
    'a layer that throws': [
      TEXT.replace('const sums', 'x.no.such;\n    const sums'),
      "net.ts:7: Cannot read properties of undefined (reading 'such')",
    ],
    'another output than declared': [
      TEXT.replace('shape: [10]', 'shape: [11]'),
      'net.ts: biases: expected logits [1, 11], got [1, 10] from the layers',
    ],
  };

  it.each(Object.entries(cases))('is rejected: %s', async (_, [text, message]) => {
    expect(await refusal(text)).toBe(message);
  });

  it('is reported to use another version of isonet if it does not build', async () => {
    const manifest = (name: string, version: string): string =>
      JSON.stringify({ name, version, type: 'module', exports: './index.js' });
    const cwd = await folderWith({
      'node_modules/isonet/package.json': manifest('isonet', '0.1.0'),
      'node_modules/isonet/index.js': 'export const layer = (scope) => scope.old();',
      'node_modules/@isonet/core/package.json': manifest('@isonet/core', '0.1.0'),
      'node_modules/@isonet/core/index.js': '',
      'net.ts': `import { layer } from 'isonet';${TEXT.replace(/layer: [^]*$/, 'layer };')}`,
    });
    await expect(load(cwd, 'net.ts')).rejects.toThrow(
      /^net\.ts: scope\.old is not a function; it uses isonet 0\.1\.0, but the command line uses [\d.]+: install isonet and @isonet\/cli in the same version$/,
    );
  });
});

describe('a run of a file', () => {
  const on = { ...settings, recipe: 'best', backend: 'reference' } as const;

  /** Creates a stopped run of `work/net.ts` in `work/run`. */
  async function stopped(): Promise<RunContext> {
    const context = await makeContext(reference);
    const cwd = join(await realpath(context.cwd), 'work');
    await mkdir(cwd);
    await writeFile(join(cwd, 'net.ts'), TEXT);
    const here = { ...context, cwd };
    const run = await prepareRun(here, './net.ts', { ...on, data: '../data', out: 'run' });
    await trainedUntil(run, 4);
    return here;
  }

  it('records the file, and loads and resumes from it', async () => {
    const context = await stopped();
    const { record, model } = await loadRun(context, 'run');
    expect(record).toMatchObject({
      model: 'biases',
      network: { fromRun: '../net.ts', file: join(context.cwd, 'net.ts'), digest: networkDigest(model) },
      options: { recipe: 'best', lr: 0.03, batchSize: 10, batchNorm: null, dropout: null },
    });
    const resumed = await prepareResumedRun(context, 'run', {});
    expect(await trained(resumed)).toMatchObject({ status: 'finished', step: 9 });
    await expect(prepareResumedRun(context, 'run', {})).rejects.toThrow(
      'npx isonet train net.ts --weights run',
    );
  });

  it('finds the file if both were moved, or only the run', async () => {
    const context = await stopped();
    const there = join(dirname(context.cwd), 'there');
    await mkdir(there);
    await rename(join(context.cwd, 'run'), join(there, 'run'));
    expect((await loadRun({ ...context, cwd: there }, 'run')).model.name).toBe('biases');
    await rename(join(context.cwd, 'net.ts'), join(there, 'net.ts'));
    expect((await loadRun({ ...context, cwd: there }, 'run')).model.name).toBe('biases');
  });

  it('accepts the new path of a moved file, and records it', async () => {
    const context = await stopped();
    await rename(join(context.cwd, 'net.ts'), join(context.cwd, 'new.ts'));
    await expect(loadRun(context, 'run')).rejects.toThrow(
      'run "run": net.ts, which defines its network, is missing: pass its current path with --model FILE',
    );
    expect((await loadRun(context, 'run', 'new.ts')).model.name).toBe('biases');
    await expect(prepareResumedRun(context, 'run', {})).rejects.toThrow(
      'is missing: pass its current path with npx isonet train FILE --resume run',
    );
    await expect(prepareResumedRun(context, 'run', { model: 'nin' })).rejects.toThrow(
      new UsageError(
        'run "run" is a run of biases in net.ts, not of nin: leave the model out, or pass the file, which ends in .ts, .mts, .js or .mjs',
      ),
    );
    await trained(await prepareResumedRun(context, 'run', { model: 'new.ts' }));
    expect((await loadRun(context, 'run')).record.network?.fromRun).toBe('../new.ts');
  });

  it('rejects another network, even with the same name', async () => {
    const context = await stopped();
    const changed = TEXT.replace('reduceSum(x', 'reduceSum(scope.op.tanh(x)');
    await writeFile(join(context.cwd, 'net.ts'), changed);
    const message = /^run "run": net\.ts no longer defines the network that was trained: undo the change/;
    await expect(loadRun(context, 'run')).rejects.toThrow(message);
    await expect(loadRun(context, 'run', 'net.ts')).rejects.toThrow(message);
    await expect(prepareResumedRun(context, 'run', {})).rejects.toThrow(message);
    await writeFile(join(context.cwd, 'net.ts'), `// A comment changes nothing.\n${TEXT}`);
    expect((await loadRun(context, 'run')).model.name).toBe('biases');
  });

  it('must not be a run of a built-in model', async () => {
    const context = await makeContext(reference);
    await trained(await prepareRun(context, 'tiny', { ...on, out: 'run' }));
    await expect(loadRun(context, 'run', './net.ts')).rejects.toThrow(
      new UsageError('run "run" is a run of tiny, not of ./net.ts: name tiny, or leave the model out'),
    );
  });
});
