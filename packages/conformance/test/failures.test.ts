// The scenarios of the contract fail on devices that confuse refused runs with failed ones, or that lose errors.
import type { Device, Execution } from '@isonet/core';
import { BackendError, DataError, IsonetError } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { referenceDevice } from '../src/oracle.ts';
import type { WrongDevices } from './wrongDevices.ts';
import { failing, failuresOf, verdictOf, withExecutions, withPrograms, withStates } from './wrongDevices.ts';

/** Wraps a device so that every error of its runs and states is changed. */
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

const wrongDevices: WrongDevices = {
  'accepts every run': [
    'contract/refused-runs',
    (device) => withExecutions(device, () => ({ accepted: Promise.resolve() })),
  ],
  'accepts no run': [
    'contract/refused-runs',
    (device) => withExecutions(device, () => ({ accepted: failing(new Error('busy')).accepted })),
  ],
  'executes a run that it refused': [
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
  'reports a failed run as refused': [
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
  'returns outputs of a run that it refused': [
    'contract/failed-run',
    (device) =>
      withPrograms(device, (program) => ({
        run: (state, feeds) => {
          if (!Object.values(feeds).some(isUnreadable)) return program.run(state, feeds);
          return { ...failing(new DataError('UNREADABLE', 'x cannot be read')), read: () => state.read() };
        },
      })),
  ],
  'keeps the state usable after a failed run': [
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
  'throws errors of another class': [
    'contract/errors',
    (device) => withErrors(device, ({ code, message }) => new BackendError(code, message)),
  ],
  'throws plain errors': [
    'contract/errors',
    (device) => withErrors(device, ({ message }) => new Error(message)),
  ],
  'uses one code for all errors': [
    'contract/errors',
    (device) =>
      withErrors(device, (error) =>
        error instanceof DataError
          ? new DataError('DATA', error.message)
          : new BackendError('RUN', error.message),
      ),
  ],
  'drops the messages': [
    'contract/errors',
    (device) => withErrors(device, (error) => Object.assign(error, { message: '' })),
  ],
};

describe('the contract fails a device that', () => {
  it.each(Object.entries(wrongDevices))('%s', async (_, [key, wrong]) => {
    const device = await referenceDevice();
    expect(await verdictOf(device, key)).toMatchObject({ passed: true, failures: [] });
    expect(await failuresOf(wrong(device), key)).not.toEqual([]);
  });
});

it('a device may refuse a run whose feeds it finds unreadable', async () => {
  const careful = withPrograms(await referenceDevice(), (program) => ({
    run: (state, feeds) =>
      Object.values(feeds).some(isUnreadable)
        ? failing(new DataError('UNREADABLE', 'x cannot be read'))
        : program.run(state, feeds),
  }));
  expect(await verdictOf(careful, 'contract/failed-run')).toMatchObject({ passed: true, failures: [] });
});
