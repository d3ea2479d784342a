// What a backend promises before a device is open: tables of devices and one clear line are printed from it.
import type { Backend, Device, Execution, OpenOptions } from '@isonet/core';
import { BackendError, IsonetError, scalar } from '@isonet/core';
import type { Check } from '../verdict.ts';
import { Findings } from '../verdict.ts';
import { doubling, pair } from './graphs.ts';

type Opener = Pick<Backend, 'probe' | 'open'>;

function backendScenario(
  key: string,
  steps: (backend: Opener, findings: Findings, device: Device) => Promise<void>,
): Check {
  const run: Check['run'] = async (device, subject) => {
    const findings = new Findings();
    const probe = subject?.probe?.bind(subject);
    if (!subject || !probe)
      return findings.verdict(key, 'a device alone was given, without the probe of its backend');
    await steps({ probe, open: (options) => subject.open(options) }, findings, device);
    return findings.verdict(key);
  };
  return { key, subject: 'backend', form: 'native', tier: 'contract', covers: () => [key], run };
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
  const state = await device.createState({ x: scalar(3) });
  findings.equal('a device, after another of the same id is disposed', await state.read(), 'x', [3]);
  await state[Symbol.asyncDispose]();
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

const disposed = backendScenario('backend/disposed-device', async (backend, findings, { info }) => {
  const device = await backend.open({ device: info.id });
  const state = await device.createState({ total: pair(1) });
  const program = await device.compile(doubling());
  await device[Symbol.asyncDispose]();
  await device[Symbol.asyncDispose]();
  const asked: Readonly<Record<string, () => Promise<unknown>>> = {
    'a state': () => device.createState({ total: pair(1) }),
    'a program': () => device.compile(doubling()),
    'a run': () => program.run(state, { x: pair(1) }).read(),
    'to accept a run': () => program.run(state, { x: pair(1) }).accepted,
    'to read a state': () => state.read(),
    'to write a state': () => state.write({ total: pair(1) }),
  };
  for (const [what, ask] of Object.entries(asked)) {
    await findings.rejects(`a disposed device is asked for ${what}:`, ask(), BackendError, 'DISPOSED');
  }
  await state[Symbol.asyncDispose]();
  await program[Symbol.asyncDispose]();
});

/** A run that is under way, read before or after the disposal has begun, ends by its numbers or by an error, and so does the disposal. */
const inARun = backendScenario('backend/disposed-in-a-run', async (backend, findings, { info }) => {
  const device = await backend.open({ device: info.id });
  const state = await device.createState({ total: pair(1) });
  const program = await device.compile(doubling());
  const run = (x: number): Execution => program.run(state, { x: pair(x) });
  const early = [run(3).read(), run(5).read()] as const;
  const unread = run(7);
  const disposal = device[Symbol.asyncDispose]();
  const runs = [
    { what: 'the first run', reading: early[0], before: [1, -1] },
    { what: 'the second run', reading: early[1], before: [5, -5] },
    { what: 'the run that is read late', reading: unread.read(), before: [15, -15] },
  ];
  const settled = Promise.allSettled(runs.map(({ reading }) => reading));
  await disposal;
  await settled;
  for (const { what, reading, before } of runs) {
    const outputs = await reading.catch(() => undefined);
    if (outputs) findings.equal(what, outputs, 'before', before);
    else await findings.rejects(what, reading, IsonetError);
  }
});

export const backendScenarios: readonly Check[] = [probed, unknown, options, byId, disposed, inARun];
