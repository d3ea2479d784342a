// Tests evaluate, predict and export on a small run, and their errors for a damaged run.
import { mkdir, readFile, readdir, readlink, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeSafetensors, encodeSafetensors, float32 } from '@isonet/core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { threaded } from '../../runs/test/devices.ts';
import { TEST_IMAGES } from '../../runs/test/tiny.ts';
import type { Outcome, World } from './helpers.ts';
import { makeWorld } from './helpers.ts';

const on = ['--backend', 'reference'] as const;

async function worldWithRun(): Promise<World> {
  const world = await makeWorld();
  const { code } = await world.run(
    'train',
    'tiny',
    ...on,
    '--epochs',
    '1',
    '--data',
    world.data,
    '--out',
    'run',
  );
  expect(code).toBe(0);
  return world;
}

/** Returns the error line of a command that failed and printed nothing else. */
function failure({ code, stdout, stderr }: Outcome): string {
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^error: [^\n]+\n$/);
  return stderr;
}

describe('isonet evaluate', () => {
  it('returns the accuracy that training reported', async () => {
    const world = await worldWithRun();
    const record = JSON.parse(await readFile(join(world.cwd, 'run', 'run.json'), 'utf8')) as {
      history: { testAccuracy: number }[];
    };
    const { code, stdout, stderr } = await world.run('evaluate', 'run', ...on, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const accuracy = record.history[0]?.testAccuracy ?? NaN;
    expect(JSON.parse(stdout)).toMatchObject({
      run: 'run',
      backend: 'reference',
      device: 'cpu',
      deviceText: 'float64 loops in JavaScript',
      data: { kind: 'folder', train: 24, test: TEST_IMAGES, sha256: expect.any(String) as string },
      accuracy,
      correct: Math.round(accuracy * TEST_IMAGES),
      count: TEST_IMAGES,
    });
  });

  it('prints three lines, and a line per class', async () => {
    const world = await worldWithRun();
    const { stdout } = await world.run('evaluate', 'run', ...on);
    const [first, second, third, head, ...classes] = stdout.trimEnd().split('\n');
    expect(first).toMatch(/^backend: reference, /);
    expect(second).toMatch(/^data: /);
    expect(third).toMatch(/^test loss \d\.\d{4}, test acc \d\.\d{3} \(\d+ of 10 images\)$/);
    expect(head).toMatch(/^class +images +recall +precision +F1 +most often mistaken for$/);
    expect(classes).toHaveLength(10);
    for (const line of classes) expect(line).toMatch(/^[\w/ -]+? +1 +[01]\.000 +[01]\.\d{3} +[01]\.\d{3}/);
    // Every misclassified image is mistaken for some class.
    const missed = classes.filter((line) => / +1 +0\.000 /.test(line));
    expect(missed.length).toBeGreaterThan(0);
    for (const line of missed) expect(line).toMatch(/ [\w/ -]+ \(1\)$/);
  });
});

describe('isonet predict', () => {
  it('computes on the calling thread, whereas evaluate uses a worker', async () => {
    const world = await worldWithRun();
    const tables = { backends: [threaded] };
    const textOf = async (...argv: readonly string[]): Promise<unknown> => {
      const { stdout } = await world.runWith({ tables }, ...argv, ...on, '--json');
      return (JSON.parse(stdout) as { readonly deviceText: unknown }).deviceText;
    };
    expect(await textOf('predict', 'run', '--test', '1')).toBe('on this thread');
    expect(await textOf('evaluate', 'run')).toBe('in a worker');
  });

  const white =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9" fill="#fff"/></svg>';

  it('prints the classes of files, the most probable first', async () => {
    const world = await worldWithRun();
    await writeFile(join(world.cwd, 'white.svg'), white);
    const { code, stdout, stderr } = await world.run('predict', 'run', 'white.svg', ...on);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^backend: reference, cpu \(.*\): as requested\nwhite\.svg: [\w/ -]+ \d+\.\d %, [\w/ -]+ \d+\.\d %, [\w/ -]+ \d+\.\d %\n$/,
    );
    expect(stderr).toContain('--invert may help');
    const inverted = await world.run('predict', 'run', 'white.svg', '--invert', ...on);
    expect(inverted.stderr).toBe('');
    // For data other than Fashion-MNIST, the background is unknown.
    const file = join(world.cwd, 'run', 'run.json');
    const record = JSON.parse(await readFile(file, 'utf8')) as { data: object };
    record.data = { ...record.data, classes: Array.from('0123456789') };
    await writeFile(file, JSON.stringify(record));
    expect((await world.run('predict', 'run', 'white.svg', ...on)).stderr).toBe('');
  });

  it('prints test images with their true class, and the source of the data', async () => {
    const world = await worldWithRun();
    const { stdout } = await world.run('predict', 'run', '--test', '2', ...on);
    expect(stdout).toMatch(
      /^backend: reference, .*\ndata: 24 training .*\ntest image 1: .* \(truth: T-shirt\/top\)\ntest image 2: .* \(truth: Trouser\)\n$/,
    );
  });

  it('draws images on a terminal: in greys, or in letters without colours', async () => {
    const world = await worldWithRun();
    const inColor = await world.runWith({ io: { isTTY: true } }, 'predict', 'run', '--test', '3', ...on);
    expect(inColor.stdout.split('\n').filter((line) => line.includes('\u2580'))).toHaveLength(28);
    expect(inColor.stdout).toContain('truth:   T-shirt/top');
    const plain = await world.runWith(
      { io: { isTTY: true, env: { NO_COLOR: '1' } } },
      'predict',
      'run',
      '--test',
      '3',
      ...on,
    );
    expect(plain.stdout).not.toContain('\u001b');
    expect(plain.stdout).toContain('network:');
    const none = await world.runWith(
      { io: { isTTY: true } },
      'predict',
      'run',
      '--test',
      '1',
      '--no-picture',
      ...on,
    );
    expect(none.stdout.split('\n')).toHaveLength(4);
  });

  const fixture = (name: string): string =>
    fileURLToPath(new URL(`../../data/test/fixtures/${name}`, import.meta.url));

  it('inverts a non-square image as if the file had been inverted', async () => {
    const world = await worldWithRun();
    const inverted = join(world.cwd, 'inverted.png');
    await sharp(fixture('portrait.png')).negate({ alpha: false }).png().toFile(inverted);
    const guesses = async (...argv: readonly string[]): Promise<unknown> => {
      const { stdout } = await world.run('predict', 'run', ...argv, ...on, '--json');
      return (JSON.parse(stdout) as { images: object[] }).images.map((image) => ({ ...image, image: '' }));
    };
    const expected = await guesses('inverted.png');
    expect(await guesses(fixture('portrait.png'), '--invert')).toEqual(expected);
    expect(await guesses(fixture('portrait.png'))).not.toEqual(expected);
  });

  it('notes if dark ink on transparent pixels is lost, and only then', async () => {
    const world = await worldWithRun();
    const ink = fixture('ink.png');
    expect((await world.run('predict', 'run', ink, ...on)).stderr).toBe(
      `note: ${ink} looks blank: it has transparent pixels, and the visible ones match the black background; try --invert\n`,
    );
    expect((await world.run('predict', 'run', ink, ...on, '--invert')).stderr).toBe('');
  });

  it('suggests a conversion for HEIC', async () => {
    const world = await worldWithRun();
    const { code, stderr } = await world.run('predict', 'run', fixture('phone.heic'), ...on);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: image ".*phone\.heic": HEIC needs an HEVC decoder, .*; convert to JPEG first: .*\n$/,
    );
  });

  it('continues after a file that is not an image, and fails at the end', async () => {
    const world = await worldWithRun();
    await writeFile(join(world.cwd, 'text.png'), 'no image');
    await writeFile(join(world.cwd, 'white.svg'), white);
    const files = ['nothing.png', 'text.png', 'white.svg'];
    const { code, stdout, stderr } = await world.run('predict', 'run', ...files, ...on, '--invert');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^backend: [^\n]+\nwhite\.svg: [^\n]+\n$/);
    expect(stderr).toMatch(
      /^error: image "[^"]*nothing\.png": [^\n]+\nerror: image "[^"]*text\.png": [^\n]+\n$/,
    );
    const json = await world.run('predict', 'run', ...files, ...on, '--json', '--invert');
    const next = [{ class: expect.any(String) as string }, { probability: expect.any(Number) as number }];
    expect(JSON.parse(json.stdout)).toMatchObject({
      run: 'run',
      backend: 'reference',
      device: 'cpu',
      images: [{ image: 'white.svg', next }, { image: 'nothing.png' }, { image: 'text.png' }],
    });
    // Without a readable image, no device is opened.
    const none = await world.run('predict', 'run', 'nothing.png', ...on, '--json');
    expect(Object.keys(JSON.parse(none.stdout) as object)).toEqual(['run', 'model', 'images']);
  });
});

describe('isonet export', () => {
  it('writes an ONNX model, and replaces it only with --force', async () => {
    const world = await worldWithRun();
    const { code, stdout } = await world.run('export', 'run', '--to', 'net.onnx');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^net\.onnx: ONNX, [\d,]+ bytes, images \[N, 1, 28, 28\] -> logits \[N, 10\]\n$/);
    const file = join(world.cwd, 'net.onnx');
    const written = await readFile(file);
    expect(written.includes('block.c2.w')).toBe(true);
    await writeFile(file, 'precious');
    expect(failure(await world.run('export', 'run', '--to', 'net.onnx'))).toContain(
      '"net.onnx" already exists',
    );
    expect(await readFile(file, 'utf8')).toBe('precious');
    expect((await world.run('export', 'run', '--to', 'net.onnx', '--force')).code).toBe(0);
    expect(await readFile(file)).toEqual(written);
    expect((await readdir(world.cwd)).toSorted()).toEqual(['data', 'net.onnx', 'run']);
  });

  it('does not replace a link or a folder', async () => {
    const world = await worldWithRun();
    await symlink('elsewhere.onnx', join(world.cwd, 'link.onnx'));
    await mkdir(join(world.cwd, 'folder.onnx'));
    for (const file of ['link.onnx', 'folder.onnx']) {
      expect(failure(await world.run('export', 'run', '--to', file, '--force'))).toContain(
        `${file}: not a regular file: choose another name`,
      );
    }
    expect(await readlink(join(world.cwd, 'link.onnx'))).toBe('elsewhere.onnx');
  });

  it('reports a file that cannot be written', async () => {
    const world = await worldWithRun();
    expect(failure(await world.run('export', 'run', '--to', 'no/such/folder/net.onnx'))).toContain(
      'error: no/such/folder/net.onnx: the folder no/such/folder does not exist: create it first\n',
    );
  });
});

describe('a damaged run', () => {
  const damage: Record<string, [harm: (run: string) => Promise<unknown>, message: string]> = {
    'run.json cut short': [(run) => truncate(join(run, 'run.json'), 100), 'run.json: not JSON'],
    'run.json of another kind': [
      (run) => writeFile(join(run, 'run.json'), '[]'),
      'run.json: expected an object, got []',
    ],
    'run.json of another format': [
      (run) => edit(run, { format: 'v9' }),
      'expected format isonet-run-2, got "v9"',
    ],
    'a wrong field': [
      (run) => edit(run, { options: { epochs: 'two' } }),
      'options.recipe: expected one of book, fast, best',
    ],
    'a wrong status': [(run) => edit(run, { status: 'lost' }), 'status: expected one of running, stopped'],
    'an unknown model': [
      (run) => edit(run, { model: 'giant' }),
      'run/run.json: model: expected one of tiny, got "giant"',
    ],
    'a run.json without fields': [
      (run) => writeFile(join(run, 'run.json'), '{}'),
      'run.json: format: expected a string, got nothing; the file was edited or is damaged: restore it, or train another run',
    ],
    'weights that were removed': [
      (run) => rm(join(run, 'weights.safetensors')),
      'run "run" has no weights.safetensors: the run is finished, so the file must have been removed; restore it, or train another run',
    ],
    'weights cut short': [
      (run) => truncate(join(run, 'weights.safetensors'), 200),
      'run/weights.safetensors: truncated: expected a header of',
    ],
    'weights of another model': [
      (run) => writeFile(join(run, 'weights.safetensors'), encodeSafetensors({})),
      `run/weights.safetensors: "block.c1.w" (float32 [4, 1, 1, 1]) is missing: the file belongs to another network: `,
    ],
    'weights with an extra tensor': [
      async (run) => {
        const file = join(run, 'weights.safetensors');
        const { tensors } = decodeSafetensors(await readFile(file));
        await writeFile(file, encodeSafetensors({ ...tensors, more: float32([1], [1]) }));
      },
      `run/weights.safetensors: this model has no tensor "more": the file belongs to another network: `,
    ],
    'weights that are NaN': [
      async (run) => {
        const file = join(run, 'weights.safetensors');
        const { tensors } = decodeSafetensors(await readFile(file));
        tensors['block.c2.w']?.data.fill(NaN);
        await writeFile(file, encodeSafetensors(tensors));
      },
      'run/weights.safetensors: "block.c2.w" contains NaN: the weights are unusable',
    ],
    'weights that are a folder': [
      async (run) => {
        await rm(join(run, 'weights.safetensors'));
        await mkdir(join(run, 'weights.safetensors'));
      },
      'expected a file, got a folder',
    ],
  };

  it.each(Object.entries(damage))('%s', async (_, [harm, message]) => {
    const world = await worldWithRun();
    await harm(join(world.cwd, 'run'));
    const outcome = await world.run('evaluate', 'run', ...on);
    expect(outcome.stderr).toMatch(/^error: [^\n]+\n$/);
    expect(outcome.stderr).toContain(message);
    expect(outcome.code).toBe(1);
  });

  it('does not suggest missing weights when resuming', async () => {
    const world = await worldWithRun();
    const resume = async (): Promise<string> => failure(await world.run('train', '--resume', 'run'));
    expect(await resume()).toContain('from its weights: npx isonet train tiny --weights run\n');
    await rm(join(world.cwd, 'run/weights.safetensors'));
    expect(await resume()).toContain(
      'to train it for longer: npx isonet train --resume run --epochs 2; its weights.safetensors is missing: restore it, or start another run: npx isonet train tiny\n',
    );
  });

  it('can write its weights again by resuming, if it was stopped', async () => {
    const world = await worldWithRun();
    await edit(join(world.cwd, 'run'), { status: 'stopped', step: 3 });
    await rm(join(world.cwd, 'run/weights.safetensors'));
    const saved =
      'run "run" has no weights.safetensors: it was saved after 3 steps, so the file must have been removed';
    const evaluated = async (): Promise<string> => failure(await world.run('evaluate', 'run'));
    expect(await evaluated()).toContain(
      `${saved}; resume it (npx isonet train --resume run), or train another`,
    );
    await rm(join(world.cwd, 'run/checkpoints'), { recursive: true });
    expect(await evaluated()).toContain(`${saved}, as were its checkpoints; restore it, or train another`);
  });

  it('differs from a missing folder and from a folder that is not a run', async () => {
    const world = await makeWorld();
    expect(failure(await world.run('evaluate', 'nothing'))).toContain(
      '"nothing" does not exist; to train a run into it: npx isonet train MODEL --out nothing',
    );
    expect(failure(await world.run('predict', 'data', '--test', '1'))).toContain(
      '"data" is not a run: it has no run.json',
    );
  });

  async function edit(run: string, change: object): Promise<void> {
    const file = join(run, 'run.json');
    const record = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...record, ...change }));
  }
});

describe('data that cannot be read', () => {
  const damage: Record<string, [file: string, content: Uint8Array | undefined, message: string]> = {
    'a missing file': ['train-labels-idx1-ubyte', undefined, 'but train-labels-idx1-ubyte is missing'],
    'a truncated file': ['t10k-images-idx3-ubyte', Uint8Array.of(0, 0, 8, 3, 0, 0), 'truncated'],
    'a file of another kind': [
      'train-images-idx3-ubyte',
      Buffer.from('PK\u0003\u0004 zip'),
      'not an IDX file',
    ],
  };

  it.each(Object.entries(damage))('%s', async (_, [file, content, message]) => {
    const world = await makeWorld();
    const path = join(world.data, file);
    await (content ? writeFile(path, content) : rm(path));
    const outcome = await world.run('train', 'tiny', ...on, '--data', world.data);
    expect(outcome.stderr).toMatch(/^error: [^\n]+\n$/);
    expect(outcome.stderr).toContain(message);
    expect(outcome.code).toBe(1);
    expect(await readdir(world.cwd)).toEqual(['data']);
  });
});
