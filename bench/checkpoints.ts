// Measures the cost of checkpoints in two ways. First, it compares the time per step with a checkpoint every 40 seconds
// and without checkpoints, in alternating turns. Then it measures for how many milliseconds one checkpoint blocks
// training: to copy the state, and for the work on the main thread. The write itself overlaps with the steps. It takes
// five minutes with GoogLeNet for 96x96 on ONNX Runtime.
//   npm run bench:checkpoints
//   npm run bench:checkpoints -- --turns 1 --steps 20 --seconds 3     # a short trial
// Run nothing else at the same time.
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { defined } from 'isonet';
import { backends } from '@isonet/cli';
import type { PreparedRun } from '@isonet/runs';
import { backendLine, models, prepareRun, trainRun } from '@isonet/runs';

const { values: options } = parseArgs({
  options: {
    backend: { type: 'string', default: 'onnx' },
    model: { type: 'string', default: 'googlenet' },
    batch: { type: 'string', default: '32' },
    /** Steps per turn, enough for a checkpoint. */
    steps: { type: 'string', default: '140' },
    /** The number of turns with checkpoints, and of turns without. */
    turns: { type: 'string', default: '2' },
    /** Seconds between two checkpoints. */
    seconds: { type: 'string', default: '40' },
    /** The number of checkpoints that are written while nothing trains. */
    direct: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const [steps, seconds] = [Number(options.steps), Number(options.seconds)];
/** The number of steps at the start of a turn that are not timed. */
const WARM_UP = 3;

const place = await mkdtemp(join(tmpdir(), 'isonet-checkpoints-'));
const context = { cwd: process.cwd(), models, backends };
let folders = 0;

function prepared(): Promise<PreparedRun> {
  const request = { recipe: 'best', backend: options.backend, batchSize: Number(options.batch) };
  return prepareRun(context, options.model, { ...request, out: join(place, String(++folders)) });
}

interface Turn {
  readonly msPerStep: number;
  readonly checkpoints: number;
}

/** Trains `steps` steps. The checkpoint written when the run stops is not timed. */
async function turn(checkpointSeconds: number): Promise<Turn> {
  const run = await prepared();
  const signal = { aborted: false };
  const times: number[] = [];
  const seen = new Set<string>();
  const step = ({ step: done }: { readonly step: number }): void => {
    times.push(performance.now());
    signal.aborted = done >= steps;
    const names = readdirSync(run.folder.path).includes('checkpoints')
      ? readdirSync(join(run.folder.path, 'checkpoints'))
      : [];
    for (const name of names) if (!name.startsWith('.')) seen.add(name);
  };
  const listener = { step, epoch: () => undefined, note: () => undefined };
  await trainRun(run, listener, { signal, checkpointSeconds });
  await run.opened.device[Symbol.asyncDispose]();
  const timed = times.slice(WARM_UP, steps);
  const [first, last] = [timed[0], timed.at(-1)];
  if (timed.length < 2 || first === undefined || last === undefined) {
    throw new Error(`--steps: expected at least ${WARM_UP + 2}, got ${steps}`);
  }
  return { msPerStep: (last - first) / (timed.length - 1), checkpoints: seen.size };
}

/** Measures milliseconds: `wall`, from start to end, and `active`, while the main thread was busy. */
async function measured<T>(work: () => Promise<T>): Promise<{ result: T; wall: number; active: number }> {
  const [began, before] = [performance.now(), performance.eventLoopUtilization()];
  const result = await work();
  const { active } = performance.eventLoopUtilization(before);
  return { result, wall: performance.now() - began, active };
}

/** Writes checkpoints one after another while nothing trains. */
async function direct(run: PreparedRun): Promise<Readonly<Record<string, number>>> {
  const all: Readonly<Record<string, number>>[] = [];
  for (let step = 1; step <= Number(options.direct) + 1; step++) {
    const snapshot = await measured(() => run.trainer.snapshot());
    const weights = await run.trainer.weights();
    const epoch = { loss: 0, count: 0, scores: {}, seconds: 0 };
    const state = { step, epoch, history: [], values: snapshot.result };
    // Yields to the event loop first: the active time is counted from its last turn.
    await new Promise((resolve) => setTimeout(resolve, 10));
    const checkpoint = await measured(() => run.folder.checkpoints.write(state));
    await new Promise((resolve) => setTimeout(resolve, 10));
    const written = await measured(() => run.folder.writeWeights(weights));
    if (step === 1) continue; // The first round only warms up.
    all.push({
      snapshotMs: snapshot.wall,
      checkpointMainThreadMs: checkpoint.active,
      weightsMainThreadMs: written.active,
      writeMs: checkpoint.wall + written.wall,
      waitMs: snapshot.wall + checkpoint.active + written.active,
    });
  }
  const names = Object.keys(defined(all[0], '--direct: at least one checkpoint'));
  return Object.fromEntries(
    names.map((name) => {
      const sorted = all.map((one) => defined(one[name], name)).toSorted((a, b) => a - b);
      return [name, defined(sorted[Math.floor(sorted.length / 2)], name)];
    }),
  );
}

const mean = (turns: readonly Turn[]): number =>
  turns.reduce((sum, { msPerStep }) => sum + msPerStep, 0) / turns.length;

const run = await prepared();
process.stderr.write(`${backendLine(run.opened)}\n`);
const costs = await direct(run);
const bytes = Object.values(await run.trainer.snapshot()).reduce((sum, { data }) => sum + data.byteLength, 0);
await run.folder.release();
await run.trainer[Symbol.asyncDispose]();
await run.opened.device[Symbol.asyncDispose]();

const [without, withThem]: [Turn[], Turn[]] = [[], []];
for (let i = 0; i < Number(options.turns); i++) {
  without.push(await turn(1e9));
  withThem.push(await turn(seconds));
}
await rm(place, { recursive: true });

const waitMs = defined(costs['waitMs'], 'waitMs');
const report = {
  backend: options.backend,
  model: options.model,
  batch: Number(options.batch),
  steps,
  seconds,
  stateMegabytes: bytes / 1e6,
  ...costs,
  partOfTheTime: waitMs / (seconds * 1000),
  msPerStepWithout: without.map(({ msPerStep }) => msPerStep),
  msPerStepWith: withThem.map(({ msPerStep }) => msPerStep),
  checkpoints: withThem.map(({ checkpoints }) => checkpoints),
  ratio: mean(withThem) / mean(without),
};
const shown = (value: unknown): string =>
  typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value);
const text = Object.entries(report)
  .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.map(shown).join(', ') : shown(value)}\n`)
  .join('');
process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : text);
