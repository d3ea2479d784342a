// The scenarios of the contract fail on devices that keep, share or forget something that they must not.
import type { Device, Execution, State } from '@isonet/core';
import { DataError } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { forwarded } from '../src/forwarded.ts';
import { referenceDevice } from '../src/oracle.ts';
import type { WrongDevices } from './wrongDevices.ts';
import {
  failing,
  failuresOf,
  mapped,
  verdictOf,
  withExecutions,
  withFeeds,
  withPrograms,
} from './wrongDevices.ts';

const wrongDevices: WrongDevices = {
  'a plan without an id': [
    'contract/program-describes-itself',
    (device) => withPrograms(device, () => ({ plan: { id: '' } })),
  ],
  'bytes that are not a number': [
    'contract/program-describes-itself',
    (device) => withPrograms(device, () => ({ bytes: NaN })),
  ],
  'a graph that was not legalized': [
    'contract/program-describes-itself',
    (device) => {
      const compile: Device['compile'] = async (graph, options) => ({
        ...(await withPrograms(device, () => ({})).compile(graph, options)),
        graph,
      });
      return { ...forwarded(device), compile };
    },
  ],
  'executions that can be read twice': [
    'contract/executions-are-read-once',
    (device) =>
      withPrograms(device, (program) => ({
        run: (state, feeds) => {
          const execution = program.run(state, feeds);
          let outputs: ReturnType<Execution['read']> | undefined;
          const read: Execution['read'] = () => (outputs ??= execution.read());
          return { accepted: execution.accepted, read, discard: () => undefined };
        },
      })),
  ],
  'an error of the wrong class for a state of another device': [
    'contract/foreign-state',
    (device) =>
      withPrograms(device, (program) => ({
        run: (state: State, feeds) => {
          const own = 'memory' in state;
          return own ? program.run(state, feeds) : failing(new DataError('TYPE', 'what is this?'));
        },
      })),
  ],
  'programs that outlive their disposal': [
    'contract/disposed',
    (device) => withPrograms(device, () => ({ [Symbol.asyncDispose]: () => Promise.resolve() })),
  ],
  'feeds that are read late': [
    'contract/feeds-that-are-updates',
    (device) =>
      withPrograms(device, (program) => ({
        run: (state, feeds) => ({
          accepted: Promise.resolve(),
          read: (names) => program.run(state, feeds).read(names),
          discard: () => undefined,
        }),
      })),
  ],
  'programs whose disposal interrupts a run': [
    'contract/disposed-in-a-run',
    (device) =>
      withPrograms(device, (program) => {
        let disposed = false;
        return {
          run: (state, feeds) => {
            const execution = program.run(state, feeds);
            const read: Execution['read'] = async (names) => {
              const outputs = await execution.read(names);
              if (disposed) throw new DataError('TYPE', 'what run?');
              return outputs;
            };
            return { accepted: execution.accepted, read, discard: () => undefined };
          },
          [Symbol.asyncDispose]: async () => {
            disposed = true;
            await program[Symbol.asyncDispose]();
          },
        };
      }),
  ],
  'feeds read from the start of their buffer': [
    'contract/feeds-of-one-buffer',
    (device) =>
      withFeeds(device, (feeds) =>
        mapped(feeds, (tensor) =>
          tensor.dtype === 'float32'
            ? { ...tensor, data: new Float32Array(tensor.data.buffer, 0, tensor.data.length) }
            : tensor,
        ),
      ),
  ],
  'feeds whose buffer is transferred': [
    'contract/feeds-of-one-buffer',
    (device) =>
      withFeeds(device, (feeds) => {
        const copies = mapped(feeds, (tensor) => structuredClone(tensor));
        const buffers = new Set(Object.values(feeds).map(({ data }) => data.buffer as ArrayBuffer));
        structuredClone(null, { transfer: [...buffers] });
        return copies;
      }),
  ],
  'outputs that change with the state': [
    'contract/output-that-is-an-update',
    (device) =>
      withExecutions(device, (execution, state) => ({
        read: async (names) => {
          const outputs = await execution.read(names);
          const { total } = await state.read();
          return total ? { ...outputs, sum: total } : outputs;
        },
      })),
  ],
  'outputs that share one array': [
    'contract/results-are-copies',
    (device) =>
      withPrograms(device, (program) => ({
        run: (state, feeds) => {
          const execution = program.run(state, feeds);
          const read: Execution['read'] = async (names) => {
            const outputs = await execution.read(names);
            const held = outputs['held'];
            return held ? { ...outputs, 'held again': held } : outputs;
          };
          return { accepted: execution.accepted, read, discard: () => execution.discard() };
        },
      })),
  ],
};

describe('the contract fails a device with', () => {
  it.each(Object.entries(wrongDevices))('%s', async (_, [key, wrong]) => {
    const device = await referenceDevice();
    expect(await verdictOf(device, key)).toMatchObject({ passed: true, failures: [] });
    expect(await failuresOf(wrong(device), key)).not.toEqual([]);
  });
});
