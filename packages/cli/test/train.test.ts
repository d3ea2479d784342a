import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSafetensors, defined, encodeSafetensors } from '@isonet/core';
import { prepareRun } from '@isonet/runs';
import { describe, expect, it } from 'vitest';
import { choosing } from '../../runs/test/choosing.ts';
import { tinyEntry, writeData } from '../../runs/test/tiny.ts';
import { trainPrepared } from '../src/commands/train.ts';
import { Stop } from '../src/stop.ts';
import type { World } from './helpers.ts';
import { jsonLines, keyboard, makeIo, makeWorld, onlyBackend, tinyTables, watched } from './helpers.ts';

const settings = [
  '--backend',
  'reference',
  '--batch-size',
  '10',
  '--epochs',
  '3',
  '--recipe',
  'fast',
] as const;
const train = (world: World, ...more: readonly string[]): readonly string[] => [
  'train',
  'tiny',
  ...settings,
  '--data',
  world.data,
  ...more,
];

/** Reads run.json. */
async function record(world: World, run: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(world.cwd, run, 'run.json'), 'utf8')) as Record<string, unknown>;
}

const weights = (world: World, run: string): Promise<Buffer> =>
  readFile(join(world.cwd, run, 'weights.safetensors'));

describe('isonet train', () => {
  it('prints the device and the data, then a line per epoch as in the book', async () => {
    const world = await makeWorld();
    const { code, stdout, stderr } = await world.run(...train(world));
    expect(code).toBe(0);
    expect(stderr).toBe('');
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('backend: reference, cpu (float64 loops in JavaScript): as requested');
    expect(lines[1]).toBe(
      `data: 24 training and 10 test images [1, 28, 28] of 10 classes from ${world.data}`,
    );
    expect(lines[2]).toBe(
      'tiny, recipe fast: 3 epochs of 3 steps of 10 images, lr 0.03, seed 0, into runs/tiny-fast-reference-0',
    );
    [1, 2, 3].forEach((epoch) => {
      const figures = 'loss \\d\\.\\d{4}, train acc \\d\\.\\d{3}, test acc \\d\\.\\d{3}, time \\d+\\.\\d sec';
      expect(lines[2 + epoch]).toMatch(new RegExp(`^epoch ${epoch}, ${figures}$`));
    });
    expect(lines[6]).toContain('npx isonet evaluate runs/tiny-fast-reference-0');
  });

  it('learns', async () => {
    const world = await makeWorld();
    const { stdout } = await world.run(...train(world, '--json', '--epochs', '30'));
    const losses = jsonLines(stdout)
      .slice(1, -1)
      .map((line) => Number(line['loss']));
    expect(losses).toHaveLength(30);
    expect(losses[29]).toBeLessThan((losses[0] ?? NaN) - 0.1);
  });

  it('leaves a finished run: run.json, the weights and a checkpoint', async () => {
    const world = await makeWorld();
    await world.run(...train(world, '--limit', '20', '--seed', '7', '--lr', '0.01'));
    const run = 'runs/tiny-fast-reference-7';
    expect((await readdir(join(world.cwd, run))).toSorted()).toEqual([
      'checkpoints',
      'metrics.jsonl',
      'run.json',
      'weights.safetensors',
    ]);
    const written = await record(world, run);
    const planId = expect.stringMatching(/^reference-[0-9a-f]{32}$/) as string;
    expect(written).toMatchObject({
      format: 'isonet-run-2',
      model: 'tiny',
      options: {
        recipe: 'fast',
        epochs: 3,
        lr: 0.01,
        batchSize: 10,
        microBatchSize: null,
        seed: 7,
        batchNorm: false,
        dropout: null,
        limit: 20,
        data: world.data,
      },
      segments: [
        {
          step: 0,
          backend: 'reference',
          device: 'cpu',
          kind: 'cpu',
          options: { threads: null, tf32: false },
          versions: { node: process.versions.node },
          plans: { 'step 10': { id: planId }, 'evaluate 10': { id: planId } },
        },
      ],
      data: { kind: 'folder', path: world.data, train: 20, test: 10 },
      status: 'finished',
      step: 6,
      steps: 6,
      history: [{ epoch: 1 }, { epoch: 2 }, { epoch: 3 }],
    });
    const { tensors } = decodeSafetensors(await weights(world, run));
    expect(Object.entries(tensors).map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
      ['block.c1.b', 'float32', [4]],
      ['block.c1.w', 'float32', [4, 1, 1, 1]],
      ['block.c2.b', 'float32', [10]],
      ['block.c2.w', 'float32', [10, 4, 1, 1]],
    ]);
  });

  it("uses the recipe's batch norm and dropout, unless options override them", async () => {
    const world = await makeWorld();
    const best = await world.run(...train(world, '--recipe', 'best', '--epochs', '1'));
    expect(best.stdout).toContain('lr 0.05, batch norm, dropout 0, seed 0, into runs/tiny-best-reference-0');
    expect(await record(world, 'runs/tiny-best-reference-0')).toMatchObject({
      options: { batchNorm: true, dropout: 0 },
    });
    const { tensors } = decodeSafetensors(await weights(world, 'runs/tiny-best-reference-0'));
    expect(Object.keys(tensors)).toContain('block.c1.bn.mean');
    const again = await world.run('evaluate', 'runs/tiny-best-reference-0', '--backend', 'reference');
    expect(again).toMatchObject({ code: 0, stderr: '' });

    const own = ['--recipe', 'best', '--no-batch-norm', '--dropout', '0.3', '--epochs', '1', '--out', 'own'];
    await world.run(...train(world, ...own));
    expect(await record(world, 'own')).toMatchObject({ options: { batchNorm: false, dropout: 0.3 } });
  });

  it('trains the same epochs with micro-batches', async () => {
    const world = await makeWorld();
    const losses = async (...more: readonly string[]): Promise<readonly string[]> => {
      const { stdout } = await world.run(...train(world, '--json', '--recipe', 'book', ...more));
      const epochs = jsonLines(stdout).slice(1, -1);
      return epochs.map((line) => Number(line['loss']).toFixed(9));
    };
    const whole = await losses('--out', 'whole');
    expect(whole).toHaveLength(3);
    expect(await losses('--out', 'parted', '--micro-batch', '4')).toEqual(whole);
    expect(await record(world, 'parted')).toMatchObject({ options: { microBatchSize: 4 } });
  });

  it('resizes the images to the input size of the model, and reports it', async () => {
    const world = await makeWorld();
    const tables = { models: [tinyEntry(28), tinyEntry(42)] };
    const argv = ['tiny42', ...settings, '--data', world.data, '--out', 'run'];
    const { code, stdout } = await world.runWith({ tables }, 'train', ...argv);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^data: [^\n]+, resized to 42x42$/m);
    const evaluated = await world.runWith({ tables }, 'evaluate', 'run', '--backend', 'reference');
    expect(evaluated.stdout).toMatch(/of 10 images\)$/m);
    const shown = await world.runWith({ tables }, 'predict', 'run', '--test', '2', '--backend', 'reference');
    expect(shown).toMatchObject({ code: 0, stderr: '' });
  });

  it('prints only JSON with --json: device and data first, a line per epoch, and the run', async () => {
    const world = await makeWorld();
    const { stdout, stderr } = await world.run(...train(world, '--json', '--out', 'here'));
    expect(stderr).toBe('');
    const { data } = (await record(world, 'here')) as { data: object };
    const lines = jsonLines(stdout);
    expect(lines).toMatchObject([
      {
        event: 'start',
        run: 'here',
        model: 'tiny',
        recipe: 'fast',
        backend: 'reference',
        device: 'cpu',
        deviceText: 'float64 loops in JavaScript',
        why: 'as requested',
        data,
        epochs: 3,
        batchSize: 10,
        step: 0,
        steps: 9,
      },
      { event: 'epoch', epoch: 1, step: 3 },
      { event: 'epoch', epoch: 2, step: 6 },
      { event: 'epoch', epoch: 3, step: 9 },
      { event: 'end', run: 'here', status: 'finished', steps: 9 },
    ]);
    expect(data).toMatchObject({ kind: 'folder', path: world.data, train: 24, test: 10 });
    const metrics = await readFile(join(world.cwd, 'here', 'metrics.jsonl'), 'utf8');
    expect(jsonLines(metrics).slice(1)).toEqual(lines.slice(1, -1));
  });

  it('shows a bar on a terminal, and clears it before each line', async () => {
    const world = await makeWorld();
    const { stdout, stderr } = await world.runWith({ io: { isTTY: true, columns: 100 } }, ...train(world));
    expect(stderr).toMatch(
      /epoch 1\/3 [█░]{25} 1\/3 {2}loss \d\.\d{4} {2}acc \d\.\d{3} {2}[\d,]+ images\/s {2}\d:\d\d left/,
    );
    expect(stdout).toMatch(/^epoch 3, loss/m);
    expect(stdout).not.toContain('█');
  });

  it('numbers its folders, and never touches an existing one', async () => {
    const world = await makeWorld();
    await world.run(...train(world));
    const before = await weights(world, 'runs/tiny-fast-reference-0');
    const second = await world.run(...train(world));
    expect(second.stdout).toContain('into runs/tiny-fast-reference-0-2\n');
    expect(await weights(world, 'runs/tiny-fast-reference-0-2')).toEqual(before);
    const third = await world.run(...train(world, '--out', 'runs/tiny-fast-reference-0'));
    expect(third).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: "runs/tiny-fast-reference-0" already exists: choose another folder with --out\n',
    });
    expect(await weights(world, 'runs/tiny-fast-reference-0')).toEqual(before);
  });

  it('reports a folder that it cannot create, and creates missing parent folders', async () => {
    const world = await makeWorld();
    await writeFile(join(world.cwd, 'file'), '');
    const { code, stderr } = await world.run(...train(world, '--out', 'file/run'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: folder "file\/run": cannot be created: [^\n]+\n$/);
    expect((await world.run(...train(world, '--out', 'one/two/run'))).code).toBe(0);
    expect(await readdir(join(world.cwd, 'one', 'two'))).toEqual(['run']);
  });

  it('stops at an interrupt, saves, and resumes to the same bits', async () => {
    const world = await makeWorld();
    await world.run(...train(world, '--out', 'whole'));
    // In the middle of the second epoch.
    const interrupting = watched('reference', (step) => step === 4 && keyboard.interrupt());
    const stopped = await world.runWith(
      { tables: onlyBackend(interrupting) },
      ...train(world, '--out', 'parts'),
    );
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toMatch(
      /^stopping after the current step to save the run; interrupt again to exit at once and lose the steps since the last save\n$/,
    );
    expect(stopped.stdout).toMatch(
      /stopped after 5 of 9 steps; to resume it: npx isonet train --resume parts\n$/,
    );
    expect((await readdir(join(world.cwd, 'parts'))).toSorted()).toEqual([
      'checkpoints',
      'metrics.jsonl',
      'run.json',
      'weights.safetensors',
    ]);
    expect(await record(world, 'parts')).toMatchObject({
      status: 'stopped',
      step: 5,
      history: [{ epoch: 1 }],
    });
    expect((await world.run('evaluate', 'parts', '--backend', 'reference')).code).toBe(0);

    const resumed = await world.run('train', '--resume', 'parts');
    expect(resumed.code).toBe(0);
    expect(resumed.stdout).toContain('backend: reference, cpu (float64 loops in JavaScript): as before\n');
    expect(resumed.stdout).toContain('parts: resumes after 5 of 9 steps\n');
    expect(await weights(world, 'parts')).toEqual(await weights(world, 'whole'));
    const [whole, parts] = [await record(world, 'whole'), await record(world, 'parts')];
    const withoutTimes = ({ history }: Record<string, unknown>): unknown =>
      (history as Record<string, unknown>[]).map(({ seconds: _, ...report }) => report);
    expect(withoutTimes(parts)).toEqual(withoutTimes(whole));
    expect(await readdir(join(world.cwd, 'parts', 'checkpoints'))).toEqual(['step-9.safetensors']);
  });

  it.each([[[]], [['--micro-batch', '4']]])(
    'resumes a run with batch norm %j to the same bits',
    async (more) => {
      const world = await makeWorld();
      const best = train(world, '--recipe', 'best', ...more);
      await world.run(...best, '--out', 'whole');
      const interrupting = watched('reference', (run) => run === 4 && keyboard.interrupt());
      const stopped = await world.runWith({ tables: onlyBackend(interrupting) }, ...best, '--out', 'parts');
      expect(stopped.code).toBe(130);
      expect((await world.run('train', '--resume', 'parts')).code).toBe(0);
      expect(await weights(world, 'parts')).toEqual(await weights(world, 'whole'));
    },
  );

  it('resumes from the last checkpoint if it was killed between two writes', async () => {
    const world = await makeWorld();
    await world.run(...train(world, '--out', 'whole'));
    const interrupting = watched('reference', (step) => step === 4 && keyboard.interrupt());
    await world.runWith({ tables: onlyBackend(interrupting) }, ...train(world, '--out', 'parts'));
    // run.json still contains the state at the end of the first epoch.
    const stale = { ...(await record(world, 'parts')), status: 'running', step: 3 };
    await writeFile(join(world.cwd, 'parts', 'run.json'), JSON.stringify(stale));
    expect((await world.run('train', '--resume', 'parts')).stdout).toContain('resumes after 5 of 9 steps');
    expect(await weights(world, 'parts')).toEqual(await weights(world, 'whole'));
  });

  it('restarts a run that never saved', async () => {
    const world = await makeWorld();
    await world.run(...train(world, '--out', 'whole'));
    const failing = watched('reference', (step) => {
      if (step === 2) throw new Error('the card fell off the bus');
    });
    const failed = await world.runWith({ tables: onlyBackend(failing) }, ...train(world, '--out', 'parts'));
    expect(failed.code).toBe(1);
    expect(failed.stderr).toBe(
      'note: parts has no weights yet; to resume it: npx isonet train --resume parts\nerror: the card fell off the bus\n',
    );
    expect((await world.run('evaluate', 'parts')).stderr).toContain('has no weights.safetensors');
    expect((await world.run('train', '--resume', 'parts')).code).toBe(0);
    expect(await weights(world, 'parts')).toEqual(await weights(world, 'whole'));
  });

  it('stops at a loss of NaN, and keeps what was saved', async () => {
    const world = await makeWorld();
    const spoiled = watched(
      'reference',
      () => undefined,
      (step) => step === 5,
    );
    const failed = await world.runWith({ tables: onlyBackend(spoiled) }, ...train(world, '--out', 'run'));
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/^error: step 5: .*; run keeps the state after step 3\n$/);
    expect(await record(world, 'run')).toMatchObject({ status: 'failed', step: 3, history: [{ epoch: 1 }] });
    expect((await world.run('evaluate', 'run', '--backend', 'reference')).code).toBe(0);
    expect((await world.run('train', '--resume', 'run')).code).toBe(0);
  });

  it('stops after maxSeconds as at an interrupt, and can be resumed', async () => {
    const world = await makeWorld();
    const { io } = makeIo(world.cwd);
    const request = { backend: 'reference', data: world.data, batchSize: 10, out: 'run' };
    const run = await prepareRun({ cwd: world.cwd, ...tinyTables }, 'tiny', request);
    const stop = new Stop(io);
    const written = await trainPrepared(io, run, { json: true, stop, maxSeconds: -1 });
    expect(stop.aborted).toBe(false);
    expect(written).toMatchObject({ status: 'stopped', step: 2, steps: 15 });
    expect((await world.run('train', '--resume', 'run')).code).toBe(0);
  });

  it('rejects a damaged checkpoint, and does not change it', async () => {
    const world = await makeWorld();
    const interrupting = watched('reference', (step) => step === 4 && keyboard.interrupt());
    await world.runWith({ tables: onlyBackend(interrupting) }, ...train(world, '--out', 'run'));
    const file = join(world.cwd, 'run', 'checkpoints', 'step-5.safetensors');
    await rm(join(world.cwd, 'run', 'checkpoints', 'step-3.safetensors'));
    const whole = await readFile(file);
    const { tensors, metadata } = decodeSafetensors(whole);
    const less = Object.fromEntries(
      Object.entries(tensors).filter(([name]) => name !== 'velocity/block.c1.b'),
    );
    const damage = [
      [whole.subarray(0, -1), 'the file is truncated or damaged'],
      [encodeSafetensors(tensors), 'run/checkpoints/step-5.safetensors: the progress of the run is missing'],
      [encodeSafetensors(tensors, { progress: '{"step": -1}' }), 'epoch: expected an object, got nothing'],
      [
        encodeSafetensors(less, { progress: defined(metadata['progress'], 'the progress') }),
        '"velocity/block.c1.b" (float32 [4]) is missing',
      ],
    ] as const;
    for (const [bytes, message] of damage) {
      await writeFile(file, bytes);
      const { code, stderr } = await world.run('train', '--resume', 'run');
      expect(stderr).toMatch(/^error: [^\n]+\n$/);
      expect(stderr).toContain(message);
      expect(code).toBe(1);
      expect(await readFile(file)).toEqual(Buffer.from(bytes));
    }
  });

  it('refuses to resume a run that is not stopped, or with other settings', async () => {
    const world = await makeWorld();
    await world.run(...train(world, '--out', 'finished'));
    const interrupting = watched('reference', (step) => step === 4 && keyboard.interrupt());
    await world.runWith({ tables: onlyBackend(interrupting) }, ...train(world, '--out', 'stopped'));
    await writeData(join(world.cwd, 'other'), 2);
    const refused = async (code: number, message: string, ...argv: readonly string[]): Promise<void> => {
      const outcome = await world.run('train', ...argv);
      expect(outcome.stderr).toMatch(/^error: [^\n]+\n$/);
      expect(outcome.stderr).toContain(message);
      expect(outcome.code).toBe(code);
    };
    await refused(1, 'is finished', '--resume', 'finished');
    await refused(1, 'does not exist', '--resume', 'nothing');
    await refused(1, 'it has no run.json', '--resume', 'data');
    await refused(
      2,
      'except --epochs and --lr: leave out --batch-size, --seed',
      '--resume',
      'stopped',
      '--seed',
      '9',
      '--batch-size',
      '2',
    );
    await refused(2, 'is a run of tiny', 'other', '--resume', 'stopped');
    await refused(1, 'was trained on other images', '--resume', 'stopped', '--data', 'other');
    await rm(join(world.cwd, 'stopped', 'checkpoints'), { recursive: true });
    await refused(1, 'stopped after 5 steps, but its checkpoints are missing', '--resume', 'stopped');
    expect(await record(world, 'stopped')).toMatchObject({ status: 'stopped', step: 5 });
  });

  it('rejects a limit above the number of images', async () => {
    const world = await makeWorld();
    const outcome = await world.run(...train(world, '--limit', '25'));
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toBe(
      'error: --limit 25: the data has 24 training images; choose a lower limit or leave it out\n',
    );
    expect(await readdir(world.cwd)).toEqual(['data']);
  });
});

describe('settings of the device', () => {
  const tables = onlyBackend(choosing('reference', () => ({ tile: 8 })));
  const first = (stdout: string): string | undefined => stdout.split('\n')[0];

  /** Trains a run on three threads, and stops it after step 2. */
  async function stopped(world: World): Promise<void> {
    const { io } = makeIo(world.cwd);
    const request = {
      backend: 'reference',
      data: world.data,
      batchSize: 10,
      epochs: 3,
      threads: 3,
      out: 'run',
    };
    const run = await prepareRun({ cwd: world.cwd, ...tinyTables, ...tables }, 'tiny', request);
    await trainPrepared(io, run, { json: true, stop: new Stop(io), maxSeconds: -1 });
    await run.opened.device[Symbol.asyncDispose]();
  }

  it('are rejected, with a fix, if the backend does not have them', async () => {
    const world = await makeWorld();
    for (const [setting, name] of [
      [['--threads', '2'], 'threads'],
      [['--tf32'], 'tf32'],
    ] as const) {
      expect(await world.run(...train(world, ...setting))).toEqual({
        code: 2,
        stdout: '',
        stderr: `error: --${name}: reference has no such option: leave it out\n`,
      });
    }
    expect(await readdir(world.cwd)).toEqual(['data']);
  });

  it('are recorded, also for a resumed run', async () => {
    const world = await makeWorld();
    await stopped(world);
    const resumed = await world.runWith({ tables }, 'train', '--resume', 'run', '--exact');
    expect(resumed).toMatchObject({ code: 0, stderr: '' });
    expect(first(resumed.stdout)).toBe('backend: reference, cpu (float64 loops in JavaScript): as before');
    expect(await record(world, 'run')).toMatchObject({
      segments: [
        { step: 0, options: { threads: 3, tf32: false } },
        { step: 2, options: { threads: 3, tf32: false } },
      ],
    });
  });

  it('may differ for a resumed run: the first line reports it, and --exact refuses it', async () => {
    const world = await makeWorld();
    await stopped(world);
    const before = await record(world, 'run');
    const resume = ['train', '--resume', 'run', '--threads', '2'] as const;
    const exact = await world.runWith({ tables }, ...resume, '--exact');
    expect(exact).toMatchObject({ code: 1, stdout: '' });
    expect(exact.stderr).toMatch(/^error: --exact: step 10, step 4 now have other plans .*\n$/);
    expect(await record(world, 'run')).toEqual(before);
    const resumed = await world.runWith({ tables }, ...resume);
    expect(first(resumed.stdout)).toBe(
      'backend: reference, cpu (float64 loops in JavaScript): as requested; step 10, step 4 now have other ' +
        'plans (it ran with 3 threads), so the bits may differ from this step on',
    );
  });

  it('are also reported with --json, on stderr', async () => {
    const world = await makeWorld();
    await stopped(world);
    const resume = ['train', '--resume', 'run', '--threads', '2', '--json'] as const;
    const { code, stdout, stderr } = await world.runWith({ tables }, ...resume);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^note: step 10, step 4 now have other plans .*\n$/);
    for (const line of stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toBeTypeOf('object');
  });
});
