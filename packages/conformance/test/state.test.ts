// The scenarios of the contract fail on states and programs that lose, confuse or reorder values. Results must have
// the expected shapes.
import type { Device, State } from '@isonet/core';
import { float32, sizeOf } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { compare } from '../src/check/compare.ts';
import { forwarded, forwardedProgram } from '../src/forwarded.ts';
import { referenceDevice } from '../src/oracle.ts';
import type { WrongDevices } from './wrongDevices.ts';
import { failuresOf, mapped, verdictOf, withStates } from './wrongDevices.ts';

/**
 * Wraps a device so that its programs always run on the first state they see or, with 'frozen', on the first state
 * that any program was compiled with.
 */
function withOneState(device: Device, only: 'first' | 'frozen'): Device {
  let baked: State | undefined;
  const compile: Device['compile'] = async (graph, options) => {
    const program = await device.compile(graph, options);
    baked ??= options?.frozen;
    let bound = options?.frozen ? baked : undefined;
    return {
      ...forwardedProgram(program),
      run: (state, feeds) => {
        if (only === 'first') bound ??= state;
        return program.run(bound ?? state, feeds);
      },
    };
  };
  return { ...forwarded(device), compile };
}

const wrongDevices: WrongDevices = {
  'shapes are lost in states': [
    'contract/state-round-trip',
    (device) =>
      withStates(device, ({ read }) => ({
        read: async (names) =>
          mapped(await read(names), (tensor) => ({ ...tensor, shape: [sizeOf(tensor.shape)] })),
      })),
  ],
  'states hold integers as float32': [
    'contract/state-round-trip',
    (device) =>
      withStates(device, ({ read }) => ({
        read: async (names) =>
          mapped(await read(names), (tensor) =>
            tensor.dtype === 'int32' ? { ...tensor, data: tensor.data.map(Math.fround) } : tensor,
          ),
      })),
  ],
  'a write that fails is committed in part': [
    'contract/state-writes-are-checked',
    (device) =>
      withStates(device, ({ write }) => ({
        write: async (values) => {
          for (const [name, value] of Object.entries(values)) await write({ [name]: value });
        },
      })),
  ],
  'a write accepts another dtype': [
    'contract/state-writes-are-checked',
    (device) =>
      withStates(device, ({ write }) => ({
        write: (values) =>
          write(
            mapped(values, (value) =>
              value.dtype === 'int32' ? float32(value.shape, [...value.data]) : value,
            ),
          ),
      })),
  ],
  'a read is overtaken by later writes': [
    'contract/state-reads-in-requested-order',
    (device) =>
      withStates(device, ({ read }) => ({
        read: async (names) => {
          await new Promise((resolve) => setImmediate(resolve));
          return await read(names);
        },
      })),
  ],
  'a program always uses its first state': ['contract/two-states', (device) => withOneState(device, 'first')],
  'programs of other frozen states share the first values': [
    'contract/two-states',
    (device) => withOneState(device, 'frozen'),
  ],
};

describe('the contract fails a device on which', () => {
  it.each(Object.entries(wrongDevices))('%s', async (_, [key, wrong]) => {
    const device = await referenceDevice();
    expect(await verdictOf(device, key)).toMatchObject({ passed: true, failures: [] });
    expect(await failuresOf(wrong(device), key)).not.toEqual([]);
  });
});

describe('a result', () => {
  const type = { dtype: 'float32', shape: [2] } as const;

  it('has as many values as its shape, in an array of its dtype', () => {
    expect(compare(float32([2], [1, 2]), type, [1, 2])).toEqual({ worst: 0 });
    const long = { ...type, data: Float32Array.of(1, 2, 0) };
    expect(compare(long, type, [1, 2]).failure).toBe('holds 3 values for float32 [2], expected 2');
    // A backend in plain JavaScript may return this.
    const wide = Object.assign(float32([2], [1, 2]), { data: Float64Array.of(1, 2) });
    expect(compare(wide, type, [1, 2]).failure).toBe('is held in Float64Array, expected Float32Array');
  });

  it('is not compared with a bound below 0', () => {
    expect(() => compare(float32([2], [1, 2]), type, [1, 3], [0, -1])).toThrow(
      'expected a finite bound of at least 0, got -1',
    );
  });
});
