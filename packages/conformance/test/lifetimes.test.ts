// That the contract's scenarios convict devices that keep, share or forget what they must not.
import type { Device, Execution, State } from '@isonet/core';
import { DataError } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { forwarded } from '../src/forwarded.ts';
import { referenceDevice } from '../src/oracle.ts';
import type { PlantedDevices } from './wrongDevices.ts';
import {
  failing,
  failuresOf,
  mapped,
  verdictOf,
  withExecutions,
  withFeeds,
  withPrograms,
} from './wrongDevices.ts';

const faults: PlantedDevices = {
  'a plan without an id': [
    'contract/program-describes-itself',
    (device) => withPrograms(device, () => ({ plan: { id: '' } })),
  ],
  'bytes that are no number': [
    'contract/program-describes-itself',
    (device) => withPrograms(device, () => ({ bytes: NaN })),
  ],
  'a graph that was never made legal': [
    'contract/program-describes-itself',
    (device) => {
      const compile: Device['compile'] = async (graph, options) => ({
        ...(await withPrograms(device, () => ({})).compile(graph, options)),
        graph,
      });
      return { ...forwarded(device), compile };
    },
  ],
  'executions that can be read again': [
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
  'the wrong class of error for a foreign state': [
    'contract/foreign-state',
    (device) =>
      withPrograms(device, (program) => ({
        run: (state: State, feeds) => {
          const own = 'memory' in state;
          return own ? program.run(state, feeds) : failing(new DataError('TYPE', 'what is this?'));
        },
      })),
  ],
  'programs that live on': [
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
  'programs that end in the middle of a run': [
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
  'feeds that are read from the beginning of their buffer': [
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
  'feeds whose buffer is taken away': [
    'contract/feeds-of-one-buffer',
    (device) =>
      withFeeds(device, (feeds) => {
        const copies = mapped(feeds, (tensor) => structuredClone(tensor));
        const buffers = new Set(Object.values(feeds).map(({ data }) => data.buffer as ArrayBuffer));
        structuredClone(null, { transfer: [...buffers] });
        return copies;
      }),
  ],
  'outputs that follow the state': [
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

describe('a device with', () => {
  it.each(Object.entries(faults))('%s', async (_, [key, plant]) => {
    const device = await referenceDevice();
    expect(await verdictOf(device, key)).toMatchObject({ passed: true, failures: [] });
    expect(await failuresOf(plant(device), key)).not.toEqual([]);
  });
});
