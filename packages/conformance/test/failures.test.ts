// That the contract's scenarios convict devices that mix up what is refused and what fails, or lose errors on their way.
import type { Device, Execution } from '@isonet/core';
import { BackendError, DataError, IsonetError } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { referenceDevice } from '../src/oracle.ts';
import type { PlantedDevices } from './wrongDevices.ts';
import { failing, failuresOf, verdictOf, withExecutions, withPrograms, withStates } from './wrongDevices.ts';

/** Every error of runs and states made another. */
function withErrors(device: Device, change: (error: IsonetError) => Error): Device {
  const changed = <T>(promise: Promise<T>): Promise<T> =>
    promise.catch((error: unknown) => Promise.reject(error instanceof IsonetError ? change(error) : error));
  const runs = withExecutions(device, (execution) => ({ read: (names) => changed(execution.read(names)) }));
  return withStates(runs, ({ read, write }) => ({
    read: (names) => changed(read(names)),
    write: (values) => changed(write(values)),
  }));
}

function isUnreadable({ data }: { readonly data: ArrayLike<number> }): boolean {
  try {
    return data[0] === undefined;
  } catch {
    return true;
  }
}

const faults: PlantedDevices = {
  'accepts every run': [
    'contract/refused-runs',
    (device) => withExecutions(device, () => ({ accepted: Promise.resolve() })),
  ],
  'accepts none': [
    'contract/refused-runs',
    (device) => withExecutions(device, () => ({ accepted: failing(new Error('busy')).accepted })),
  ],
  'runs what it refuses': [
    'contract/refused-runs',
    (device) =>
      withPrograms(device, (program) => ({
        run: (state, feeds) => {
          if (Object.keys(feeds).length > 0) return program.run(state, feeds);
          program.run(state, { x: { dtype: 'float32', shape: [2], data: Float32Array.of(3, -3) } }).discard();
          return failing(new DataError('MISSING', 'x is missing'));
        },
      })),
  ],
  'says of a run that failed that it was refused': [
    'contract/failed-run',
    (device) =>
      withExecutions(device, (execution) => {
        const outputs = execution.read();
        const accepted = outputs.then(() => undefined);
        accepted.catch(() => undefined);
        const read: Execution['read'] = () => outputs;
        return { accepted, read };
      }),
  ],
  'gives the outputs of a run that it refused': [
    'contract/failed-run',
    (device) =>
      withPrograms(device, (program) => ({
        run: (state, feeds) => {
          if (!Object.values(feeds).some(isUnreadable)) return program.run(state, feeds);
          return { ...failing(new DataError('UNREADABLE', 'x cannot be read')), read: () => state.read() };
        },
      })),
  ],
  'goes on after a run that failed': [
    'contract/failed-run',
    (device) =>
      withPrograms(device, (program) => ({
        run: (state, feeds) => {
          if (!Object.values(feeds).some(isUnreadable)) return program.run(state, feeds);
          const read: Execution['read'] = () => Promise.reject(new BackendError('RUN', 'it failed'));
          return { accepted: Promise.resolve(), read, discard: () => undefined };
        },
      })),
  ],
  'has another class for its errors': [
    'contract/errors',
    (device) => withErrors(device, ({ code, message }) => new BackendError(code, message)),
  ],
  'has errors of no class': [
    'contract/errors',
    (device) => withErrors(device, ({ message }) => new Error(message)),
  ],
  'has one code for all': [
    'contract/errors',
    (device) =>
      withErrors(device, (error) =>
        error instanceof DataError
          ? new DataError('DATA', error.message)
          : new BackendError('RUN', error.message),
      ),
  ],
  'loses the messages': [
    'contract/errors',
    (device) => withErrors(device, (error) => Object.assign(error, { message: '' })),
  ],
};

describe('the contract convicts a device that', () => {
  it.each(Object.entries(faults))('%s', async (_, [key, plant]) => {
    const device = await referenceDevice();
    expect(await verdictOf(device, key)).toMatchObject({ passed: true, failures: [] });
    expect(await failuresOf(plant(device), key)).not.toEqual([]);
  });
});

it('a device that sees before a run that its feeds cannot be read has refused it', async () => {
  const careful = withPrograms(await referenceDevice(), (program) => ({
    run: (state, feeds) =>
      Object.values(feeds).some(isUnreadable)
        ? failing(new DataError('UNREADABLE', 'x cannot be read'))
        : program.run(state, feeds),
  }));
  expect(await verdictOf(careful, 'contract/failed-run')).toMatchObject({ passed: true, failures: [] });
});
