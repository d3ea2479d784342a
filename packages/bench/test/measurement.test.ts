// Tests whole measurements with fake candidates: which of them are measured, and what the results contain.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Proc } from '../src/measure/load.ts';
import { Leftovers } from '../src/candidates/leftovers.ts';
import type { MeasurementOutcome } from '../src/measure/measurement.ts';
import { measure } from '../src/measure/measurement.ts';
import type { Work } from '../src/report.ts';
import { buildSubject, costOf, optimizerSettings } from '../src/subject.ts';
import type { FakeSettings } from './context.ts';
import { context, fake, temporaryFolder } from './context.ts';

interface Given {
  readonly fakes: readonly FakeSettings[];
  /** The names of the fakes that are rivals. */
  readonly rivals?: readonly string[];
  readonly rounds?: number;
  readonly work?: Work;
  readonly batch?: number;
  readonly recipe?: string;
  readonly tf32?: boolean;
  readonly onRound?: (done: number) => void;
  readonly stop?: { aborted: boolean };
  readonly force?: boolean;
  /** Whether `all` selected them. */
  readonly mayRefuse?: boolean;
  /** The ticks of other processes during the rounds, out of 100; below 0: there is no /proc. */
  readonly others?: number;
}

async function measured({
  fakes,
  rivals = [],
  rounds = 15,
  work = 'step',
  batch = 2,
  recipe = 'best',
  tf32 = false,
  onRound = () => undefined,
  stop = { aborted: false },
  force = false,
  mayRefuse = false,
  others = 0,
}: Given): Promise<MeasurementOutcome> {
  const request = { model: 'tiny', recipe, size: undefined };
  const subject = await buildSubject(context, request);
  const optimizer = optimizerSettings(recipe, subject.recipe.optimizer);
  const cost = costOf(subject, batch, work);
  using leftovers = new Leftovers();
  return await measure(
    { request, subject, batch, work, cost, settings: { optimizer, threads: null, tf32 } },
    fakes.map((settings) => ({
      ...fake(settings, rivals.includes(settings.name) ? 'rival' : 'isonet'),
      mayRefuse,
    })),
    {
      cwd: context.cwd,
      rounds,
      force,
      proc: procOf(others),
      timeoutMs: 60_000,
      stop,
      leftovers,
      onOpening: () => undefined,
      onRound,
      pauseMs: 0,
    },
  );
}

/** Returns the data file of the first candidate. */
function dataFile(log: string): string {
  return / open (.+)$/m.exec(readFileSync(log, 'utf8'))?.[1] ?? '';
}

/** Fakes a processor on which other processes use this many of 100 ticks. */
function procOf(others: number): Proc {
  let reads = 0;
  return {
    processes: () => (others < 0 ? [] : [process.pid]),
    read: (path) => {
      if (path === 'self/status') return 'Cpus_allowed_list:\t0\n';
      if (path !== 'stat') return `${process.pid} (node) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20`;
      const at = reads++;
      return `cpu0 ${at * others} 0 0 ${at * (100 - others)} 0 0 0 0 0 0\n`;
    },
  };
}

describe('a measurement', () => {
  it('takes turns, and computes ratios to the first candidate in the same round', async () => {
    const log = join(await temporaryFolder(onTestFinished), 'log');
    const { measurement, missing, failed } = await measured({
      fakes: [
        { name: 'A', log, time: 50 },
        { name: 'B', log, time: 100, logit: 1.00001 },
      ],
      rivals: ['B'],
    });
    expect({ missing, failed }).toEqual({ missing: [], failed: false });
    expect(measurement).toMatchObject({ model: 'tiny', recipe: 'best', imageShape: [1, 28, 28], batch: 2 });
    const [a, b] = measurement?.candidates ?? [];
    expect(a).toMatchObject({
      name: 'A',
      kind: 'isonet',
      text: 'fake A',
      milliseconds: new Array<number>(15).fill(50),
      median: 50,
      interval: [50, 50],
      imagesPerSecond: 40,
      firstMilliseconds: 123,
      deviceBytes: 4096,
      check: { difference: 0, bound: 1e-4 },
      product: { size: 512, gigaflops: (2 * 512 ** 3) / (50 * 1e6) },
    });
    expect(a).not.toHaveProperty('ratio');
    expect(a?.gigaflops).toBeCloseTo((2 * (measurement?.multiplyAdds ?? NaN)) / (50 * 1e6), 12);
    expect(b).toMatchObject({ kind: 'rival', median: 100, ratio: { median: 2, interval: [2, 2] } });
    expect(b?.check.difference).toBeCloseTo(1e-5, 10);
    const isKnown = process.platform === 'linux';
    expect((a?.peakBytes ?? -1) > 1e6).toBe(isKnown);
    // Each candidate is opened, checked and warmed up before the next one starts; then they take turns.
    const asked = readFileSync(log, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.trim());
    const opening = (name: string, runs: number, sizes: number, products: number): readonly string[] => [
      `${name} open ${dataFile(log)}`,
      `${name} run 1`,
      `${name} run ${runs}`,
      `${name} check`,
      // Two products of each size, then one to warm up.
      ...new Array<string>(2 * sizes + 1).fill(`${name} product 1`),
      `${name} product ${products}`,
    ];
    // Size 256 takes 6.25 and 12.5 ms, size 512 takes 50 and 100 ms.
    const before = [...opening('A', 2, 2, 10), ...opening('B', 1, 2, 5)];
    expect(asked.slice(0, before.length)).toEqual(before);
    expect(asked.slice(before.length, before.length + 6)).toEqual([
      'A run 3',
      'B run 2',
      'A product 3',
      'B product 2',
      'A run 3',
      'B run 2',
    ]);
    expect(asked.slice(-2)).toEqual(['A close', 'B close']);
  });

  it.skipIf(process.platform !== 'linux')(
    'reports the peak memory without the check and the products',
    async () => {
      const { measurement } = await measured({ fakes: [{ name: 'A', checkBytes: 400e6 }], rounds: 1 });
      expect(measurement?.candidates[0]?.peakBytes).toBeGreaterThan(1e6);
      expect(measurement?.candidates[0]?.peakBytes).toBeLessThan(400e6);
    },
  );

  it('has no ratios for fewer than 15 rounds', async () => {
    const { measurement } = await measured({ fakes: [{ name: 'A' }, { name: 'B' }], rounds: 14 });
    expect(measurement?.candidates[1]?.milliseconds).toHaveLength(14);
    expect(measurement?.candidates[1]).not.toHaveProperty('ratio');
  });

  it.each([
    ['quiet', 5, false, true],
    ['busy', 50, false, false],
    ['busy, with --force', 50, true, true],
    ['of unknown load', -1, false, false],
    ['of unknown load, with --force', -1, true, true],
  ])('on a machine that is %s has ratios or not', async (_, others, force, hasRatio) => {
    const { measurement } = await measured({ fakes: [{ name: 'A' }, { name: 'B' }], others, force });
    expect(measurement?.othersShare).toBe(others < 0 ? null : others / 100);
    expect(measurement?.candidates[1]?.ratio !== undefined).toBe(hasRatio);
  });

  it('continues without candidates that do not open, die, or print garbage', async () => {
    const { measurement, missing, failed } = await measured({
      fakes: [
        { name: 'first', on: 'open', bad: 'refuses' },
        { name: 'A' },
        { name: 'dying', on: 'run', after: 5, bad: 'dies' },
        { name: 'talking', on: 'check', bad: 'garbage' },
        { name: 'B', time: 20 },
      ],
    });
    expect(measurement?.candidates.map(({ name }) => name)).toEqual(['A', 'B']);
    // The others are compared with A, the first that remains.
    expect(measurement?.candidates[1]?.ratio?.median).toBe(2);
    expect(failed).toBe(true);
    expect(missing).toEqual([
      {
        name: 'first',
        reason: 'tiny, batch 2, step: no such device',
        fix: 'or leave the candidate out of --backend and --rivals',
      },
      {
        name: 'talking',
        reason: expect.stringMatching(
          /^tiny, batch 2, step: sent an invalid answer to "check": expected a line of JSON, got "Loading weights/,
        ) as string,
        fix: 'correct the program: protocol.ts of @isonet/bench defines the answers',
      },
      {
        name: 'dying',
        reason: 'tiny, batch 2, step: exited with 3: MemoryError: no memory is left',
        fix: 'fix this error, or leave the candidate out',
      },
    ]);
  });

  it.each([
    ['refuses to open', 'open', 'refuses', false],
    ['dies when it is opened', 'open', 'dies', true],
    ['refuses later', 'run', 'refuses', true],
  ])('reports a candidate of all that %s', async (_, on, bad, isFailure) => {
    const fakes = [{ name: 'A' }, { name: 'B', on, bad }];
    const { missing, failed } = await measured({ fakes, rounds: 1, mayRefuse: true });
    expect(missing.map(({ name }) => name)).toEqual(['B']);
    expect(failed).toBe(isFailure);
  });

  it('returns no measurement if all candidates fail', async () => {
    const { measurement, missing, failed } = await measured({
      fakes: [{ name: 'A', on: 'open', bad: 'dies' }],
    });
    expect(measurement).toBeUndefined();
    expect(failed).toBe(true);
    expect(missing).toHaveLength(1);
  });

  it('leaves no folder behind', async () => {
    const log = join(await temporaryFolder(onTestFinished), 'log');
    let files: readonly string[] = [];
    const onRound = (): void => {
      files = readdirSync(dirname(dataFile(log)));
    };
    await measured({
      fakes: [{ name: 'A', log }, { name: 'B' }],
      rivals: ['B'],
      rounds: 1,
      onRound,
    });
    expect(files).toEqual(['data.safetensors', 'network.json', 'weights.safetensors']);
    expect(existsSync(dirname(dataFile(log)))).toBe(false);
  });

  it('ends after the current turn, with the complete rounds', async () => {
    const stop = { aborted: false };
    const { measurement } = await measured({
      fakes: [{ name: 'A' }, { name: 'B' }],
      stop,
      onRound: (done) => {
        stop.aborted = done >= 2;
      },
    });
    expect(measurement?.candidates.map(({ milliseconds }) => milliseconds.length)).toEqual([2, 2]);
  });
});

describe('a rival', () => {
  it('is not timed if no isonet device opened to check it against', async () => {
    const log = join(await temporaryFolder(onTestFinished), 'log');
    const { measurement, missing, failed } = await measured({
      fakes: [
        { name: 'A', on: 'open', bad: 'refuses' },
        { name: 'B', log },
      ],
      rivals: ['B'],
      rounds: 1,
    });
    expect(measurement).toBeUndefined();
    expect(failed).toBe(true);
    expect(missing[1]).toEqual({
      name: 'B',
      reason: 'tiny, batch 2, step: no isonet device opened to check it against',
      fix: 'choose a device that opens with --backend',
    });
    expect(existsSync(log)).toBe(false);
  });
});

describe('the loss of steps', () => {
  const wrong = 'loss: expected a finite number, got';
  it.each<readonly [string, Partial<FakeSettings>, string]>([
    ['none when it opens', { loss: null }, `sent an invalid answer to "open": ${wrong} nothing`],
    ['none for its runs', { on: 'run', bad: 'noLoss' }, `sent an invalid answer to "run": ${wrong} nothing`],
    [
      'NaN in the rounds',
      { on: 'run', after: 3, bad: 'nanLoss' },
      `sent an invalid answer to "run": ${wrong} null`,
    ],
  ])('is required: %s', async (_, settings, reason) => {
    const { measurement, missing } = await measured({ fakes: [{ name: 'A' }, { name: 'B', ...settings }] });
    expect(measurement?.candidates.map(({ name }) => name)).toEqual(['A']);
    expect(missing[0]?.reason).toBe(`tiny, batch 2, step: ${reason}`);
  });

  it('is not required for forward passes', async () => {
    const fakes = [{ name: 'A', loss: null }];
    const { measurement } = await measured({ fakes, rounds: 1, work: 'forward' });
    expect(measurement?.candidates).toHaveLength(1);
  });
});

describe('the check', () => {
  it('does not time a candidate with other logits', async () => {
    const { measurement, missing } = await measured({
      fakes: [{ name: 'A' }, { name: 'B', logit: 1.001 }],
      rounds: 1,
    });
    expect(measurement?.candidates.map(({ name }) => name)).toEqual(['A']);
    expect(missing[0]?.reason).toBe(
      'tiny, batch 2, step: computes a different network from A: the results differ by 1.0e-3, expected at most 0.0001',
    );
  });

  it('allows more with TF32', async () => {
    const fakes = [{ name: 'A' }, { name: 'B', logit: 1.001 }];
    const { missing } = await measured({ fakes, rounds: 1, tf32: true });
    expect(missing).toEqual([]);
  });

  const losses = [
    { name: 'A', loss: 2.3 },
    { name: 'B', loss: 2.5 },
  ];

  it('compares the losses of steps', async () => {
    const { missing } = await measured({ fakes: losses, rounds: 1, batch: 4 });
    expect(missing[0]?.reason).toContain('the results differ by 8.7e-2');
  });

  it('does not compare them if batch norm has eight values', async () => {
    const { missing } = await measured({ fakes: losses, rounds: 1 });
    expect(missing).toEqual([]);
  });

  it('does not compare them if dropout draws masks', async () => {
    // The recipe best switches dropout off; the recipe book does not.
    const { missing } = await measured({ fakes: losses, rounds: 1, batch: 4, recipe: 'book' });
    expect(missing).toEqual([]);
  });
});
