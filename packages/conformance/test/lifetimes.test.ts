// That the contract's scenarios convict devices that keep, share or forget what they must not.
import type { Device, Execution, Program, State } from '@isonet/core';
import { DataError } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { forwarded, forwardedProgram } from '../src/forwarded.ts';
import { referenceDevice } from '../src/oracle.ts';
import { scenarios } from '../src/scenarios/index.ts';
import type { Verdict } from '../src/index.ts';

async function verdictOf(device: Device, key: string): Promise<Verdict> {
  const check = scenarios.find((candidate) => candidate.key === key);
  if (!check) throw new Error(`there is no check ${key}`);
  return await check.run(device);
}

/** The device, but its programs are changed. */
function withPrograms(device: Device, change: (program: Program) => Partial<Program>): Device {
  const compile: Device['compile'] = async (graph, options) => {
    const program = await device.compile(graph, options);
    return { ...forwardedProgram(program), ...change(program) };
  };
  return { ...forwarded(device), compile };
}

function failing(reason: Error): Execution {
  const accepted = Promise.reject<void>(reason);
  accepted.catch(() => undefined);
  return { accepted, read: () => Promise.reject(reason), discard: () => undefined };
}

const faults: Readonly<Record<string, [key: string, plant: (device: Device) => Device]>> = {
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
          const own = 'land' in state;
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
    const { passed, failures } = await verdictOf(plant(device), key);
    expect(passed).toBe(false);
    expect(failures.length).toBeGreaterThan(0);
  });
});
