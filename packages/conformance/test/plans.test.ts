// The scenarios of the contract fail on devices whose plan ids are too coarse or too fine, and on devices whose
// compilers confuse graphs.
import type { Device, Program } from '@isonet/core';
import { definitionOf, legalize, UnsupportedOpError } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { forwarded } from '../src/forwarded.ts';
import { referenceDevice } from '../src/oracle.ts';
import type { WrongDevices } from './wrongDevices.ts';
import { failuresOf, verdictOf, withCompileErrors, withPrograms } from './wrongDevices.ts';

/** Wraps a device so that it has no kernels for exp and log. */
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

/** Wraps a device so that concurrent compilations share one program. */
function withSharedPrograms(device: Device): Device {
  let pending: Promise<Program> | undefined;
  const compile: Device['compile'] = (graph, options) => {
    pending ??= device.compile(graph, options).finally(() => (pending = undefined));
    return pending;
  };
  return { ...forwarded(device), compile };
}

let counter = 0;

const wrongDevices: WrongDevices = {
  'has plans without an id': [
    'contract/plan-ids',
    (device) => withPrograms(device, () => ({ plan: { id: '' } })),
  ],
  'has a new id for each compilation': [
    'contract/plan-ids',
    (device) => withPrograms(device, () => ({ plan: { id: `plan ${counter++}` } })),
  ],
  'has one id for all plans': [
    'contract/plan-ids',
    (device) => withPrograms(device, () => ({ plan: { id: 'mine 1.0' } })),
  ],
  'puts only the ops into the id': [
    'contract/plan-ids',
    (device) =>
      withPrograms(device, ({ graph }) => ({ plan: { id: graph.nodes.map(({ op }) => op).join() } })),
  ],
  'does not accept the data of its own plans': [
    'contract/plan-ids',
    (device) =>
      withPrograms(device, ({ plan: { id } }) => ({ plan: { id, data: { format: 'mine', version: 1 } } })),
  ],
  'ignores the plan that it receives': [
    'contract/foreign-plan',
    (device) => ({ ...forwarded(device), compile: (graph) => device.compile(graph) }),
  ],
  'refuses a plan with the wrong error': [
    'contract/foreign-plan',
    (device) => withCompileErrors(device, () => new UnsupportedOpError('what plan?')),
  ],
  'returns one program to concurrent compilations': ['contract/concurrent-compiles', withSharedPrograms],
  'lists only the first node that it refuses': [
    'contract/refusals-list-every-node',
    (device) =>
      withCompileErrors(withoutSome(device), (error) =>
        error instanceof UnsupportedOpError
          ? new UnsupportedOpError(error.message, error.refusals.slice(0, 1))
          : error,
      ),
  ],
  'lists no refused node': [
    'contract/refusals-list-every-node',
    (device) => withCompileErrors(withoutSome(device), () => new UnsupportedOpError('not today')),
  ],
};

describe('the contract fails a device that', () => {
  it.each(Object.entries(wrongDevices))('%s', async (_, [key, wrong]) => {
    const device = await referenceDevice();
    expect(await verdictOf(device, key)).toMatchObject({ passed: true, failures: [] });
    expect(await failuresOf(wrong(device), key)).not.toEqual([]);
  });
});

it('a device that lists every refused node passes', async () => {
  const device = withoutSome(await referenceDevice());
  expect(await verdictOf(device, 'contract/refusals-list-every-node')).toMatchObject({
    passed: true,
    failures: [],
  });
});
