// Runs a benchmark whose process ends in the middle of a turn, as after a second Ctrl-C. The argument is a folder for a log.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Leftovers } from '../src/candidates/leftovers.ts';
import { measure } from '../src/measure/measurement.ts';
import { buildSubject, costOf, optimizerSettings } from '../src/subject.ts';
import { context, fake } from './context.ts';

const folder = process.argv[2] ?? '';
const log = join(folder, 'log');
const [warmUps, turns] = [2, 3];
const request = { model: 'tiny' };
const subject = await buildSubject(context, request);
const optimizer = optimizerSettings('best', subject.recipe.optimizer);
const settings = { optimizer, threads: null, tf32: false };
using leftovers = new Leftovers();
const hanging = fake({
  name: 'A',
  log,
  pidFile: join(folder, 'pid'),
  on: 'run',
  after: warmUps + turns,
  bad: 'hangs',
});

// Exit once the candidate has received the request of the turn in which it hangs.
setInterval(() => {
  if (!existsSync(log)) return;
  if (readFileSync(log, 'utf8').split(' run ').length > warmUps + turns + 1) process.exit(130);
}, 50);

await measure(
  { request, subject, batch: 2, work: 'forward', cost: costOf(subject, 2, 'forward'), settings },
  [hanging],
  {
    cwd: context.cwd,
    rounds: 15,
    force: false,
    timeoutMs: 60_000,
    stop: { aborted: false },
    leftovers,
    onOpening: () => undefined,
    onRound: () => undefined,
    pauseMs: 0,
  },
);
