// Tests the commands that accept an ONNX file as a network: summary, predict, evaluate, export, bisect and finetune.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageClassifier } from '@isonet/core';
import { flatten, globalAvgPool2d, sequential } from '@isonet/core';
import { exportOnnx, readOnnx } from '@isonet/onnx';
import { describe, expect, it } from 'vitest';
import { EXTERNAL, onnxBytes, png, writeOnnx, writePictures } from '../../runs/test/tinyOnnx.ts';
import type { World } from './helpers.ts';
import { jsonLines, keyboard, makeWorld, onlyBackend, watched } from './helpers.ts';

const on = ['--backend', 'reference'] as const;
const finetune = ['finetune', 'small.onnx', '--data', 'pictures', '--normalize', 'unit', ...on] as const;

async function worldWithFile(): Promise<World> {
  const world = await makeWorld();
  await writeOnnx(world.cwd);
  return world;
}

describe('isonet summary FILE.onnx', () => {
  it('describes the file, and lists its layers by the names in it', async () => {
    const world = await worldWithFile();
    const { code, stdout } = await world.run('summary', 'small.onnx');
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "small.onnx: ONNX by isonet 0.3.0, operator set 17, 9 nodes (2 Conv, 2 Relu, 1 MaxPool, 1 BatchNormalization, 1 GlobalAveragePool, ...)
                                                            parameters  multiply-adds
      Layer.name pool        - Output Shape - (1, 3, 4, 4)           0              0
      Layer.name body.c1     - Output Shape - (1, 6, 4, 4)          18            288
      Layer.name body.c1.bn  - Output Shape - (1, 6, 4, 4)          12              0
      Layer.name body.c2     - Output Shape - (1, 8, 4, 4)          56            768
      Layer.name gap         - Output Shape - (1, 8, 1, 1)           0              0
      Layer.name flatten     - Output Shape - (1, 8)                 0              0
      Layer.name head        - Output Shape - (1, 5)                45             40
      total for 1x3x28x28                                          131          1,096
      "
    `);
    const { onnx, parameters } = JSON.parse((await world.run('summary', 'small.onnx', '--json')).stdout) as {
      onnx: object;
      parameters: number;
    };
    expect(onnx).toMatchObject({ file: 'small.onnx', opset: 17, operators: { Conv: 2 } });
    expect(parameters).toBe(3 * 6 + 12 + 6 * 8 + 8 + 8 * 5 + 5);
    const { stdout: nodes } = await world.run('summary', 'small.onnx', '--nodes');
    expect(nodes).toContain('Layer.name head/Gemm ');
    expect((await world.run('summary', 'tiny', '--nodes')).code).toBe(2);
  });

  it('lists every unsupported node before the error', async () => {
    const world = await makeWorld();
    // Rename operators to unknown ones of the same length; in the file, each name follows its length.
    const odd = { Conv: 'Corn', Gemm: 'Germ' };
    const bytes = Object.entries(odd).reduce((text, [op, other]) => {
      const sized = (word: string): string => `${String.fromCodePoint(word.length)}${word}`;
      return text.replaceAll(sized(op), sized(other));
    }, Buffer.from(onnxBytes()).toString('latin1'));
    await writeFile(join(world.cwd, 'odd.onnx'), Buffer.from(bytes, 'latin1'));
    const { code, stdout, stderr } = await world.run('summary', 'odd.onnx');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Corn \(operator set 17\): this operator is not supported: body\.c1\/Conv, /m);
    expect(stderr).toMatch(/^error: odd\.onnx: \d of its nodes are not supported, see above\n$/);
  });
});

describe('isonet predict, evaluate, export, bisect FILE.onnx', () => {
  it('predict uses the class names in the file or in --classes', async () => {
    const world = await worldWithFile();
    await writePictures(world.cwd, 1, ['red']);
    const command = ['predict', 'small.onnx', 'red/0.png', ...on] as const;
    const refused = await world.run(...command);
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toMatch(
      /^error: small\.onnx does not specify how its images are normalized: [^\n]+\n$/,
    );
    expect((await world.run(...command, '--normalize', 'unit')).stdout).toMatch(
      /red\/0\.png: class \d [\d.]+ %, class /,
    );
    await writeFile(join(world.cwd, 'names.txt'), 'ant\nbee\ncow\ndog\neel\n');
    const named = await world.run(...command, '--normalize', 'unit', '--classes', 'names.txt', '--json');
    expect(JSON.parse(named.stdout)).toMatchObject({
      file: 'small.onnx',
      model: 'small',
      images: [{ image: 'red/0.png', class: expect.stringMatching(/^(ant|bee|cow|dog|eel)$/) as string }],
    });
  });

  it('predict and evaluate normalize images by --normalize', async () => {
    const world = await makeWorld();
    // Its logits are the means of the channels, so the expected values can be computed by hand.
    const means: ImageClassifier = {
      name: 'means',
      input: { name: 'images', shape: [3, 8, 8] },
      output: { name: 'logits', shape: [3] },
      layer: sequential({ gap: globalAvgPool2d(), flatten: flatten() }),
    };
    const classNames = ['red', 'green', 'blue'];
    await writeFile(join(world.cwd, 'means.onnx'), exportOnnx(means, {}, { ...EXTERNAL, classNames }));
    await mkdir(join(world.cwd, 'one/red'), { recursive: true });
    await mkdir(join(world.cwd, 'one/blue'));
    await writeFile(join(world.cwd, 'one/red/0.png'), png(9, 7, [204, 102, 51])); // 0.8, 0.4, 0.2
    await writeFile(join(world.cwd, 'one/blue/0.png'), png(9, 7, [0, 0, 255]));
    const probability = async (normalize: string): Promise<number> => {
      const of = ['predict', 'means.onnx', 'one/red/0.png', ...on, '--json'] as const;
      const { stdout } = await world.run(...of, '--normalize', normalize);
      const { images } = JSON.parse(stdout) as {
        readonly images: readonly { readonly probability: number }[];
      };
      return images[0]?.probability ?? NaN;
    };
    const first = (...logits: readonly number[]): number => {
      const powers = logits.map(Math.exp);
      return (powers[0] ?? NaN) / powers.reduce((sum, power) => sum + power, 0);
    };
    expect(await probability('unit')).toBeCloseTo(first(0.8, 0.4, 0.2), 5);
    expect(await probability('0.4/0.5')).toBeCloseTo(first(0.8, 0, -0.4), 5);
    const imagenet = first((0.8 - 0.485) / 0.229, (0.4 - 0.456) / 0.224, (0.2 - 0.406) / 0.225);
    expect(await probability('imagenet')).toBeCloseTo(imagenet, 5);
    const measured = ['evaluate', 'means.onnx', '--data', 'one', '--normalize', '0.4/0.5', ...on] as const;
    const { loss, accuracy } = JSON.parse((await world.run(...measured, '--json')).stdout) as {
      readonly loss: number;
      readonly accuracy: number;
    };
    const blue = first(1.2, -0.8, -0.8);
    expect(loss).toBeCloseTo((-Math.log(first(0.8, 0, -0.4)) - Math.log(blue)) / 2, 5);
    expect(accuracy).toBe(1);
  });

  it('evaluate matches the classes of a folder to those of the file by name', async () => {
    const world = await makeWorld();
    await writeOnnx(world.cwd, 3, 3, { ...EXTERNAL, classNames: ['red', 'green', 'blue'] });
    await writePictures(join(world.cwd, 'pictures'), 2, ['blue', 'red']);
    const { code, stdout } = await world.run(
      'evaluate',
      'small.onnx',
      '--data',
      'pictures',
      '--normalize',
      'unit',
      ...on,
    );
    expect(code).toBe(0);
    // The network was trained on none of the images, so all are test images. None belongs to the second class.
    expect(stdout).toMatch(/^data: 4 images \[3, 28, 28\] of 2 classes from /m);
    expect(stdout).toMatch(/^red +2 .*\ngreen +0 .*\nblue +2 /m);
    const nowhere = await world.run('evaluate', 'small.onnx', '--normalize', 'unit', ...on);
    expect([nowhere.code, nowhere.stderr]).toEqual([
      2,
      'error: no images given: run npx isonet evaluate small.onnx --data FOLDER\n',
    ]);
  });

  it('export writes the same network, and does not guess the preprocessing of its images', async () => {
    const world = await makeWorld();
    await writeOnnx(world.cwd, 3, 5, { ...EXTERNAL, metadata: { author: 'somebody' } });
    expect((await world.run('export', 'small.onnx', '--to', 'again.onnx')).code).toBe(0);
    const [before, after] = await Promise.all(
      ['small.onnx', 'again.onnx'].map(async (name) => readOnnx(await readFile(join(world.cwd, name)))),
    );
    expect(after?.values).toEqual(before?.values);
    expect(after?.metadata).toEqual({ images: 'not known', author: 'somebody' });
    await world.run('export', 'small.onnx', '--to', 'known.onnx', '--normalize', 'imagenet');
    const { metadata } = readOnnx(await readFile(join(world.cwd, 'known.onnx')));
    expect(JSON.parse(metadata['preprocessing'] ?? '')).toMatchObject({ mean: [0.485, 0.456, 0.406] });
  });

  it('bisect uses the weights of the file', async () => {
    const world = await worldWithFile();
    const mine = watched('mine', () => undefined);
    const { code, stdout } = await world.runWith(
      { tables: { backends: [{ name: 'mine', load: () => Promise.resolve(mine) }] } },
      'bisect',
      'small.onnx',
      '--backend',
      'mine',
      '--no-backward',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^small, forward: \d+ nodes on 2 images, weights of small\.onnx, seed 0$/m);
    expect(stdout).toMatch(/nothing wrong/);
  });
});

describe('isonet finetune', () => {
  it('reports the file and the replaced layer, trains, and prints the next commands', async () => {
    const world = await worldWithFile();
    await writePictures(join(world.cwd, 'pictures'), 5);
    const { code, stdout, stderr } = await world.run(
      ...finetune,
      '--epochs',
      '2',
      '--out',
      'run',
      '--body-lr',
      '0.1',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^backend: reference, cpu /),
      expect.stringMatching(/^small\.onnx: ONNX by isonet [\d.]+, operator set 17, 9 nodes \(2 Conv, /),
      expect.stringMatching(/^data: 12 training and 3 test images \[3, 28, 28\] of 3 classes from /),
      'classes: blue, green, red',
      'new layer: head/Gemm (head.w, head.b), 8 features -> 3 classes, was 5',
      'trained: 101 of 113 parameters, all but the new layer at 0.1 times the learning rate; batch norm stays frozen (--batch-statistics updated trains it)',
      'small, recipe finetune: 2 epochs of 1 step of 12 images, lr 0.005, seed 0, into run',
      'before training: test loss 1.0986, test acc 0.333',
      expect.stringMatching(/^epoch 1, loss 1\.0986, /),
      expect.stringMatching(/^epoch 2, /),
      'the run is in run; to test it: npx isonet evaluate run',
      expect.stringMatching(/^ {2}npx isonet predict run IMAGE\.jpg +classify an image$/),
      expect.stringMatching(
        /^ {2}npx isonet export run --to my-small\.onnx +export the network for any ONNX runtime$/,
      ),
    ]);
    // The exported file has the classes and the preprocessing of the run, and predicts the same.
    const predictions = async (of: string): Promise<unknown> => {
      const { stdout: json } = await world.run('predict', of, 'pictures/red/1.png', ...on, '--json');
      return (JSON.parse(json) as { readonly images: unknown }).images;
    };
    expect((await world.run('export', 'run', '--to', 'mine.onnx')).code).toBe(0);
    expect(await predictions('mine.onnx')).toEqual(await predictions('run'));
    expect((await world.run('evaluate', 'run', ...on)).stdout).toMatch(/^data: 12 training and 3 test /m);
    // A copy of the data is divided like the original, because the run was trained on the other images.
    await writePictures(join(world.cwd, 'moved'), 5);
    const moved = await world.run('evaluate', 'run', '--data', 'moved', ...on);
    expect(moved.stdout).toMatch(/^data: 12 training and 3 test /m);
    expect(moved.stderr).toBe('');
    // Other images are all test images.
    await writePictures(join(world.cwd, 'other'), 4);
    const other = await world.run('evaluate', 'run', '--data', 'other', ...on);
    expect(other.stdout).toMatch(/^data: 12 images /m);
    // In a folder that has grown, the training images are unknown.
    await writePictures(join(world.cwd, 'pictures'), 14);
    const changed =
      /^note: .*pictures has changed since the run was trained: some of its test images may have been training images$/m;
    expect((await world.run('evaluate', 'run', ...on)).stderr).toMatch(changed);
    expect((await world.run('predict', 'run', '--test', '2', ...on)).stderr).toMatch(changed);
  });

  it('stops at Ctrl-C with a run that can be resumed, and prints JSON', async () => {
    const world = await worldWithFile();
    await writePictures(join(world.cwd, 'pictures'), 5);
    const stopping = watched('reference', (step) => {
      if (step === 2) keyboard.interrupt();
    });
    const { code, stdout } = await world.runWith(
      { tables: onlyBackend(stopping) },
      ...finetune,
      '--epochs',
      '4',
      '--out',
      'run',
      '--json',
      '--batch-size',
      '6',
    );
    expect(code).toBe(130);
    const [start, untrained, ...rest] = jsonLines(stdout);
    expect(start).toMatchObject({
      event: 'start',
      onnx: { file: 'small.onnx', opset: 17 },
      classes: ['blue', 'green', 'red'],
      head: { node: 'head/Gemm', features: 8, classes: 3 },
      trained: { learned: 101, all: 113 },
    });
    expect(untrained).toMatchObject({ event: 'untrained', metrics: { accuracy: 1 / 3 } });
    expect(rest.at(-1)).toMatchObject({ event: 'end', status: 'stopped', onnx: { head: { classes: 3 } } });
    const resumed = await world.run('train', '--resume', 'run', ...on);
    expect(resumed.code).toBe(0);
    expect(resumed.stdout).not.toContain('before training');
    expect(resumed.stdout).toMatch(/^epoch 4, /m);
  });

  it('rejects invalid requests with one line, and leaves no folder behind', async () => {
    const world = await worldWithFile();
    await writePictures(join(world.cwd, 'pictures'), 5);
    const refused: readonly (readonly [argv: readonly string[], code: number, problem: RegExp])[] = [
      [['finetune', 'small.onnx'], 2, /required option '--data <folder>' not specified/],
      [['finetune', 'tiny', '--data', 'pictures'], 2, /"tiny": finetune needs an ONNX file/],
      [['finetune', 'none.onnx', '--data', 'pictures'], 1, /none\.onnx: no such file/],
      [[...finetune.slice(0, 4), ...on], 2, /small\.onnx does not specify how its images are normalized/],
      [
        [...finetune, '--head', 'fc'],
        1,
        /no layer with weights is named "fc"; the last layers with weights are .*head/,
      ],
      [[...finetune, '--freeze', 'nothing'], 2, /--freeze: .* matches no parameter/],
      [[...finetune, '--dims', 'height'], 2, /Expected NAME=SIZE/],
      [[...finetune, '--normalize', 'imagnet'], 1, /did you mean imagenet\?/],
      [['train', 'tiny', '--dims', 'a=1', ...on], 2, /--dims sets the dynamic dimensions of an ONNX file/],
      [['train', 'small'], 2, /unknown model "small": to use a file, give its full name: small\.onnx/],
    ];
    for (const [argv, wanted, problem] of refused) {
      const { code, stderr } = await world.run(...argv);
      expect([argv.join(' '), code]).toEqual([argv.join(' '), wanted]);
      expect(stderr).toMatch(/^error: [^\n]+\n$/);
      expect(stderr).toMatch(problem);
    }
    expect(await world.run('runs')).toMatchObject({ stdout: expect.stringMatching(/^no runs/i) as string });
  });
});
