// The checks of the backend itself fail on backends that break their promises.
import { reference } from '@isonet/backend-reference';
import type { Backend, Device, DeviceInfo } from '@isonet/core';
import { BackendError, DataError, DeviceLostError } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { forwarded } from '../src/forwarded.ts';
import type { Verdict } from '../src/index.ts';
import { referenceDevice } from '../src/oracle.ts';
import { backendScenarios } from '../src/contract/backend.ts';
import { failing, withExecutions, withPrograms } from './wrongDevices.ts';

async function verdictOf(key: string, changes: Partial<Backend>): Promise<Verdict> {
  const check = backendScenarios.find((candidate) => candidate.key === key);
  if (!check) throw new Error(`there is no check ${key}`);
  return await check.run(await referenceDevice(), { ...reference, ...changes });
}

const cpu: DeviceInfo = { id: 'cpu', kind: 'cpu', text: 'loops' };
const listing = (...devices: readonly DeviceInfo[]): Partial<Backend> => ({
  probe: async () => ({ ok: true, devices }),
});

const wrongBackends: Readonly<Record<string, readonly [key: string, changes: Partial<Backend>]>> = {
  'finds nothing': [
    'backend/probe',
    { probe: async () => ({ ok: false, code: 'NONE', reason: 'nothing', fix: 'none' }) },
  ],
  'lists nothing': ['backend/probe', listing()],
  'lists two devices of one id': ['backend/probe', listing(cpu, cpu)],
  'has an id with a space': ['backend/probe', listing({ ...cpu, id: 'the cpu' })],
  'has a text with a line break': ['backend/probe', listing({ ...cpu, text: 'loops\nmore loops' })],
  'opens any device': ['backend/unknown-device', { open: () => reference.open() }],
  'throws an error of the wrong class': [
    'backend/unknown-device',
    { open: (options) => Promise.reject(new TypeError(`what is ${options?.device}?`)) },
  ],
  'does not name the device in its error': [
    'backend/unknown-device',
    {
      open: () =>
        reference
          .open({ device: 'something' })
          .catch((error: Error) => Promise.reject(Object.assign(error, { message: 'no' }))),
    },
  ],
  'accepts any option': [
    'backend/unknown-option',
    { open: (options) => reference.open(options?.device === undefined ? {} : { device: options.device }) },
  ],
  'refuses options with the wrong error': [
    'backend/unknown-option',
    { open: () => Promise.reject(new BackendError('NO_DEVICE', 'what tread?')) },
  ],
  'opens devices that outlive their disposal': [
    'backend/disposed-device',
    {
      open: async () => ({
        ...forwarded(await reference.open()),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
    },
  ],
  'opens devices that fail on a second disposal': [
    'backend/disposed-device',
    {
      open: async () => {
        const device = await reference.open();
        let disposals = 0;
        const dispose = async (): Promise<void> => {
          if (disposals++ > 0) throw new Error('twice');
          await device[Symbol.asyncDispose]();
        };
        return { ...forwarded(device), [Symbol.asyncDispose]: dispose };
      },
    },
  ],
  'reports a disposed device in its own words': [
    'backend/disposed-device',
    {
      open: async () => {
        const device = await reference.open();
        const createState: Device['createState'] = (values) =>
          device.createState(values).catch(() => Promise.reject(new BackendError('DISPOSED', 'it is gone')));
        return { ...forwarded(device), createState };
      },
    },
  ],
  'returns outputs after the device is disposed': [
    'backend/disposed-device',
    {
      open: async () =>
        withExecutions(await reference.open(), (execution) => {
          const outputs = execution.read();
          outputs.catch(() => undefined);
          return { read: () => outputs };
        }),
    },
  ],
  'checks the feeds before the disposal': [
    'backend/disposed-device',
    {
      open: async () =>
        withPrograms(await reference.open(), (program) => ({
          run: (state, feeds) =>
            'x' in feeds ? program.run(state, feeds) : failing(new DataError('MISSING', 'x is missing')),
        })),
    },
  ],
  'reports a disposal as a lost device': [
    'backend/disposed-device',
    {
      open: async () => {
        const device = await reference.open();
        let lose: (reason: string) => void = () => undefined;
        const lost = new Promise<string>((resolve) => (lose = resolve));
        const dispose = async (): Promise<void> => {
          lose('destroyed');
          await device[Symbol.asyncDispose]();
        };
        return { ...forwarded(device), lost, [Symbol.asyncDispose]: dispose };
      },
    },
  ],
  'drops the runs under way at a disposal': [
    'backend/disposed-in-a-run',
    {
      open: async () => {
        const device = await reference.open();
        let disposed = false;
        const dropping = withExecutions(device, (execution) => ({
          read: async (names) => {
            const outputs = await execution.read(names);
            if (disposed) throw new DeviceLostError('gone');
            return outputs;
          },
        }));
        const dispose = async (): Promise<void> => {
          disposed = true;
          await device[Symbol.asyncDispose]();
        };
        return { ...dropping, [Symbol.asyncDispose]: dispose };
      },
    },
  ],
  'returns programs after a disposal': [
    'backend/disposed-in-a-run',
    {
      open: async () => {
        const [device, other] = [await reference.open(), await reference.open()];
        return { ...forwarded(device), compile: (graph) => other.compile(graph) };
      },
    },
  ],
  'opens a device of another id': [
    'backend/by-id',
    { open: async () => ({ ...forwarded(await reference.open()), info: { ...cpu, id: 'other' } }) },
  ],
};

describe('backend/*', () => {
  it.each(backendScenarios)('$key: the reference passes', async ({ key }) => {
    expect(await verdictOf(key, {})).toMatchObject({ passed: true, failures: [] });
  });

  it.each(Object.entries(wrongBackends))('fail if a backend %s', async (_, [key, changes]) => {
    const verdict = verdictOf(key, changes).catch(({ message }: Error) => ({ failures: [message] }));
    expect((await verdict).failures).not.toEqual([]);
  });

  it.each(backendScenarios)('$key does not apply to a device without its backend', async ({ run }) => {
    const subject = { name: 'any', open: () => reference.open() };
    expect(await run(await referenceDevice(), subject)).toMatchObject({
      failures: [],
      notApplicable: 'the subject has no probe: it is a device without its backend',
    });
  });
});
