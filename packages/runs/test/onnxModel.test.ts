// Tests ONNX files as networks of runs: reading and rejecting them, fine-tuning that resumes bitwise identically without
// the file, and damage to the copy in the run folder.
import { cp, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reference } from '@isonet/backend-reference';
import { float32, Predictor, softmax } from '@isonet/core';
import type { RunContext } from '@isonet/runs';
import {
  loadRun,
  loadTrained,
  prepareFinetune,
  prepareResumedRun,
  prepareRun,
  readOnnxModel,
  trainRun,
} from '@isonet/runs';
import { describe, expect, it } from 'vitest';
import { makeContext, trained, trainedUntil } from './context.ts';
import { writeData } from './tiny.ts';
import { EXTERNAL, onnxBytes, png, writeOnnx, writePictures } from './tinyOnnx.ts';

const request = {
  data: 'pictures',
  normalize: 'imagenet',
  backend: 'reference',
  epochs: 2,
  batchSize: 8,
  lr: 0.05,
} as const;

async function makeWorld(): Promise<RunContext> {
  const context = await makeContext(reference);
  await writeOnnx(context.cwd);
  await writePictures(join(context.cwd, 'pictures'), 10);
  return context;
}

async function message(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    const { name, message: text } = error as Error;
    return `${name}: ${text}`;
  }
  throw new Error('expected an error');
}

/** A tensor of a fixture: little-endian float32 in base64. */
interface Fixture {
  readonly float32: string;
}

/** Returns the values of the only tensor. */
function numbersOf(tensors: Readonly<Record<string, Fixture>>): Float32Array {
  const bytes = Buffer.from(Object.values(tensors)[0]!.float32, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

describe('readOnnxModel', () => {
  it('reports the problem of a file, and names the file', async () => {
    const { cwd } = await makeContext(reference);
    const at = (name: string): Promise<string> => message(readOnnxModel(cwd, name));
    expect(await at('none.onnx')).toMatch(/^DataError: .*none\.onnx: no such file$/);
    await mkdir(join(cwd, 'folder.onnx'));
    expect(await at('folder.onnx')).toContain('expected a file, got a folder');
    await writeFile(join(cwd, 'text.onnx'), 'a text');
    expect(await at('text.onnx')).toMatch(/^DataError: text\.onnx: expected an ONNX file, got /);
    await writeFile(join(cwd, 'cut.onnx'), onnxBytes().subarray(0, 700));
    expect(await at('cut.onnx')).toMatch(/^DataError: cut\.onnx: /);
  });

  it('reads the class names and the preprocessing only if isonet wrote them', async () => {
    const { cwd } = await makeContext(reference);
    const classNames = ['a', 'b', 'c'];
    await writeOnnx(cwd, 1, 3, { classNames });
    expect(await readOnnxModel(cwd, 'small.onnx')).toMatchObject({
      classes: classNames,
      // By default, a file that isonet exported expects values from 0 to 1.
      preprocessing: { shape: [1, 28, 28], mean: [0], std: [1], fit: 'contain' },
    });
    await writeOnnx(cwd, 1, 3, { ...EXTERNAL, metadata: { classes: '["a","b"]' } });
    expect(await readOnnxModel(cwd, 'small.onnx')).toMatchObject({
      classes: undefined,
      preprocessing: undefined,
    });
    await writeOnnx(cwd, 1, 3, { ...EXTERNAL, metadata: { preprocessing: '{"format":1}' } });
    expect(await message(readOnnxModel(cwd, 'small.onnx'))).toMatch(
      /^DataError: small\.onnx: metadata "preprocessing": /,
    );
  });
});

describe('loadTrained', () => {
  it('converts a channels-last network of Keras to channels-first images', async () => {
    const context = await makeContext(reference);
    const fixtures = new URL('../../onnx/test/fixtures/import/', import.meta.url);
    await cp(new URL('keras-17.onnx', fixtures), join(context.cwd, 'keras.onnx'));
    // Inputs [N, height, width, channels], and TensorFlow's outputs for them, which are probabilities.
    const { inputs, outputs } = JSON.parse(
      await readFile(new URL('keras-17.json', fixtures), 'utf8'),
    ) as Readonly<Record<'inputs' | 'outputs', Readonly<Record<string, Fixture>>>>;
    const { model, weights, onnx } = await loadTrained(context, 'keras.onnx', { normalize: 'unit' });
    expect(model.input.shape).toEqual([3, 16, 16]);
    expect(onnx?.notes).toContainEqual(expect.stringMatching(/^its input is \[N, height, width, channels\]/));
    await using device = await reference.open();
    const predictor = new Predictor({ model, device, state: await device.createState(weights) });
    const [given, expected] = [numbersOf(inputs), numbersOf(outputs)];
    const first = Float32Array.from(given, (_, i) => {
      const [n, c, place] = [Math.floor(i / 768), Math.floor(i / 256) % 3, i % 256];
      return given[n * 768 + place * 3 + c]!;
    });
    const { data } = await predictor.predict(float32([given.length / 768, 3, 16, 16], first));
    const logits = Array.from(data);
    const rows = Array.from({ length: logits.length / 5 }, (_, n) => softmax(logits.slice(5 * n, 5 * n + 5)));
    rows.flat().forEach((probability, i) => expect(probability).toBeCloseTo(expected[i]!, 5));
    expect(rows.flat()).toHaveLength(expected.length);
  });

  it('requires the normalization of images unless isonet wrote the file', async () => {
    const context = await makeWorld();
    expect(await message(loadTrained(context, 'small.onnx'))).toBe(
      'UsageError: small.onnx does not specify how its images are normalized: add --normalize imagenet (as in torchvision and timm), unit (0 to 1), none (0 to 255) or MEAN/STD',
    );
    const { classes, hasClassNames, preprocessing } = await loadTrained(context, 'small.onnx', {
      normalize: '0.5/0.25',
      resize: 32,
    });
    expect({ classes, hasClassNames }).toEqual({
      classes: ['class 0', 'class 1', 'class 2', 'class 3', 'class 4'],
      hasClassNames: false,
    });
    expect(preprocessing).toMatchObject({
      fit: 'cover',
      resize: 32,
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
    });
  });

  it('reads class names from a file with one per line', async () => {
    const context = await makeWorld();
    const named = async (text: string): Promise<readonly string[]> => {
      await writeFile(join(context.cwd, 'names.txt'), text);
      const all = { normalize: 'unit', classes: 'names.txt' };
      return (await loadTrained(context, 'small.onnx', all)).classes;
    };
    expect(await named('one\r\ntwo\r\nthree\r\ntwo\r\nfive\r\n')).toEqual([
      'one',
      'two',
      'three',
      'two',
      'five',
    ]);
    expect(await message(named('one\ntwo\n'))).toBe(
      'DataError: --classes names.txt: expected 5 names, one per line and class, got 2 names',
    );
    expect(await message(named('one\n\nthree\nfour\nfive'))).toContain('got a blank name on line 2');
    expect(await message(named(''))).toContain('got 0 names');
  });
});

describe('a fine-tuned run', () => {
  it('learns, resumes bitwise identically without its original file, and is loaded from its folder', async () => {
    const context = await makeWorld();
    const weights = (run: string): Promise<Buffer> => readFile(join(context.cwd, run, 'weights.safetensors'));
    const untrained: number[] = [];
    const longer = { ...request, epochs: 6, lr: 0.1 };
    const whole = await prepareFinetune(context, 'small.onnx', { ...longer, out: 'whole' });
    expect(whole).toMatchObject({
      newHead: { classes: 3, features: 8, parameters: ['head.w', 'head.b'] },
      oldClasses: 5,
    });
    const record = await trained(whole, {
      step: () => undefined,
      epoch: () => undefined,
      note: () => undefined,
      untrained: ({ metrics }) => untrained.push(metrics['accuracy'] ?? NaN),
    });
    // A head of zeros predicts the first class for every image; a few steps suffice to distinguish the colours.
    expect(untrained).toEqual([1 / 3]);
    expect(record).toMatchObject({ status: 'finished', step: 18, options: { recipe: 'finetune' } });
    expect(record.history.at(-1)?.testAccuracy).toBe(1);

    const parts = await prepareFinetune(context, 'small.onnx', { ...longer, out: 'parts' });
    expect(await trainedUntil(parts, 4)).toMatchObject({ status: 'stopped' });
    await rm(join(context.cwd, 'small.onnx'));
    await rename(join(context.cwd, 'parts'), join(context.cwd, 'moved'));
    const resumed = await prepareResumedRun(context, 'moved', {});
    expect(await trained(resumed)).toMatchObject({ status: 'finished', step: 18 });
    expect(await weights('moved')).toEqual(await weights('whole'));

    const { classes, preprocessing, model } = await loadRun(context, 'moved');
    expect(classes).toEqual(['blue', 'green', 'red']);
    expect(preprocessing).toMatchObject({ fit: 'cover', mean: [0.485, 0.456, 0.406] });
    expect(model.output).toEqual({ name: 'logits', shape: [3] });
  });

  it('is resumed before its first step with the weights of the file', async () => {
    const context = await makeWorld();
    const run = await prepareFinetune(context, 'small.onnx', { ...request, out: 'run' });
    const before = await run.trainer.weights();
    expect(await trainRun(run, quiet, { signal: { aborted: true } })).toMatchObject({ step: 0 });
    await run.opened.device[Symbol.asyncDispose]();
    await rm(join(context.cwd, 'run/checkpoints'), { recursive: true });
    const resumed = await prepareResumedRun(context, 'run', {});
    expect(await resumed.trainer.weights()).toEqual(before);
    await resumed.folder.release();
    await resumed.opened.device[Symbol.asyncDispose]();
  });

  it('freezes the body, or trains it with a lower learning rate', async () => {
    const context = await makeWorld();
    const { network } = await readOnnxModel(context.cwd, 'small.onnx');
    const moved = async (out: string, more: object): Promise<(name: string) => number> => {
      const run = await prepareFinetune(context, 'small.onnx', { ...request, epochs: 1, ...more, out });
      await trained(run);
      const { weights } = await loadRun(context, out);
      return (name) =>
        Math.max(
          ...Array.from(weights[name]!.data, (value, i) => Math.abs(value - network.values[name]!.data[i]!)),
        );
    };
    const free = await moved('free', {});
    const slow = await moved('slow', { bodyLr: 0.01 });
    const frozen = await moved('frozen', { freezeBody: true });
    const part = await moved('part', { freeze: ['body.c1*'], batchStatistics: 'updated' });
    expect(free('body.c2.w')).toBeGreaterThan(0);
    expect(slow('body.c2.w')).toBeLessThan(free('body.c2.w') / 10);
    expect(slow('body.c2.w')).toBeGreaterThan(0);
    const names = Object.keys(network.values).filter((name) => name.startsWith('body.'));
    expect(names).toHaveLength(7);
    expect(names.map(frozen)).toEqual(names.map(() => 0));
    expect([part('body.c1.w'), part('body.c2.w') > 0]).toEqual([0, true]);
    // In the frozen batch norm, only the statistics change.
    const norm = names.filter((name) => name.startsWith('body.c1.bn.'));
    expect(norm).toHaveLength(4);
    expect(norm.filter((name) => part(name) > 0)).toEqual(norm.filter((name) => /mean|variance/i.test(name)));
    // By default, batch norm is frozen; if it is trained, all of its tensors change.
    expect(norm.map(free)).toEqual(norm.map(() => 0));
    const updated = await moved('updated', { batchStatistics: 'updated', epochs: 2 });
    expect(norm.filter((name) => updated(name) > 0)).toEqual(norm);
  });

  it('rejects an unknown layer, naming the available ones, and all other invalid settings', async () => {
    const context = await makeWorld();
    const fails = (more: object, file = 'small.onnx'): Promise<string> =>
      message(prepareFinetune(context, file, { ...request, ...more }));
    expect(await fails({ head: 'fc' })).toMatch(/no layer with weights is named "fc"; .*head/);
    expect(await fails({ freeze: ['bdy'] })).toMatch(/^UsageError: --freeze: .*matches no parameter/);
    expect(await fails({ freezeBody: true, bodyLr: 0.1 })).toMatch(/^UsageError: --body-lr: a frozen body/);
    expect(await fails({ freezeBody: true, freeze: ['head'] })).toMatch(/every parameter is frozen/);
    expect(await fails({ batchStatistics: 'keep' })).toMatch(
      /^UsageError: unknown --batch-statistics "keep"/,
    );
    expect(await message(prepareRun(context, 'tiny', { batchStatistics: 'updated' }))).toMatch(
      /^UsageError: --batch-statistics: applies to batch norm with frozen parameters/,
    );
    expect(await fails({ batchNorm: true })).toMatch(
      /^UsageError: --batch-norm: the layers of small\.onnx are fixed/,
    );
    expect(await fails({ dims: { height: 28 } })).toBe(
      'UsageError: --dims height=28: small.onnx has no such dimension: its input has no dynamic dimensions',
    );
    expect(await fails({}, 'nin')).toMatch(/^UsageError: "nin": finetune needs an ONNX file/);
    expect(await fails({ patience: 2 })).toMatch(/^UsageError: --patience: needs a validation loss/);
    expect(await fails({ fit: 'stretch' })).toMatch(/^UsageError: unknown --fit "stretch"/);
    expect(await fails({ fit: 'fill', resize: 40 })).toMatch(/^UsageError: --resize: /);
    expect(await fails({ limit: 25 })).toMatch(/the data has 24 training images/);
  });

  it('accepts grey images in three channels', async () => {
    const context = await makeWorld();
    await writeData(join(context.cwd, 'idx'), 1);
    const run = await prepareFinetune(context, 'small.onnx', {
      ...request,
      data: 'idx',
      epochs: 1,
      out: 'run',
    });
    expect(run.data.source.text).toMatch(/, grey in three channels$/);
    expect(await trained(run)).toMatchObject({ status: 'finished', data: { train: 24, test: 10 } });
  });

  it('is rejected if its network is missing, or is another one', async () => {
    const context = await makeWorld();
    await trained(await prepareFinetune(context, 'small.onnx', { ...request, epochs: 1, out: 'run' }));
    const network = join(context.cwd, 'run/network.onnx');
    const loading = (): Promise<string> => message(loadRun(context, 'run'));
    await writeFile(network, onnxBytes(3, 6));
    expect(await loading()).toMatch(/^DataError: run\/network\.onnx: not the network of this run/);
    await rm(network);
    expect(await loading()).toMatch(/^DataError: run "run" has no network\.onnx/);
    expect(await message(loadRun(context, 'run', 'other'))).toMatch(/^UsageError: .*leave the model out/);
  });
});

const quiet = { step: () => undefined, epoch: () => undefined, note: () => undefined };

describe('train with an ONNX file', () => {
  it('starts from its weights and keeps its classes', async () => {
    const context = await makeContext(reference);
    await writeOnnx(context.cwd, 3, 3, { ...EXTERNAL, classNames: ['red', 'blue', 'green'] });
    await writePictures(join(context.cwd, 'pictures'), 5);
    const run = await prepareRun(context, 'small.onnx', { ...request, out: 'run' });
    const { network } = await readOnnxModel(context.cwd, 'small.onnx');
    expect(Array.from((await run.trainer.weights())['head.w']!.data)).toEqual(
      Array.from(network.values['head.w']!.data),
    );
    // In the folder, sorted by name, blue is first; in the network, red is.
    expect(run.data.train.classes).toEqual(['red', 'blue', 'green']);
    expect(Array.from(run.data.test.labels)).toEqual([1, 2, 0]);
    expect(await trained(run)).toMatchObject({ status: 'finished', model: 'small' });
    await rename(join(context.cwd, 'pictures/red'), join(context.cwd, 'pictures/rouge'));
    expect(await message(prepareRun(context, 'small.onnx', request))).toMatch(
      /pictures: small has no class "rouge": its classes are red, blue, green; .*npx isonet finetune small\.onnx/,
    );
  });
});

it('built-in networks learn from image folders, in grey if their input is grey', async () => {
  const context = await makeContext(reference);
  const names = Array.from({ length: 10 }, (_, k) => `grey ${k}`);
  for (const [k, name] of names.entries()) {
    await mkdir(join(context.cwd, 'greys', name), { recursive: true });
    for (let i = 0; i < 3; i++) {
      await writeFile(join(context.cwd, 'greys', name, `${i}.png`), png(30, 30, [25 * k, 25 * k, 25 * k]));
    }
  }
  const all = {
    data: 'greys',
    backend: 'reference',
    epochs: 1,
    batchSize: 8,
    augment: 'flip,crop=2',
  } as const;
  const run = await prepareRun(context, 'tiny', { ...all, limit: 12, normalize: '0.5/0.5', out: 'run' });
  // One image of each class is held out, and the limit does not select only the first classes.
  expect(Array.from(run.data.test.labels)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const { inputs } = await run.data.test.batch(Uint32Array.of(9));
  expect([inputs.shape, inputs.data[0]]).toEqual([[1, 1, 28, 28], Math.fround((225 / 255 - 0.5) / 0.5)]);
  expect(await trained(run)).toMatchObject({
    status: 'finished',
    step: 2,
    data: { train: 12, test: 10, classes: names },
    options: { augment: 'flip,crop=2' },
  });
  const { preprocessing, classes } = await loadRun(context, 'run');
  expect([preprocessing?.fit, preprocessing?.mean, classes]).toEqual(['contain', [0.5], names]);
  expect(await message(prepareRun(context, 'tiny', { ...all, augment: 'flop' }))).toMatch(
    /did you mean flip/,
  );
  await rm(join(context.cwd, 'greys/grey 3'), { recursive: true });
  expect(await message(prepareRun(context, 'tiny', all))).toMatch(
    /tiny has 10 classes; greys has 9, one folder each \(grey 0, grey 1, .*\.\.\.\); choose another folder, or train your own /,
  );
});

describe('external files of an ONNX file', () => {
  const fixture = new URL('fixtures/external/', import.meta.url);

  it('are read only from its folder, and are included in the copy of a run', async () => {
    const { cwd } = await makeContext(reference);
    await cp(fixture, cwd, { recursive: true });
    const inside = await readOnnxModel(cwd, 'inside.onnx');
    const outside = await readOnnxModel(cwd, 'outside.onnx');
    expect(outside.network.values).toEqual(inside.network.values);
    // The complete model does not need the external file any more.
    await writeFile(join(cwd, 'whole.onnx'), outside.bytes);
    await rm(join(cwd, 'weights.bin'));
    expect((await readOnnxModel(cwd, 'whole.onnx')).network.values).toEqual(inside.network.values);
    expect(await message(readOnnxModel(cwd, 'outside.onnx'))).toMatch(
      /^DataError: .*weights\.bin: no such file$/,
    );
    await writeFile(join(cwd, '../stolen.bin'), await readFile(new URL('weights.bin', fixture)));
    await symlink('../stolen.bin', join(cwd, 'weights.bin'));
    expect(await message(readOnnxModel(cwd, 'outside.onnx'))).toMatch(
      /^DataError: outside\.onnx: its tensors are in "weights\.bin", outside its folder/,
    );
    await rm(join(cwd, '../stolen.bin'));
  });
});
