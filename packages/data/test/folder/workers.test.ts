// Tests the decoding workers: they let the process exit, stop with it, and are replaced by the calling thread if none can
// start.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { preprocessing } from '@isonet/data';
import sharp from 'sharp';
import { describe, expect, test, vi } from 'vitest';
import { loadImageFolder } from '../../src/folder/loadImageFolder.ts';
import { Decoders } from '../../src/folder/workers/decoders.ts';
import { startWorker } from '../../src/folder/workers/start.ts';
import { dataError } from '../helpers.ts';
import { classes, folderWith } from './helpers.ts';

vi.mock('../../src/folder/workers/start.ts', { spy: true });

const conditions = process.env['TEST_BUILT'] === '1' ? [] : ['--conditions=@isonet/source'];
const script = fileURLToPath(new URL('exits.mjs', import.meta.url));
const wanted = preprocessing([1, 2, 2]);

/** Creates a folder of photographs, which take a while to decode. */
async function photographs(): Promise<string> {
  const large = await sharp({
    create: { width: 1500, height: 1000, channels: 3, background: { r: 9, g: 80, b: 200 } },
  })
    .jpeg()
    .toBuffer();
  const names = ['a', 'b'].flatMap((name) => [1, 2, 3, 4].map((i) => [`${name}/${i}.jpg`, large] as const));
  return folderWith(Object.fromEntries(names));
}

/** Runs exits.mjs, and returns its output and exit code. */
async function outcomeOf(folder: string, ending: string): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...conditions, '--import', 'tsx', script, folder, ending],
      (_error, stdout, stderr) => resolve(`${stdout}${stderr}${child.exitCode ?? child.signalCode}`),
    );
  });
}

describe('a process', () => {
  test.each([
    ['end', 'loaded 0\n0'],
    ['dispose', 'done DISPOSED 0\n0'],
    ['exit', '7'],
  ])('that loads a folder exits as expected after: %s', async (ending, expected) => {
    expect(await outcomeOf(await photographs(), ending)).toBe(expected);
  });
});

describe('if no worker can start', () => {
  test('the calling thread decodes, and a note gives the reason', async () => {
    vi.mocked(startWorker).mockImplementationOnce(() => {
      throw new Error('no threads here');
    });
    await using folder = await loadImageFolder(await folderWith(classes(['a', 'b'], 3)), {
      preprocessing: wanted,
      workers: 1,
    });
    expect(folder.notes).toEqual([
      'images are decoded on the main thread, because no worker could start: no threads here',
    ]);
    expect(folder.train.length).toBe(4);
  });

  test('the calling thread also replaces a worker that exits immediately', async () => {
    const { Worker } = await import('node:worker_threads');
    vi.mocked(startWorker).mockImplementationOnce(
      () => new Worker('throw new Error("broken")', { eval: true }),
    );
    await using folder = await loadImageFolder(await folderWith(classes(['a', 'b'], 3)), {
      preprocessing: wanted,
      workers: 1,
    });
    expect(folder.notes).toEqual([expect.stringMatching(/because no worker could start: broken$/)]);
    expect(folder.train.length).toBe(4);
  });
});

test('disposing of the pool rejects the jobs that have not started', async () => {
  const folder = await photographs();
  const decoders = new Decoders(1);
  const job = { file: `${folder}/a/1.jpg`, preprocessing: wanted, hash: true, measure: true };
  await decoders.run(job);
  const jobs = Array.from({ length: 6 }, () => decoders.run(job));
  const settled = Promise.allSettled(jobs);
  await new Promise((resolve) => setImmediate(resolve));
  await decoders[Symbol.asyncDispose]();
  const statuses = (await settled).map(({ status }) => status);
  // The worker finishes its two current jobs.
  expect(statuses).toEqual(statuses.map((_, i) => (i < 2 ? 'fulfilled' : 'rejected')));
  expect((await jobs[0])?.measures?.isGrey).toBe(false);
  expect(await dataError(() => decoders.run(job))).toMatch(/^DISPOSED: image /);
});
