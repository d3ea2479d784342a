// What is refused, and what fails: `accepted` tells the two apart, a failed run poisons its state, errors have class and code.
import type { Device, Execution, Tensors } from '@isonet/core';
import { BackendError, DataError, float32, int32, IsonetError, scalar } from '@isonet/core';
import type { Check } from '../check/check.ts';
import type { Findings } from '../check/findings.ts';
import { scenario } from './scenario.ts';
import { doubling, foreignState, pair } from './graphs.ts';

type Errors = typeof IsonetError;

/** Each run is refused before it begins: `accepted` and `read` say so alike. */
const refused = scenario('contract/refused-runs', async (device, findings) => {
  await using program = await device.compile(doubling());
  await using state = await device.createState({ total: pair(1) });
  await using other = await device.createState({ count: scalar(1) });
  const disposed = await device.createState({ total: pair(1) });
  await disposed[Symbol.asyncDispose]();
  const gone = await device.compile(doubling());
  await gone[Symbol.asyncDispose]();
  const feeds = { x: pair(3) };
  const runs: readonly (readonly [what: string, execution: Execution, kind: Errors])[] = [
    ['feeds that do not fit', program.run(state, {}), DataError],
    ['a state without what the program needs', program.run(other, feeds), DataError],
    ["another backend's state", program.run(foreignState({ total: pair(1) }), feeds), BackendError],
    ['a disposed state', program.run(disposed, feeds), BackendError],
    ['a disposed program', gone.run(state, feeds), BackendError],
  ];
  for (const [what, execution, kind] of runs) {
    await findings.rejects(`a run on ${what}: accepted`, execution.accepted, kind);
    await findings.rejects(`a run on ${what}: read`, execution.read(), kind);
  }
  findings.equal('after runs that were refused', await state.read(), 'total', [1, -1]);
  const execution = program.run(state, feeds);
  findings.holds('a run that is not refused is accepted', await isAccepted(execution));
  execution.discard();
  findings.equal('its update', await state.read(), 'total', [5, -5]);
});

/** Numbers that cannot be read: whoever copies them fails, on any device. */
const unreadable = new Proxy(new Float32Array(2), {
  get: (numbers, key) => {
    if (key === 'length') return numbers.length;
    throw new Error('this memory cannot be read');
  },
});

/**
 * A run fails. Either that was seen before it began: then it was refused, and the state is as it was; or later: then it was
 * accepted, and the state is poisoned until something is written to it.
 */
const failed = scenario('contract/failed-run', async (device, findings) => {
  await using program = await device.compile(doubling());
  await using state = await device.createState({ total: pair(1) });
  const execution = program.run(state, { x: { dtype: 'float32', shape: [2], data: unreadable } });
  const behind = program.run(state, { x: pair(3) });
  if (await isAccepted(execution)) {
    await findings.rejects('a run whose feed cannot be read', execution.read(), IsonetError);
    await findings.rejects('a run behind one that failed', behind.read(), BackendError, 'POISONED');
    await findings.rejects('reading a poisoned state', state.read(), BackendError, 'POISONED');
    const next = program.run(state, { x: pair(3) });
    await findings.rejects('a run on a poisoned state: accepted', next.accepted, BackendError, 'POISONED');
    await findings.rejects('a run on a poisoned state: read', next.read(), BackendError, 'POISONED');
  } else {
    const outputs = await execution.read().catch(() => undefined);
    findings.holds('a run that was refused gives no outputs', outputs === undefined);
    findings.equal('a run behind one that was refused', await behind.read(), 'before', [1, -1]);
    findings.equal('the state after one that was refused', await state.read(), 'total', [5, -5]);
  }
  await state.write({ total: pair(2) });
  findings.equal('a run after a write', await program.run(state, { x: pair(1) }).read(), 'before', [2, -2]);
  findings.equal('the state after that', await state.read(), 'total', [5, -5]);
});

async function isAccepted({ accepted }: Execution): Promise<boolean> {
  return accepted.then(
    () => true,
    () => false,
  );
}

/** Programs go by class and code, people by the message: wherever the device is, an error arrives with all three. */
const coded = scenario('contract/errors', async (device, findings) => {
  await using program = await device.compile(doubling());
  await using state = await device.createState({ total: pair(1) });
  const run = (feeds: Tensors): Promise<Tensors> => program.run(state, feeds).read();
  const short = { dtype: 'float32', shape: [2], data: new Float32Array(1) } as const;
  const foreign = program.run(foreignState({ total: pair(1) }), { x: pair(1) });
  type Ask = () => Promise<unknown>;
  const errors: readonly (readonly [what: string, ask: Ask, kind: Errors, code: string])[] = [
    ['a feed that is missing', () => run({}), DataError, 'MISSING'],
    ['a feed of another shape', () => run({ x: float32([1, 2], [1, 2]) }), DataError, 'TYPE'],
    ['a feed of another dtype', () => run({ x: int32([2], [1, 2]) }), DataError, 'TYPE'],
    ['a feed that holds too little', () => run({ x: short }), DataError, 'LENGTH'],
    ['a feed that is no input', () => run({ x: pair(1), y: pair(1) }), DataError, 'UNKNOWN'],
    ['an unknown name of a state', () => state.read(['count']), DataError, 'UNKNOWN'],
    ['a write of another shape', () => state.write({ total: scalar(1) }), DataError, 'TYPE'],
    ["another backend's state", () => foreign.read(), BackendError, 'FOREIGN_STATE'],
    ['a second read', () => readTwice(program.run(state, { x: pair(1) })), BackendError, 'CONSUMED'],
    ['a disposed state', () => readDisposed(device), BackendError, 'DISPOSED'],
  ];
  for (const [what, ask, kind, code] of errors) {
    const asked = ask();
    await findings.rejects(what, asked, kind, code);
    await toldInOneLine(findings, what, asked);
  }
});

async function readTwice(execution: Execution): Promise<unknown> {
  await execution.read();
  return execution.read();
}

async function readDisposed(device: Device): Promise<unknown> {
  const state = await device.createState({ total: pair(1) });
  await state[Symbol.asyncDispose]();
  return state.read();
}

async function toldInOneLine(findings: Findings, what: string, promise: Promise<unknown>): Promise<void> {
  const message = await promise.catch((error: unknown) => (error instanceof Error ? error.message : ''));
  findings.holds(`${what}: the message is one line`, typeof message === 'string' && /^.+$/.test(message));
}

export const failureScenarios: readonly Check[] = [refused, failed, coded];
