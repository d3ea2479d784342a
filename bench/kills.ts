// Kills training runs with SIGKILL at random moments, resumes each, and compares the results with an uninterrupted run,
// bit for bit: the weights, the whole state, the history. Some kills are aimed at the writing of a checkpoint, which is
// slowed down for that purpose. The temporary file that such a kill leaves behind proves that it hit.
//   npm run bench:kills -- --backend onnx --kills 100 --during 25
//   npm run bench:kills -- --backend webgpu --device software --model examples/myNet.ts --batch 4 --images 60 --epochs 3 --kills 10 --during 3
// Other load on the machine changes the times, but no result. Fails if a run differs or a resume is refused.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ImageDataset } from 'isonet';
import { encodeIdx, loadFashionMnistSample, uniformBlock } from 'isonet';
import type { Aim, Attempt } from './kills/attempt.ts';
import { attempt } from './kills/attempt.ts';
import type { Job, Watched } from './kills/messages.ts';
import type { Outcome } from './kills/outcome.ts';
import { differences, outcomeOf } from './kills/outcome.ts';
import { Tally } from './kills/tally.ts';

const { values: options } = parseArgs({
  options: {
    backend: { type: 'string', default: 'onnx' },
    device: { type: 'string' },
    model: { type: 'string', default: 'nin' },
    kills: { type: 'string', default: '100' },
    /** The minimum number of kills during the writing of a checkpoint. */
    during: { type: 'string', default: '25' },
    seed: { type: 'string', default: '0' },
    epochs: { type: 'string', default: '6' },
    /** The number of epochs by which each finished run is extended, with kills as before. */
    extend: { type: 'string', default: '1' },
    batch: { type: 'string', default: '32' },
    /**
     * The number of training images, a fifth of which is held out for validation. Half as many test images are
     * evaluated.
     */
    images: { type: 'string', default: '600' },
    'checkpoint-seconds': { type: 'string', default: '0.2' },
    /** The length, in ms, of each of the two pauses in the writing of a file that a kill is aimed at. */
    slow: { type: 'string', default: '150' },
    /** The time limit for kills. After it, the current run is finished and reported. */
    minutes: { type: 'string', default: 'Infinity' },
    json: { type: 'boolean', default: false },
  },
});
const [kills, during, seed] = [Number(options.kills), Number(options.during), Number(options.seed)];
const [epochs, slowMs] = [Number(options.epochs), Number(options.slow)];
const targets = options.extend === '0' ? [epochs] : [epochs, epochs + Number(options.extend)];

const place = await mkdtemp(join(tmpdir(), 'isonet-kills-'));
const tally = new Tally();

/** Writes the images that every run uses. */
async function writeData(folder: string): Promise<void> {
  await mkdir(folder);
  const { train, test } = await loadFashionMnistSample();
  const write = async (name: string, { images, labels }: ImageDataset, count: number): Promise<void> => {
    const pixels = images.subarray(0, count * 784);
    await writeFile(join(folder, `${name}-images-idx3-ubyte`), encodeIdx([count, 28, 28], pixels));
    const classes = Uint8Array.from(labels.subarray(0, count));
    await writeFile(join(folder, `${name}-labels-idx1-ubyte`), encodeIdx([count], classes));
  };
  await write('train', train, Number(options.images));
  await write('t10k', test, Math.ceil(Number(options.images) / 2));
}

/** Returns the progress of a run according to its run.json, or undefined if it has none. */
async function progressOf(
  folder: string,
): Promise<{ readonly finished: boolean; readonly epochs: number } | undefined> {
  const text = await readFile(join(folder, 'run.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const record = JSON.parse(text) as { status: string; options: { epochs: number } };
  return { finished: record.status === 'finished', epochs: record.options.epochs };
}

/** Returns the job that continues a run towards its target number of epochs, or undefined if the run is finished. */
async function jobFor(folder: string, target: number, files?: Watched): Promise<Job | undefined> {
  const progress = await progressOf(folder);
  if (progress?.finished && progress.epochs === target) return undefined;
  const begin = {
    backend: options.backend,
    ...(options.device === undefined ? {} : { device: options.device }),
    data: join(place, 'data'),
    batchSize: Number(options.batch),
    epochs: target,
    seed,
    // Fills checkpoints with everything that they can contain: momentum, averages, mask counters, and the best epoch.
    ...(options.model === 'nin' ? { dropout: 0.1 } : {}),
    validation: 0.2,
    average: 0.95,
    patience: 50,
  };
  const request = progress === undefined ? begin : progress.epochs === target ? {} : { epochs: target };
  return {
    folder,
    model: options.model,
    request,
    resume: progress !== undefined,
    checkpointSeconds: Number(options['checkpoint-seconds']),
    ...(files === undefined ? {} : { slowed: { files, milliseconds: slowMs } }),
  };
}

/** Trains a run without interruption. */
async function reference(): Promise<{ outcomes: readonly Outcome[]; seconds: number; prepareMs: number }> {
  const folder = join(place, 'whole');
  const outcomes: Outcome[] = [];
  let [milliseconds, prepareMs] = [0, 0];
  for (const target of targets) {
    const job = await jobFor(folder, target);
    if (!job) throw new Error(`${folder}: expected a run of fewer epochs than ${target}`);
    const { started, ended, ready, refused } = await attempt(job);
    if (refused !== undefined || !ready) throw new Error(`the uninterrupted run: ${refused}`);
    prepareMs = ready.time - started;
    milliseconds += ended - ready.time;
    outcomes.push(await outcomeOf(folder));
  }
  return { outcomes, seconds: milliseconds / 1000, prepareMs };
}

/** Draws the aim of a kill from its index. The share of checkpoints is adjusted so that enough of them are hit. */
function aimOf(index: number): Aim {
  const [what = 0, when = 0, which = 0] = uniformBlock(seed, 1, index, 0, 3);
  const missing = during - tally.during;
  const share =
    missing <= 0 ? 0 : Math.min(1, Math.max(missing / (kills - tally.kills), during / kills) * 1.2);
  if (what < share) return { at: 'checkpoint', nth: 1 + Math.floor(which * 4), afterMs: when * 2 * slowMs };
  const rest = (what - share) / (1 - share);
  if (rest < 0.12) return { at: 'other', nth: 1 + Math.floor(which * 6), afterMs: when * 2 * slowMs };
  // The last checkpoint, weights.safetensors and best.safetensors, and run.json twice.
  if (rest < 0.24) return { at: 'end', nth: 1 + Math.floor(which * 6), afterMs: when * 2 * slowMs };
  if (rest < 0.3) return { at: 'start', afterMs: when * uninterrupted.prepareMs };
  return { at: 'random', afterMs: when * uninterrupted.seconds * 500 };
}

await writeData(join(place, 'data'));
process.stderr.write(`${place}\nthe uninterrupted run\n`);
const uninterrupted = await reference();

const deadline = Date.now() + Number(options.minutes) * 60_000;
const mayContinue = (): boolean => tally.kills < kills && tally.failures.length < 5 && Date.now() < deadline;
let index = 0;
while (mayContinue()) {
  const folder = join(place, `run${tally.runs + 1}`);
  let before: Attempt | undefined;
  for (const [stage, target] of targets.entries()) {
    for (;;) {
      const aim = mayContinue() ? aimOf(index++) : undefined;
      const job = await jobFor(folder, target, aim && 'nth' in aim ? aim.at : undefined);
      // The run has ended, or was killed after its record was complete.
      if (!job) break;
      const now = await attempt(job, aim);
      tally.add(before, now, job.resume);
      process.stderr.write(`${tally.line(aim, now)}\n`);
      if (now.refused !== undefined) break;
      before = now;
    }
    const outcome = await outcomeOf(folder).catch(() => undefined);
    const expected = uninterrupted.outcomes[stage];
    await tally.compare(folder, outcome && expected && differences(expected, outcome));
  }
  tally.runs++;
}

const { backend, model, batch } = options;
const setting = {
  backend,
  device: options.device ?? null,
  model,
  batch: Number(batch),
  epochs: targets,
  seed,
};
const report = { ...setting, wholeSeconds: uninterrupted.seconds, ...tally.report() };
process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : tally.text(report));
if (tally.failures.length > 0) {
  process.stderr.write(`${tally.failures.join('\n')}\nthe run folders are kept in ${place}\n`);
  process.exitCode = 1;
} else await rm(place, { recursive: true });
