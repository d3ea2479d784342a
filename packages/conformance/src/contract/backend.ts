// Scenarios for the backend itself: it probes for devices, opens them and disposes them. Device lists and error
// messages rely on this behavior.
import type { Backend, Device, Execution, OpenOptions, State, Tensors } from '@isonet/core';
import { BackendError, messageOf } from '@isonet/core';
import type { Check } from '../check/check.ts';
import { Findings } from '../check/findings.ts';
import { doubling, foreignState, pair } from './graphs.ts';

type Opener = Pick<Backend, 'probe' | 'open'>;

function backendScenario(
  key: string,
  steps: (backend: Opener, findings: Findings, device: Device) => Promise<void>,
): Check {
  const run: Check['run'] = async (device, subject) => {
    const findings = new Findings();
    const probe = subject?.probe?.bind(subject);
    const notApplicable = 'the subject has no probe: it is a device without its backend';
    if (!subject || !probe) return findings.verdict(key, { notApplicable });
    await steps({ probe, open: (options) => subject.open(options) }, findings, device);
    return findings.verdict(key);
  };
  return { key, group: 'backend', form: 'native', tier: 'contract', covers: () => [key], run };
}

const kinds: readonly string[] = ['gpu', 'cpu', 'software'];

const probed = backendScenario('backend/probe', async (backend, findings, { info }) => {
  const found = await backend.probe();
  findings.holds('probe() succeeds while a device is open', found.ok);
  if (!found.ok) return;
  const { devices } = found;
  findings.holds('probe() lists at least one device', devices.length > 0);
  findings.holds(
    'the ids of devices are unique',
    new Set(devices.map(({ id }) => id)).size === devices.length,
  );
  for (const { id, kind, text } of [...devices, info]) {
    findings.holds(`the id "${id}" has no spaces`, /^\S+$/.test(id));
    findings.holds(`the kind of ${id} is one of ${kinds.join(', ')}`, kinds.includes(kind));
    findings.holds(`the text of ${id} is one line`, /^.+$/.test(text));
  }
});

const ID = 'no-such-device';

const unknown = backendScenario('backend/unknown-device', async (backend, findings) => {
  const opened = backend.open({ device: ID }).then(async (device) => device[Symbol.asyncDispose]());
  await findings.rejects(`open({ device: '${ID}' })`, opened, BackendError);
  const message = await opened.then(() => '', messageOf);
  findings.holds(
    `the error message of open({ device: '${ID}' }) is one line and names the id`,
    /^.+$/.test(message) && message.includes(ID),
  );
});

const byId = backendScenario('backend/by-id', async (backend, findings, device) => {
  const { id } = device.info;
  const other = await backend.open({ device: id });
  const got = other.info.id;
  await other[Symbol.asyncDispose]();
  findings.holds(`open({ device: '${id}' }) opens that device`, got === id);
  await using state = await device.createState({ total: pair(3) });
  await using program = await device.compile(doubling());
  const after = 'after the disposal of another device with the same id';
  findings.equal(`a run ${after}`, await program.run(state, { x: pair(1) }).read(), 'before', [3, -3]);
  findings.equal(`the state ${after}`, await state.read(), 'total', [7, -7]);
});

const misspelled = { tread: 2 };

/** A backend that ignored unknown options would also ignore misspelled ones. */
const options = backendScenario('backend/unknown-option', async (backend, findings, { info }) => {
  const opened = async (requested: OpenOptions): Promise<void> =>
    (await backend.open(requested))[Symbol.asyncDispose]();
  const wrong = opened({ device: info.id, ...misspelled });
  await findings.rejects('open({ tread: 2 })', wrong, BackendError, 'UNKNOWN_OPTION');
  // A backend with this option rejects 0 as out of range; any other backend rejects the option as unknown.
  await findings.rejects('open({ threads: 0 })', opened({ device: info.id, threads: 0 }), BackendError);
});

/** The message that every backend uses, after its name. */
const DISPOSED_MESSAGE = 'the device is disposed; open it again';

/** Requires the error of a disposed device, which has the same class, code and message on every backend. */
async function refusesDisposed(findings: Findings, what: string, answer: Promise<unknown>): Promise<void> {
  await findings.rejects(what, answer, BackendError, 'DISPOSED');
  const message = await answer.then(() => '', messageOf);
  const name = /^(\S+): /.exec(message)?.[1];
  findings.holds(
    `the error of ${what} has the message "NAME: ${DISPOSED_MESSAGE}", got "${message}"`,
    name !== undefined && message === `${name}: ${DISPOSED_MESSAGE}`,
  );
}

const disposed = backendScenario('backend/disposed-device', async (backend, findings, { info }) => {
  const device = await backend.open({ device: info.id });
  const state = await device.createState({ total: pair(1) });
  const gone = await device.createState({ total: pair(1) });
  const foreign = foreignState({ total: pair(1) });
  const program = await device.compile(doubling());
  const run = (of: State = state): Execution => program.run(of, { x: pair(1) });
  const unread = run();
  await unread.accepted;
  await gone[Symbol.asyncDispose]();
  let isLost = false;
  void device.lost.then(() => (isLost = true));
  await device[Symbol.asyncDispose]();
  await device[Symbol.asyncDispose]();
  const attempts: Readonly<Record<string, () => Promise<unknown>>> = {
    createState: () => device.createState({ total: pair(1) }),
    compile: () => device.compile(doubling()),
    'compile with a frozen state': () => device.compile(doubling(), { frozen: state }),
    'compile with a frozen state that is disposed': () => device.compile(doubling(), { frozen: gone }),
    'compile with a frozen state of another backend': () => device.compile(doubling(), { frozen: foreign }),
    'execution.read()': () => run().read(),
    'execution.accepted': () => run().accepted,
    'execution.accepted of a run with a missing feed': () => program.run(state, {}).accepted,
    'execution.accepted of a run on a disposed state': () => run(gone).accepted,
    'execution.accepted of a run on the state of another backend': () => run(foreign).accepted,
    'a read of a state': () => state.read(),
    'a write to a state': () => state.write({ total: pair(1) }),
    'a read of a disposed state': () => gone.read(),
    'a write to a disposed state': () => gone.write({ total: pair(1) }),
    'execution.read() of an earlier run': () => unread.read(),
  };
  for (const [what, attempt] of Object.entries(attempts)) {
    await refusesDisposed(findings, `${what} on a disposed device`, attempt());
  }
  run().discard();
  for (const one of [state, gone, program]) {
    await one[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
  }
  await refusesDisposed(findings, 'a read of a disposed state on a disposed device', state.read());
  findings.holds('a disposed device is not reported as lost', !isLost);
});

/**
 * Every request made before the disposal still completes, and so does a later read of a run that had already started.
 */
const inARun = backendScenario('backend/disposed-in-a-run', async (backend, findings, { info }) => {
  const device = await backend.open({ device: info.id });
  const state = await device.createState({ total: pair(1) });
  const program = await device.compile(doubling());
  const run = (x: number): Execution => program.run(state, { x: pair(x) });
  const early = [run(3).read(), run(5).read()] as const;
  const [unread, dropped] = [run(7), run(0)];
  const reading = state.read();
  const writing = state.write({ total: pair(2) });
  const written = state.read();
  const late = {
    createState: device.createState({ total: pair(1) }),
    compile: device.compile(doubling()),
    'compile with a frozen state': device.compile(doubling(), { frozen: state }),
  };
  const refusals = Object.entries(late).map(([what, made]) =>
    refusesDisposed(findings, `${what} just before the disposal of the device`, made),
  );
  const disposals = [device, state, program, device].map((one) => one[Symbol.asyncDispose]());
  const runs: readonly (readonly [string, Promise<Tensors>, name: string, expected: readonly number[]])[] = [
    ['the first run before the disposal', early[0], 'before', [1, -1]],
    ['the second run before the disposal', early[1], 'before', [5, -5]],
    ['a run before the disposal, read after it', unread.read(), 'before', [15, -15]],
    ['a read of the state before the disposal', reading, 'total', [74, -74]],
    ['a read of the state after a write, before the disposal', written, 'total', [2, -2]],
  ];
  dropped.discard();
  const refused = [
    refusesDisposed(findings, 'a run after the disposal of the device', run(1).read()),
    refusesDisposed(findings, 'a read of the state after the disposal of the device', state.read()),
    refusesDisposed(findings, 'a write after the disposal of the device', state.write({ total: pair(1) })),
  ];
  const settled = Promise.allSettled(runs.map(([, outputs]) => outputs));
  await Promise.all([writing, settled, ...disposals, ...refusals, ...refused]);
  for (const [what, outputs, name, expected] of runs) {
    const got = await outputs.catch(messageOf);
    if (typeof got === 'string') findings.holds(`${what} succeeds, got "${got}"`, false);
    else findings.equal(what, got, name, expected);
  }
});

export const backendScenarios: readonly Check[] = [probed, unknown, options, byId, disposed, inARun];
