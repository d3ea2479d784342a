// What a backend promises before a device is open: tables of devices and one clear line are printed from it.
import type { Backend, Device, Execution, OpenOptions, State } from '@isonet/core';
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
    if (!subject || !probe)
      return findings.verdict(key, {
        notApplicable: 'the subject has no probe: it is a device without its backend',
      });
    await steps({ probe, open: (options) => subject.open(options) }, findings, device);
    return findings.verdict(key);
  };
  return { key, group: 'backend', form: 'native', tier: 'contract', covers: () => [key], run };
}

const kinds: readonly string[] = ['gpu', 'cpu', 'software'];

const probed = backendScenario('backend/probe', async (backend, findings, { info }) => {
  const found = await backend.probe();
  findings.holds('it finds devices, since one is open', found.ok);
  if (!found.ok) return;
  const { devices } = found;
  findings.holds('it lists one', devices.length > 0);
  findings.holds('their ids differ', new Set(devices.map(({ id }) => id)).size === devices.length);
  for (const { id, kind, text } of [...devices, info]) {
    findings.holds(`the id "${id}" can be typed as one word`, /^\S+$/.test(id));
    findings.holds(`the kind of ${id} is one of ${kinds.join(', ')}`, kinds.includes(kind));
    findings.holds(`the text of ${id} is one line`, /^.+$/.test(text));
  }
});

const ID = 'no-such-device';

const unknown = backendScenario('backend/unknown-device', async (backend, findings) => {
  const opened = backend.open({ device: ID }).then(async (device) => {
    await device[Symbol.asyncDispose]();
    return 'it opens';
  });
  await findings.rejects(`open({ device: '${ID}' })`, opened, BackendError);
  const message = await opened.catch((error: unknown) => (error instanceof Error ? error.message : ''));
  findings.holds('the error is one line that names the id', /^.+$/.test(message) && message.includes(ID));
});

const byId = backendScenario('backend/by-id', async (backend, findings, device) => {
  const { id } = device.info;
  const other = await backend.open({ device: id });
  const got = other.info.id;
  await other[Symbol.asyncDispose]();
  findings.holds(`open({ device: '${id}' }) gives that device`, got === id);
  await using state = await device.createState({ total: pair(3) });
  await using program = await device.compile(doubling());
  const after = 'a device, after another of the same id is disposed';
  findings.equal(after, await program.run(state, { x: pair(1) }).read(), 'before', [3, -3]);
  findings.equal(after, await state.read(), 'total', [7, -7]);
});

const misspelt = { tread: 2 };

/** A misspelt option would otherwise be one that nobody takes. */
const options = backendScenario('backend/unknown-option', async (backend, findings, { info }) => {
  const opened = async (asked: OpenOptions): Promise<void> =>
    (await backend.open(asked))[Symbol.asyncDispose]();
  const wrong = opened({ device: info.id, ...misspelt });
  await findings.rejects('an option that no backend has', wrong, BackendError, 'UNKNOWN_OPTION');
  // Out of its range where the backend has it, and unknown where not.
  await findings.rejects('no threads at all', opened({ device: info.id, threads: 0 }), BackendError);
});

/** After the name of the backend. */
const WORDS = 'the device is disposed; open it again';

/** That a device refuses what it is asked because it is disposed: on every backend the same class, code and words. */
async function refusesDisposed(findings: Findings, what: string, answer: Promise<unknown>): Promise<void> {
  await findings.rejects(what, answer, BackendError, 'DISPOSED');
  const message = await answer.then(() => '', messageOf);
  const name = /^(\S+): /.exec(message)?.[1];
  findings.holds(
    `${what} the message is "NAME: ${WORDS}", got "${message}"`,
    name !== undefined && message === `${name}: ${WORDS}`,
  );
}

const disposed = backendScenario('backend/disposed-device', async (backend, findings, { info }) => {
  const device = await backend.open({ device: info.id });
  const state = await device.createState({ total: pair(1) });
  const gone = await device.createState({ total: pair(1) });
  const program = await device.compile(doubling());
  const run = (of: State = state): Execution => program.run(of, { x: pair(1) });
  const unread = run();
  await unread.accepted;
  await gone[Symbol.asyncDispose]();
  let isLost = false;
  void device.lost.then(() => (isLost = true));
  await device[Symbol.asyncDispose]();
  await device[Symbol.asyncDispose]();
  const asked: Readonly<Record<string, () => Promise<unknown>>> = {
    'a state': () => device.createState({ total: pair(1) }),
    'a program': () => device.compile(doubling()),
    'a program with frozen weights': () => device.compile(doubling(), { frozen: state }),
    'a program with weights that are disposed': () => device.compile(doubling(), { frozen: gone }),
    "a program with another backend's weights": () =>
      device.compile(doubling(), { frozen: foreignState({ total: pair(1) }) }),
    'a run': () => run().read(),
    'a run, before it is accepted': () => run().accepted,
    'a run on feeds that do not fit': () => program.run(state, {}).accepted,
    'a run on a state that is disposed': () => run(gone).accepted,
    "a run on another backend's state": () => run(foreignState({ total: pair(1) })).accepted,
    'a read of a state': () => state.read(),
    'a write to a state': () => state.write({ total: pair(1) }),
    'a read of a state that is disposed': () => gone.read(),
    'a write to a state that is disposed': () => gone.write({ total: pair(1) }),
    'the outputs of a run before': () => unread.read(),
  };
  for (const [what, ask] of Object.entries(asked)) {
    await refusesDisposed(findings, `a disposed device is asked for ${what}:`, ask());
  }
  run().discard();
  for (const one of [state, gone, program]) {
    await one[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
  }
  await refusesDisposed(findings, 'a disposed state of a disposed device is read:', state.read());
  findings.holds('a device that is disposed of is not lost', !isLost);
});

/** What was asked for before the disposal is done; so is a read, asked for meanwhile, of a run that was begun. */
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
    'a state that was being made': device.createState({ total: pair(1) }),
    'a program that was being compiled': device.compile(doubling()),
    'a frozen one': device.compile(doubling(), { frozen: state }),
  };
  const refusals = Object.entries(late).map(([what, made]) => refusesDisposed(findings, `${what}:`, made));
  const disposals = [device, state, program, device].map((one) => one[Symbol.asyncDispose]());
  const runs = [
    { what: 'the first run', outputs: early[0], name: 'before', expected: [1, -1] },
    { what: 'the second run', outputs: early[1], name: 'before', expected: [5, -5] },
    { what: 'a run that is read late', outputs: unread.read(), name: 'before', expected: [15, -15] },
    { what: 'a read of the state', outputs: reading, name: 'total', expected: [74, -74] },
    { what: 'a read behind a write', outputs: written, name: 'total', expected: [2, -2] },
  ];
  dropped.discard();
  const refused = [
    refusesDisposed(findings, 'a run behind the disposal:', run(1).read()),
    refusesDisposed(findings, 'a read of the state behind it:', state.read()),
    refusesDisposed(findings, 'a write behind it:', state.write({ total: pair(1) })),
  ];
  const settled = Promise.allSettled(runs.map(({ outputs }) => outputs));
  await Promise.all([writing, settled, ...disposals, ...refusals, ...refused]);
  for (const { what, outputs, name, expected } of runs) {
    const got = await outputs.catch(messageOf);
    if (typeof got === 'string') findings.holds(`${what} is done, got "${got}"`, false);
    else findings.equal(what, got, name, expected);
  }
});

export const backendScenarios: readonly Check[] = [probed, unknown, options, byId, disposed, inARun];
