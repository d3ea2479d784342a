// The process that bench/kills.ts kills: starts or resumes a training run, and reports each step before the next one can start.
import { writeSync } from 'node:fs';
import { backends } from '@isonet/cli';
import type { PreparedRun, RunContext } from '@isonet/runs';
import { models, prepareResumedRun, prepareRun, trainRun } from '@isonet/runs';
import type { Job, Message } from './messages.ts';
import { slowWrites } from './slowWrites.ts';

/** Writes a message synchronously, so that a kill cannot lose it. */
function tell(message: Message): void {
  writeSync(1, `${JSON.stringify(message)}\n`);
}

function note(text: string): void {
  tell({ kind: 'note', text });
}

const job = JSON.parse(process.argv[2] ?? '') as Job;
const context: RunContext = { cwd: process.cwd(), models, backends };

function prepare(): Promise<PreparedRun> {
  const { folder, model, request, resume } = job;
  return resume
    ? prepareResumedRun(context, folder, request, { onNote: note })
    : prepareRun(context, model, { ...request, out: folder });
}

async function train(): Promise<void> {
  const run = await prepare();
  const { device } = run.opened;
  let last = run.saved === undefined ? 0 : run.saved.step;
  if (job.slowed) {
    const { files, milliseconds } = job.slowed;
    slowWrites(milliseconds, (path) => {
      const isCheckpoint = path.includes('/checkpoints/');
      const isWatched =
        files === 'end' ? last === run.record.steps : (files === 'checkpoint') === isCheckpoint;
      if (isWatched) tell({ kind: 'writing', path });
      return isWatched;
    });
  }
  tell({ kind: 'ready', step: last, time: Date.now() });
  const listener = {
    step: ({ step }: { readonly step: number }): void => {
      last = step;
      tell({ kind: 'step', step, time: Date.now() });
    },
    epoch: () => undefined,
    note,
  };
  await trainRun(run, listener, { checkpointSeconds: job.checkpointSeconds });
  await device[Symbol.asyncDispose]();
}

try {
  await train();
  tell({ kind: 'done' });
} catch (error) {
  tell({ kind: 'refused', text: String(error) });
  process.exitCode = 1;
}
