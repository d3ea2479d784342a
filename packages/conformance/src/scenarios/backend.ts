// What a backend promises before a device is open: tables of devices and one clear line are printed from it.
import type { Backend, Device } from '@isonet/core';
import { BackendError, scalar } from '@isonet/core';
import type { Check } from '../verdict.ts';
import { Findings } from '../verdict.ts';

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
  return { key, subject: 'backend', form: 'native', tier: 'contract', run };
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

export const backendScenarios: readonly Check[] = [probed, unknown, byId];
