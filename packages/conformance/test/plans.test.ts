// That the contract's scenarios convict devices whose plans say too little, and compilers that mix up what they are given.
import type { Device, Program } from '@isonet/core';
import { definitionOf, legalize, UnsupportedOpError } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { forwarded } from '../src/forwarded.ts';
import { referenceDevice } from '../src/oracle.ts';
import type { PlantedDevices } from './wrongDevices.ts';
import { failuresOf, verdictOf, withCompileErrors, withPrograms } from './wrongDevices.ts';

/** The device without exp and log. */
function withoutSome(device: Device): Device {
  const compile: Device['compile'] = (graph, options) =>
    device.compile(
      legalize(graph, ({ op }) =>
        op === 'exp' || op === 'log' || definitionOf(op).kind === 'composite' ? `no ${op}` : true,
      ),
      options,
    );
  return { ...forwarded(device), compile: async (graph, options) => compile(graph, options) };
}

/** Whoever asks for a graph that is being compiled gets that very program. */
function withSharedPrograms(device: Device): Device {
  let pending: Promise<Program> | undefined;
  const compile: Device['compile'] = (graph, options) => {
    pending ??= device.compile(graph, options).finally(() => (pending = undefined));
    return pending;
  };
  return { ...forwarded(device), compile };
}

let counter = 0;

const faults: PlantedDevices = {
  'has plans without an id': [
    'contract/plan-ids',
    (device) => withPrograms(device, () => ({ plan: { id: '' } })),
  ],
  'has a new id for each plan': [
    'contract/plan-ids',
    (device) => withPrograms(device, () => ({ plan: { id: `plan ${counter++}` } })),
  ],
  'has one id for all plans': [
    'contract/plan-ids',
    (device) => withPrograms(device, () => ({ plan: { id: 'mine 1.0' } })),
  ],
  'tells the ops of a plan only': [
    'contract/plan-ids',
    (device) =>
      withPrograms(device, ({ graph }) => ({ plan: { id: graph.nodes.map(({ op }) => op).join() } })),
  ],
  'does not take back what its plans chose': [
    'contract/plan-ids',
    (device) =>
      withPrograms(device, ({ plan: { id } }) => ({ plan: { id, data: { format: 'mine', version: 1 } } })),
  ],
  'does not look at the plan that it is given': [
    'contract/foreign-plan',
    (device) => ({ ...forwarded(device), compile: (graph) => device.compile(graph) }),
  ],
  'refuses a plan by another error': [
    'contract/foreign-plan',
    (device) => withCompileErrors(device, () => new UnsupportedOpError('what plan?')),
  ],
  'gives one program to all who compile at once': ['contract/concurrent-compiles', withSharedPrograms],
  'lists the first node alone that it refuses': [
    'contract/refusals-list-every-node',
    (device) =>
      withCompileErrors(withoutSome(device), (error) =>
        error instanceof UnsupportedOpError
          ? new UnsupportedOpError(error.message, error.refusals.slice(0, 1))
          : error,
      ),
  ],
  'lists nothing that it refuses': [
    'contract/refusals-list-every-node',
    (device) => withCompileErrors(withoutSome(device), () => new UnsupportedOpError('not today')),
  ],
};

describe('the contract convicts a device that', () => {
  it.each(Object.entries(faults))('%s', async (_, [key, plant]) => {
    const device = await referenceDevice();
    expect(await verdictOf(device, key)).toMatchObject({ passed: true, failures: [] });
    expect(await failuresOf(plant(device), key)).not.toEqual([]);
  });
});

it('a device that lists all that it refuses is right', async () => {
  const device = withoutSome(await referenceDevice());
  expect(await verdictOf(device, 'contract/refusals-list-every-node')).toMatchObject({
    passed: true,
    failures: [],
  });
});
