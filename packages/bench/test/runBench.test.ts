// Tests whole benchmarks of the reference backend on the tiny network, in real processes, and errors before the first measurement.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { reference } from '@isonet/backend-reference';
import { adam, forward, sgd, stateOf } from '@isonet/core';
import type { ModelEntry } from '@isonet/runs';
import { models, UsageError } from '@isonet/runs';
import { ordinal } from '../../runs/test/ordinal.ts';
import { probeOf } from '../../runs/test/devices.ts';
import type { BenchContext } from '../src/candidates/find.ts';
import { findCandidates, withoutWork } from '../src/candidates/find.ts';
import type { BenchOptions, BenchProgress } from '../src/index.ts';
import { parseReport, runBench } from '../src/index.ts';
import { commandText } from '../src/options.ts';
import { buildSubject, costOf, dataOf, optimizerSettings, weightsOf } from '../src/subject.ts';
import { context, fake, fakeCommand, temporaryFolder, typeScript } from './context.ts';
import type { FakeSettings } from './context.ts';

const tiny: BenchOptions = { models: ['tiny'], backend: ['reference'] };

describe('a benchmark', () => {
  it('measures isonet itself', async () => {
    const seen: BenchProgress[] = [];
    const options = { ...tiny, batch: [2], rounds: 2 };
    const { report, failed, interrupted } = await runBench(context, options, {
      onProgress: (progress) => void seen.push(progress),
    });
    expect({ failed, interrupted, missing: report.missing }).toEqual({
      failed: false,
      interrupted: false,
      missing: [],
    });
    expect(report).toMatchObject({
      format: 'isonet-bench',
      version: 1,
      rounds: 2,
      command: 'npx isonet bench tiny --backend reference --batch 2 --rounds 2',
      machine: { node: process.versions.node },
    });
    expect(Date.parse(report.date)).toBeGreaterThan(0);
    const all = report.measurements.map(({ batch, work }) => `${batch} ${work}`);
    expect(all).toEqual(['2 forward', '2 step']);
    for (const { candidates, batch } of report.measurements) {
      const [one] = candidates;
      expect(candidates).toHaveLength(1);
      expect(one).toMatchObject({ name: 'reference:cpu', kind: 'isonet', check: { difference: 0 } });
      expect(one?.milliseconds).toHaveLength(2);
      expect(one?.imagesPerSecond).toBeCloseTo((batch * 1000) / (one?.median ?? NaN), 9);
      expect(one?.firstMilliseconds).toBeGreaterThan(0);
      expect(one?.product?.gigaflops).toBeGreaterThan(0);
    }
    // The report survives JSON.
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(seen.map(({ text, opening, done }) => `${text}: ${opening ?? done}`).slice(0, 4)).toEqual([
      'tiny, batch 2, forward: reference:cpu',
      'tiny, batch 2, forward: 0',
      'tiny, batch 2, forward: 1',
      'tiny, batch 2, forward: 2',
    ]);
  });

  it('reports a device that fails, and continues', async () => {
    // The reference has no option for threads.
    const { report, failed } = await runBench(context, { ...tiny, threads: 2, rounds: 1 });
    expect(failed).toBe(true);
    expect(report.measurements).toEqual([]);
    expect(report.missing[0]).toMatchObject({
      name: 'reference:cpu',
      reason: 'tiny, batch 64, forward: --threads: reference has no such option: leave it out',
    });
  });

  it('measures a user-defined network and an external backend', async () => {
    const here = { ...context, cwd: fileURLToPath(new URL('.', import.meta.url)) };
    const own: BenchOptions = {
      models: [fileURLToPath(new URL('ownNet.ts', import.meta.url))],
      backend: [fileURLToPath(new URL('ownBackend.mjs', import.meta.url)), 'reference'],
      work: ['step'],
      batch: [2],
      rounds: 1,
    };
    const { report, failed } = await runBench(here, own);
    expect({ failed, missing: report.missing }).toEqual({ failed: false, missing: [] });
    expect(report.measurements[0]).toMatchObject({
      model: 'ownNet.ts',
      imageShape: [3, 16, 16],
      recipe: 'best',
    });
    expect(report.measurements[0]?.candidates).toMatchObject([
      { name: 'mine:cpu', check: { difference: 0 } },
      { name: 'reference:cpu', check: { difference: 0 } },
    ]);
  });

  it('computes as for users: predictions on the calling thread, steps in a worker', async () => {
    const program = fileURLToPath(new URL('serveThreaded.ts', import.meta.url));
    const candidate: BenchContext['candidate'] = [process.execPath, ...typeScript, program];
    const { report } = await runBench({ ...context, candidate }, { ...tiny, batch: [2], rounds: 1 });
    const where = report.measurements.map(({ work, candidates }) => [work, candidates[0]?.text]);
    expect(where).toEqual([
      ['forward', 'on this thread'],
      ['step', 'in a worker'],
    ]);
  });

  it('starts the clock of the first result after the library is loaded, as rivals do', async () => {
    const backend = [fileURLToPath(new URL('shiftsClock.mjs', import.meta.url))];
    const options: BenchOptions = { ...tiny, backend, work: ['forward'], batch: [2], rounds: 1 };
    const { report } = await runBench(context, options);
    const [candidate] = report.measurements[0]?.candidates ?? [];
    expect(candidate?.name).toBe('mine:cpu');
    expect(candidate?.firstMilliseconds).toBeLessThan(1e7);
  });

  it.each<readonly [string, Partial<FakeSettings>, number]>([
    ['that claims times of zero', { time: 0 }, 0],
    ['that claims times with an infinite sum', { time: 1e308 }, 0],
    ['that claims times with an infinite quotient', { time: 1e-320 }, 0],
    ['that claims a first result after 0 ms', { first: 0 }, 0],
    ['that claims a first result before the start', { first: -5 }, 0],
    ['that claims negative memory', { deviceBytes: -1 }, 1],
    ['with a long description', { text: 'x'.repeat(10_000) }, 1],
    ['that fails with a long error', { on: 'run', bad: 'diesAtLength' }, 0],
  ])('writes a valid report for a candidate %s', async (_, settings, count) => {
    const candidate = fakeCommand({ name: 'A', ...settings });
    const options: BenchOptions = { ...tiny, work: ['step'], batch: [2], rounds: 1 };
    const { report } = await runBench({ ...context, candidate }, options);
    expect(parseReport(JSON.stringify(report), 'report.json')).toEqual(report);
    expect(report.measurements).toHaveLength(count);
    expect(report.missing).toHaveLength(1 - count);
  });

  it.each([NaN, Infinity, 0, 2 ** 31])('rejects a limit of %d ms for an answer', async (timeoutMs) => {
    const asked = runBench(context, tiny, { timeoutMs });
    await expect(asked).rejects.toThrow(
      `timeoutMs: expected milliseconds from 1 to 2,147,483,647, got ${timeoutMs}`,
    );
    await expect(asked).rejects.toBeInstanceOf(UsageError);
  });

  it.each(['throws', 'finds some missing'])(
    'has no candidates if it is stopped during the search for them, which then %s',
    async (how) => {
      const signal = { aborted: false };
      const backends = [
        {
          name: 'stopped',
          load: () => {
            signal.aborted = true;
            return Promise.reject(new Error('killed'));
          },
        },
        { name: 'mine', load: () => Promise.resolve(reference) },
      ];
      const options = { ...tiny, backend: how === 'throws' ? ['stopped'] : ['all'] };
      const { report, failed, interrupted } = await runBench({ ...context, backends }, options, { signal });
      expect({ failed, interrupted }).toEqual({ failed: false, interrupted: true });
      expect([...report.measurements, ...report.missing]).toEqual([]);
    },
  );

  it('measures nothing if it is already stopped', async () => {
    const { report, interrupted } = await runBench(context, tiny, { signal: { aborted: true } });
    expect(interrupted).toBe(true);
    expect(report.measurements).toEqual([]);
  });
});

describe('an error before the first measurement', () => {
  it.each<readonly [Partial<BenchOptions>, string]>([
    [{ models: [] }, 'no network given: expected the name of a model, or a file'],
    [{ models: ['tny'] }, 'unknown model "tny", did you mean tiny? (available: tiny)'],
    [{ models: ['tiny', 'tiny'] }, 'model: tiny appears twice: remove one'],
    [{ backend: ['refernce'] }, 'unknown backend "refernce", did you mean reference? (available: reference)'],
    [
      { backend: ['reference', 'all'] },
      '--backend: all includes every other value: remove either all or the others',
    ],
    [{ backend: [''] }, '--backend: expected one or more values, separated by commas, got an empty one'],
    [{ backend: ['auto:cpu'] }, '--backend auto:cpu: auto has no devices: choose a backend'],
    [{ backend: ['reference', 'reference:cpu'] }, 'reference:cpu is requested twice: remove one'],
    [{ models: ['all', 'tiny'] }, 'unknown model "all"'],
    [{ backend: ['reference:'] }, '--backend reference:: expected a device after the colon'],
    [{ backend: ['auto:'] }, '--backend auto:: expected a device after the colon'],
    [{ rivals: ['torch:'] }, '--rivals torch:: expected a device after the colon'],
    [{ rivals: ['./mine.py:'] }, '--rivals ./mine.py:: expected a device after the colon'],
    [
      { rivals: ['jax-js'], work: ['step'] },
      'rival jax-js cannot run training steps; pass --work forward, or leave it out',
    ],
    [{ backend: ['reference:cp'] }, 'unknown device of reference "cp", did you mean cpu? (available: cpu)'],
    [{ recipe: 'bst' }, 'unknown recipe "bst", did you mean best? (available: book, fast, best, finetune)'],
    [{ batch: [0] }, '--batch: expected an integer from 1 to 65,536, got 0'],
    [{ batch: [2, 2] }, '--batch: 2 appears twice: remove one'],
    [{ rounds: 1.5 }, '--rounds: expected an integer from 1 to 1,000, got 1.5'],
    [{ threads: 0 }, '--threads: expected an integer from 1 to 1,024, got 0'],
    [{ work: ['step', 'steps' as 'step'] }, '--work: expected forward or step, got "steps"'],
    [{ size: [7] }, '--size 7: tiny, built for 28x28, does not support this size: '],
  ])('%o', async (given, message) => {
    const asked = runBench(context, { ...tiny, ...given });
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.toBeInstanceOf(UsageError);
  });

  it('reports a batch that cannot be trained', async () => {
    const googlenet = { ...context, models };
    const options = { models: ['googlenet28'], backend: ['reference'], batch: [1] };
    await expect(runBench(googlenet, options)).rejects.toThrow(/^--batch 1: /);
  });

  it('reports a network that is not a classifier', async () => {
    const [entry] = context.models;
    const others: readonly ModelEntry[] = [{ ...entry!, task: ordinal }];
    await expect(runBench({ ...context, models: others }, tiny)).rejects.toThrow(
      'tiny is trained for ordinal: only classifiers can be measured',
    );
  });
});

describe('the selection of candidates', () => {
  const devices = (name: string, ids: readonly (readonly [string, 'cpu' | 'gpu' | 'software'])[]) => ({
    name,
    load: () =>
      Promise.resolve({
        name,
        contract: 2 as const,
        probe: () =>
          Promise.resolve(
            probeOf(
              name,
              ids.map(([id, kind]) => ({ id, kind, text: id })),
            ),
          ),
        open: () => Promise.reject(new Error(`${name} has no such device; install it`)),
      }),
  });
  const table: BenchContext = {
    ...context,
    backends: [
      devices('tfjs', [
        ['wasm', 'cpu'],
        ['cpu', 'cpu'],
      ]),
      devices('webgpu', [
        ['software', 'software'],
        ['gpu', 'gpu'],
      ]),
      devices('reference', [['cpu', 'cpu']]),
      devices('onnx', []),
    ],
  };
  const names = async (backend?: readonly string[]): Promise<readonly string[]> =>
    (await findCandidates(table, { models: [], backend })).specs.map(({ name }) => name);

  it('is the device of auto by default', async () => {
    expect(await names()).toEqual(['webgpu:gpu']);
    expect(await names(['auto'])).toEqual(['webgpu:gpu']);
  });

  it('includes, for all, every device except software drivers and the slowest; unavailable backends are missing', async () => {
    const { specs, missing } = await findCandidates(table, { models: [], backend: ['all'] });
    expect(specs.map(({ name }) => name)).toEqual(['tfjs:wasm', 'webgpu:gpu']);
    expect(specs.every(({ mayRefuse }) => mayRefuse)).toBe(true);
    expect(missing).toEqual([{ name: 'onnx', reason: 'it is not installed', fix: 'npm install onnx' }]);
  });

  it('keeps the order of the names; a backend means its first device that is not a software driver', async () => {
    expect(await names(['webgpu', 'tfjs:cpu', 'webgpu:software'])).toEqual([
      'webgpu:gpu',
      'tfjs:cpu',
      'webgpu:software',
    ]);
  });

  it('rejects a device that is named twice, once as auto', async () => {
    await expect(names(['auto', 'webgpu:gpu'])).rejects.toThrow(
      'webgpu:gpu is requested twice (auto may select it): remove one',
    );
  });

  it('accepts a path before the device, and a device that contains a colon', async () => {
    const cwd = await temporaryFolder(onTestFinished);
    await writeFile(join(cwd, 'mine.mjs'), '');
    const { specs } = await findCandidates(
      { ...table, cwd },
      { models: [], rivals: ['./mine.mjs:cuda', './mine.mjs'] },
    );
    expect(specs.slice(1).map(({ name, device }) => [name, device])).toEqual([
      ['./mine.mjs:cuda', 'cuda'],
      ['./mine.mjs', null],
    ]);
    const known = await findCandidates(
      { ...table, cwd: import.meta.dirname },
      { models: [], rivals: ['onnx-webgpu:gpu:0'] },
    );
    expect(known.specs[1]).toMatchObject({ name: 'onnx-webgpu:gpu:0', device: 'gpu:0' });
    await expect(names(['tfjs:cuda:0'])).rejects.toThrow('tfjs has no such device; install it');
  });

  it('rejects a named candidate that is not available', async () => {
    await expect(names(['onnx'])).rejects.toThrow(
      'backend onnx is not available: it is not installed; npm install onnx',
    );
    await expect(names(['tfjs:tensorflow'])).rejects.toThrow('tfjs has no such device; install it');
  });
});

it('a candidate without training is reported once', () => {
  const predicting = { ...fake({ name: 'A' }), works: ['forward'] as const };
  expect(withoutWork(['forward', 'step', 'step'], [predicting, fake({ name: 'B' })])).toEqual([
    { name: 'A', reason: 'cannot run training steps', fix: 'pass --work forward' },
  ]);
});

describe('the subject', () => {
  it('is trained according to its recipe', async () => {
    const { model, recipe } = await buildSubject({ ...context, models }, { model: 'nin' });
    expect(optimizerSettings('best', recipe.optimizer)).toEqual({
      lr: 1e-4,
      momentum: 0.9,
      nesterov: true,
      weightDecay: 5e-4,
    });
    expect(stateOf(model).buffers.length).toBeGreaterThan(0);
    expect(optimizerSettings('book', sgd())).toEqual({
      lr: 1e-4,
      momentum: 0,
      nesterov: false,
      weightDecay: 0,
    });
    expect(() => optimizerSettings('mine', adam())).toThrow(
      'its optimizer is adam, but only sgd can be measured',
    );
  });

  it('has the cost of its graphs', async () => {
    const subject = await buildSubject({ ...context, models }, { model: 'nin' });
    expect(costOf(subject, 2, 'forward')).toEqual({ multiplyAdds: 2 * 9_477_760, hasCommonLoss: true });
    // The backward pass costs twice as much, except for the gradient of the images.
    const { multiplyAdds } = costOf(subject, 2, 'step');
    expect(multiplyAdds / (2 * 9_477_760)).toBeGreaterThan(2.9);
    expect(multiplyAdds / (2 * 9_477_760)).toBeLessThan(3);
    const book = await buildSubject({ ...context, models }, { model: 'nin', recipe: 'book' });
    expect(costOf(book, 2, 'step').hasCommonLoss).toBe(false);
    expect(costOf(book, 2, 'forward').hasCommonLoss).toBe(true);
  });

  it('has no comparable loss if batch norm normalizes only a few values', async () => {
    const subject = await buildSubject({ ...context, models }, { model: 'googlenet28' });
    // Its last blocks have a spatial size of 1x1.
    expect([2, 15, 16].map((batch) => costOf(subject, batch, 'step').hasCommonLoss)).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('accepts another image size that the network supports', async () => {
    const subject = await buildSubject(context, { model: 'tiny', size: 56 });
    expect(subject.model.input.shape).toEqual([1, 56, 56]);
    const { images, labels } = dataOf(subject, 3);
    expect(images?.shape).toEqual([3, 1, 56, 56]);
    expect(Array.from(labels?.data ?? [])).toEqual([0, 1, 2]);
    const pixels = Array.from(images?.data ?? []);
    expect(Math.min(...pixels)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...pixels)).toBeLessThan(1);
    expect(pixels.reduce((sum, one) => sum + one, 0) / pixels.length).toBeCloseTo(0.5, 1);
  });

  it('has every weight and buffer of its network', async () => {
    const subject = await buildSubject({ ...context, models }, { model: 'nin' });
    const { parameters, buffers } = forward(subject.model, 1);
    const names = [...parameters, ...buffers].map(({ name }) => name);
    const weights = weightsOf(subject);
    expect(Object.keys(weights).toSorted()).toEqual(names.toSorted());
    // If a bias were 0, or a variance 1, a candidate that omits it would compute the same.
    const values = Object.values(weights).map(({ data }) => new Set<number>(data).size);
    expect(Math.min(...values)).toBeGreaterThan(5);
  });
});

it('formats the command of a report as a shell command', () => {
  const options: BenchOptions = {
    models: ['./my net.ts'],
    backend: ['onnx', 'tfjs:wasm'],
    rivals: ['torch'],
    recipe: 'fast',
    batch: [1, 32],
    size: [28],
    work: ['step'],
    rounds: 20,
    threads: 2,
    tf32: true,
    force: true,
  };
  expect(commandText(options)).toBe(
    "npx isonet bench './my net.ts' --backend onnx,tfjs:wasm --rivals torch --batch 1,32 --size 28 --work step --recipe fast --rounds 20 --threads 2 --tf32 --force",
  );
});
