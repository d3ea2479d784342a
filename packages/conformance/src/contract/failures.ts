// Refused and failed runs: `accepted` distinguishes them, a failed run poisons its state, and errors have a class and a code.
import { BackendError, DataError, type Execution, IsonetError, scalar, type Tensors } from '@isonet/core';
import type { Check } from '../check/check.ts';
import { doubling, doublingScenario, foreignState, pair, wrongFeeds } from './graphs.ts';
import { refusesRun } from './scenario.ts';

/** Each run is refused before it starts, so both `accepted` and `read` reject. */
const refused = doublingScenario('contract/refused-runs', async ({ device, findings, program, state }) => {
  await using other = await device.createState({ count: scalar(1) });
  const disposed = await device.createState({ total: pair(1) });
  await disposed[Symbol.asyncDispose]();
  const gone = await device.compile(doubling());
  await gone[Symbol.asyncDispose]();
  const feeds = { x: pair(3) };
  const foreign = foreignState({ total: pair(1) });
  const runs: readonly (readonly [what: string, execution: Execution, kind: typeof IsonetError])[] = [
    ['a run with a missing feed', program.run(state, {}), DataError],
    ['a run on a state without the value it needs', program.run(other, feeds), DataError],
    ['a run on the state of another backend', program.run(foreign, feeds), BackendError],
    ['a run on a disposed state', program.run(disposed, feeds), BackendError],
    ['a run of a disposed program', gone.run(state, feeds), BackendError],
  ];
  for (const [what, execution, kind] of runs) await refusesRun(findings, what, execution, kind);
  findings.equal('the state after refused runs', await state.read(), 'total', [1, -1]);
  const execution = program.run(state, feeds);
  findings.holds('execution.accepted of a correct run resolves', await isAccepted(execution));
  execution.discard();
  findings.equal('the state after a correct run', await state.read(), 'total', [5, -5]);
});

/** Values that throw when they are read, so that copying them fails on every device. */
const unreadable = new Proxy(new Float32Array(2), {
  get: (values, key) => {
    if (key === 'length') return values.length;
    throw new Error('this memory cannot be read');
  },
});

/**
 * A run that fails. A device that detects the failure before the run starts refuses the run and leaves the state unchanged. A
 * device that detects it later has already accepted the run, so the state is poisoned until it is written.
 */
const failed = doublingScenario('contract/failed-run', async ({ findings, program, state, run }) => {
  const poisoned = [BackendError, 'POISONED'] as const;
  const execution = program.run(state, { x: { dtype: 'float32', shape: [2], data: unreadable } });
  const next = run(3);
  if (await isAccepted(execution)) {
    await findings.rejects('a run with an unreadable feed', execution.read(), IsonetError);
    await findings.rejects('a run queued behind a failed run', next.read(), ...poisoned);
    await findings.rejects('a read of a poisoned state', state.read(), ...poisoned);
    await refusesRun(findings, 'a run on a poisoned state', run(3), ...poisoned);
  } else {
    const outputs = await execution.read().catch(() => undefined);
    findings.holds('a refused run returns no outputs', outputs === undefined);
    findings.equal('a run queued behind a refused run', await next.read(), 'before', [1, -1]);
    findings.equal('the state after a refused run and a correct one', await state.read(), 'total', [5, -5]);
  }
  await state.write({ total: pair(2) });
  findings.equal('a run after the state was written', await run(1).read(), 'before', [2, -2]);
  findings.equal('the state after that run', await state.read(), 'total', [5, -5]);
});

async function isAccepted({ accepted }: Execution): Promise<boolean> {
  return accepted.then(
    () => true,
    () => false,
  );
}

/** Callers branch on the class and the code of an error; people read its message. All three must arrive, even from a worker. */
const coded = doublingScenario('contract/errors', async ({ device, findings, program, state, run }) => {
  const readTwice = async (): Promise<Tensors> => {
    const execution = run(1);
    await execution.read();
    return execution.read();
  };
  const readDisposed = async (): Promise<Tensors> => {
    const disposed = await device.createState({ total: pair(1) });
    await disposed[Symbol.asyncDispose]();
    return disposed.read();
  };
  const foreign = program.run(foreignState({ total: pair(1) }), { x: pair(1) });
  type Attempt = () => Promise<unknown>;
  const errors: readonly (readonly [
    what: string,
    attempt: Attempt,
    kind: typeof IsonetError,
    code: string,
  ])[] = [
    ...wrongFeeds.map(([what, feeds, code]) => {
      const attempt: Attempt = () => program.run(state, feeds).read();
      return [`a run with ${what}`, attempt, DataError, code] as const;
    }),
    ['a read of an unknown name from a state', () => state.read(['count']), DataError, 'UNKNOWN'],
    ['a write of the wrong shape', () => state.write({ total: scalar(1) }), DataError, 'TYPE'],
    ['a run on the state of another backend', () => foreign.read(), BackendError, 'FOREIGN_STATE'],
    ['a second read of a run', readTwice, BackendError, 'CONSUMED'],
    ['a read of a disposed state', readDisposed, BackendError, 'DISPOSED'],
  ];
  for (const [what, attempt, kind, code] of errors) {
    const outcome = attempt();
    await findings.rejects(what, outcome, kind, code);
    const message = await outcome.catch((error: unknown) => (error instanceof Error ? error.message : ''));
    findings.holds(`the error of ${what} has a one-line message`, isOneLine(message));
  }
});

function isOneLine(message: unknown): boolean {
  return typeof message === 'string' && /^.+$/.test(message);
}

export const failureScenarios: readonly Check[] = [refused, failed, coded];
