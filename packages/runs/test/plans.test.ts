// Tests the plans of a run: recorded by role, and reproduced and compared when it is resumed.
import { createHash } from 'node:crypto';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reference } from '@isonet/backend-reference';
import type { ResumeRequest, RunContext, RunRecord } from '@isonet/runs';
import { loadRun, prepareResumedRun, prepareRun, UsageError } from '@isonet/runs';
import { expect, it, describe } from 'vitest';
import type { Circumstances } from './choosing.ts';
import { choosing } from './choosing.ts';
import { makeContext, settings, stoppedRun, trained } from './context.ts';

const steps = ['step 10', 'step 4'];
const tile = (n: number): object => ({ format: 'tiles', version: 1, tile: n });

async function readJson(context: RunContext, file: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(context.cwd, 'run', file), 'utf8')) as Record<string, unknown>;
}

/** Resumes the run, and trains it to its end. @returns its record, and why its device was chosen */
async function resume(
  context: RunContext,
  request: ResumeRequest = {},
): Promise<{ readonly record: RunRecord; readonly why: string }> {
  let why = '';
  const run = await prepareResumedRun(context, 'run', request, {
    onDevice: (opened) => {
      why = opened.why;
    },
  });
  return { record: await trained(run), why };
}

/** Returns the error of a request to resume, and checks that the folder does not change. */
async function refusal(context: RunContext, request: ResumeRequest = {}): Promise<unknown> {
  const files = async (): Promise<unknown> => {
    const all = await readdir(join(context.cwd, 'run'), { recursive: true, withFileTypes: true });
    const paths = all.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    const digests = paths.toSorted().map(async (path) => {
      return [
        path,
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      ];
    });
    return Promise.all(digests);
  };
  const before = await files();
  const refused = await prepareResumedRun(context, 'run', request).then(
    () => 'resumed',
    (error: unknown) => error,
  );
  expect(await files()).toEqual(before);
  return refused;
}

describe('the plans of a run', () => {
  it('are in run.json before the first step, and include the evaluation after it has run', async () => {
    const context = await makeContext(reference);
    const run = await prepareRun(context, 'tiny', { ...settings, backend: 'reference', out: 'run' });
    const [segment] = run.record.segments;
    expect(segment).toMatchObject({
      step: 0,
      backend: 'reference',
      device: 'cpu',
      kind: 'cpu',
      options: { threads: null, tf32: false },
      versions: { node: process.versions.node },
    });
    expect(Object.keys(segment.plans)).toEqual(steps);
    const record = await trained(run);
    expect(record.segments).toHaveLength(1);
    const [{ plans }] = record.segments;
    expect(Object.keys(plans)).toEqual([...steps, 'evaluate 10']);
    expect(new Set(Object.values(plans).map(({ id }) => id)).size).toBe(3);
    expect(await readJson(context, 'run.json')).toMatchObject({
      format: 'isonet-run-2',
      segments: record.segments,
    });
    expect(await readdir(join(context.cwd, 'run'))).not.toContain('plan.json');
  });

  it('are those of micro-batches if the run has any', async () => {
    const context = await makeContext(reference);
    const run = await prepareRun(context, 'tiny', { ...settings, backend: 'reference', microBatch: 4 });
    const [{ plans }] = run.record.segments;
    expect(Object.keys(plans)).toEqual(['part 4', 'part 2', 'apply', 'step 4']);
    await run.opened.device[Symbol.asyncDispose]();
  });

  it('are the same, without a note, when the run is resumed on the same device', async () => {
    const context = await makeContext(reference);
    await stoppedRun(context, { backend: 'reference' });
    const { record, why } = await resume(context, { exact: true });
    expect(why).toBe('as before');
    expect(record.segments.map(({ step }) => step)).toEqual([0, 5]);
    const [first, second] = record.segments;
    expect(second?.plans).toEqual(first.plans);
  });
});

it('another version of isonet is reported even if the plans are the same', async () => {
  const context = await makeContext(reference);
  await stoppedRun(context, { backend: 'reference' });
  const file = join(context.cwd, 'run', 'run.json');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/"isonet": "[^"]+"/, '"isonet": "0.2.9"'));
  expect(String(await refusal(context, { exact: true }))).toContain(
    '--exact: the plans are the same, but isonet was 0.2.9; finish it with isonet 0.2.9, or leave out --exact',
  );
  const { why } = await resume(context);
  expect(why).toBe(
    'as before; the plans are the same, but isonet was 0.2.9, so the bits may differ from this step on',
  );
});

describe('changed plans', () => {
  const other = choosing('other', () => ({ tile: 8 }));

  it('are announced with the settings that differ, and recorded', async () => {
    const context = await makeContext(reference, other);
    const { segments } = await stoppedRun(context, { backend: 'reference' });
    const { record, why } = await resume(context, { backend: 'other', threads: 3 });
    expect(why).toBe(
      'as requested; step 10, step 4 now have other plans (it ran on reference, cpu (float64 loops in JavaScript), ' +
        "with the processor's threads), so the bits may differ from this step on",
    );
    expect(record.segments).toMatchObject([
      { ...segments[0] },
      {
        step: 5,
        backend: 'other',
        options: { threads: 3, tf32: false },
        plans: { 'step 10': { bytes: 64 } },
      },
    ]);
  });

  it.each<[string, Circumstances, ResumeRequest, string]>([
    ['another device', { tile: 8, text: 'a new card' }, {}, 'it ran on cpu (a card)'],
    ['threads', { tile: 8, text: 'a card' }, { threads: 2 }, "it ran with the processor's threads"],
    [
      'no reason',
      { tile: 16, text: 'a card' },
      {},
      'although the backend, device, threads and versions are the same',
    ],
  ])('name %s', async (_, later, request, cause) => {
    let now: Circumstances = { tile: 8, text: 'a card' };
    const context = await makeContext(choosing('other', () => now));
    await stoppedRun(context, { backend: 'other' });
    await rm(join(context.cwd, 'run', 'plan.json'));
    now = later;
    const { why } = await resume(context, request);
    expect(why).toContain(`step 10, step 4 now have other plans (${cause})`);
  });

  it('are announced if an option differs', async () => {
    const context = await makeContext(choosing('other', () => ({ tile: 8 })));
    await stoppedRun(context, { backend: 'other', threads: 2 });
    const { why } = await resume(context, { threads: 1 });
    expect(why).toBe(
      'as requested; step 10, step 4 now have other plans (it ran with 2 threads), so the bits may differ from this step on',
    );
  });

  it('are rejected by exact before anything is written', async () => {
    const context = await makeContext(reference, other);
    await stoppedRun(context, { backend: 'reference' });
    const refused = await refusal(context, { backend: 'other', exact: true });
    expect(refused).toMatchObject({
      code: 'NOT_EXACT',
      message: expect.stringMatching(
        /^--exact: step 10, step 4 now have other plans .*; .*leave out --exact$/,
      ) as string,
    });
  });

  it('do not matter if the earlier plans computed nothing that was saved', async () => {
    const context = await makeContext(reference, other);
    const run = await prepareRun(context, 'tiny', { ...settings, backend: 'reference', out: 'run' });
    const failing = { step: () => void expect.fail('the card fell off the bus'), epoch: () => undefined };
    await expect(trained(run, { ...failing, note: () => undefined })).rejects.toThrow('fell off');
    const { record, why } = await resume(context, { backend: 'other', exact: true });
    expect(why).toBe('as requested');
    expect(record.segments.map(({ step, backend }) => [step, backend])).toEqual([[0, 'other']]);
  });
});

it('exact rejects a device that does not guarantee reproducible results', async () => {
  const context = await makeContext(choosing('other', () => ({ tile: 8, reproducible: false })));
  await stoppedRun(context, { backend: 'other' });
  expect(await refusal(context, { exact: true })).toMatchObject({
    code: 'NOT_EXACT',
    message: expect.stringContaining(
      'other, cpu does not guarantee that the same plan produces the same bits',
    ) as string,
  });
});

describe('plan.json', () => {
  it('stores the choices, and a resumed run makes the same ones', async () => {
    let now: Circumstances = { tile: 8 };
    const context = await makeContext(choosing('other', () => now));
    await stoppedRun(context, { backend: 'other' });
    const saved = {
      format: 'isonet-plans',
      version: 1,
      backend: 'other',
      device: 'cpu',
      plans: { 'step 10': tile(8), 'step 4': tile(8), 'evaluate 10': tile(8) },
    };
    expect(await readJson(context, 'plan.json')).toEqual(saved);
    now = { tile: 16 };
    const { record, why } = await resume(context, { exact: true });
    expect(why).toBe('as before');
    const [first, second] = record.segments;
    expect(second?.plans).toEqual(first.plans);
    expect(await readJson(context, 'plan.json')).toEqual(saved);
    expect((await readdir(join(context.cwd, 'run'))).toSorted()).toEqual([
      'checkpoints',
      'metrics.jsonl',
      'plan.json',
      'run.json',
      'weights.safetensors',
    ]);
  });

  it('applies to one device: another one makes its own choices, and keeps the file', async () => {
    const context = await makeContext(
      choosing('other', () => ({ tile: 8 })),
      reference,
    );
    await stoppedRun(context, { backend: 'other' });
    const before = await readJson(context, 'plan.json');
    const { why } = await resume(context, { backend: 'reference' });
    expect(why).toContain('step 10, step 4 now have other plans');
    expect(await readJson(context, 'plan.json')).toEqual(before);
  });

  it('is rejected with a working fix if a device cannot reproduce it', async () => {
    let now: Circumstances = { tile: 8 };
    const context = await makeContext(choosing('other', () => now));
    await stoppedRun(context, { backend: 'other' });
    now = { tile: 16, tiles: [16, 32] };
    expect(await refusal(context)).toMatchObject({
      code: 'PLAN',
      message:
        'run "run": plan.json was not written by this version of other: delete run/plan.json to resume with a new plan (the bits may differ)',
      cause: expect.objectContaining({
        message: 'tiny.step: unsupported tile: {"format":"tiles","version":1,"tile":8}',
      }) as unknown,
    });
    await rm(join(context.cwd, 'run', 'plan.json'));
    const { why } = await resume(context);
    expect(why).toContain('step 10, step 4 now have other plans');
  });

  it.each([
    ['{', 'run/plan.json: not JSON'],
    ['[]', 'run/plan.json: expected an object, got []'],
    ['{"format": 3}', 'run/plan.json: format: expected a string, got 3'],
    ['{"format": "isonet-plans"}', 'run/plan.json: version: expected a number, got nothing'],
    [
      '{"format": "isonet-plans", "version": 2}',
      'run/plan.json: expected format isonet-plans 1, got isonet-plans 2',
    ],
    [
      '{"format": "isonet-plans", "version": 1, "backend": "other", "device": "cpu", "plans": {"step 10": 8}}',
      'run/plan.json: plans.step 10: expected an object, got 8',
    ],
    [
      '{"format": "isonet-plans", "version": 1, "backend": "other", "device": "cpu", "plans": {"step 10": {"format": "tiles"}}}',
      'run/plan.json: plans.step 10.version: expected a number, got nothing',
    ],
    [' '.repeat(2 ** 24 + 1), `expected at most ${2 ** 24} bytes, got ${2 ** 24 + 1}`],
  ])('is rejected in one line if it is invalid: %.100s', async (text, message) => {
    const context = await makeContext(choosing('other', () => ({ tile: 8 })));
    await stoppedRun(context, { backend: 'other' });
    await writeFile(join(context.cwd, 'run', 'plan.json'), text);
    const refused = await refusal(context);
    expect(String(refused)).toMatch(
      /^DataError: [^\n]+; delete run\/plan.json to resume with a new plan \(the bits may differ\)$/,
    );
    expect(String(refused)).toContain(message);
  });
});

it('an option that the backend of a run does not support is a usage error', async () => {
  const context = await makeContext(reference);
  await stoppedRun(context, { backend: 'reference' });
  const refused = await refusal(context, { threads: 2 });
  expect(refused).toBeInstanceOf(UsageError);
  expect(refused).toMatchObject({ message: '--threads: reference has no such option: leave it out' });
});

it('a run of an unknown model is rejected, naming its file', async () => {
  const context = await makeContext(reference);
  await stoppedRun(context, { backend: 'reference' });
  const file = join(context.cwd, 'run', 'run.json');
  const record = await readJson(context, 'run.json');
  await writeFile(file, JSON.stringify({ ...record, model: 'nope' }));
  const message =
    'run/run.json: model: expected one of tiny, got "nope"; the file was edited or is damaged: restore it, or train another run';
  expect(await refusal(context)).toMatchObject({ code: 'RUN_RECORD', message });
  await expect(loadRun(context, 'run')).rejects.toMatchObject({ code: 'RUN_RECORD', message });
});

describe('a run of isonet 0.1.0', () => {
  /** Creates a run as 0.1.0 would have written it. */
  async function oldRun(): Promise<RunContext> {
    const context = await makeContext(reference);
    await stoppedRun(context, { backend: 'reference' });
    const { segments, ...record } = (await readJson(context, 'run.json')) as unknown as RunRecord;
    const [{ backend: name, device, kind, text, versions }] = segments;
    const backend = { name, device, kind, text, fingerprint: 'abc' };
    const old = { ...record, format: 'isonet-run-1', backend, versions: { ...versions, isonet: '0.1.0' } };
    await writeFile(join(context.cwd, 'run', 'run.json'), JSON.stringify(old));
    return context;
  }

  it('is resumed without a guarantee of the same bits, and keeps its fingerprint', async () => {
    const { record, why } = await resume(await oldRun());
    expect(why).toBe(
      'as before; the run was saved by isonet 0.1.0, whose plans cannot be compared with current ones, ' +
        'so the bits may differ from this step on',
    );
    expect(record.segments).toMatchObject([
      { step: 0, backend: 'reference', plans: {}, fingerprint: 'abc', versions: { isonet: '0.1.0' } },
      { step: 5, backend: 'reference', options: { threads: null, tf32: false } },
    ]);
  });

  it('is rejected by exact', async () => {
    expect(await refusal(await oldRun(), { exact: true })).toMatchObject({
      code: 'NOT_EXACT',
      message: expect.stringMatching(/; finish it with isonet 0\.1\.0, or leave out --exact$/) as string,
    });
  });
});
