// The scenarios of maxima fail on devices that handle infinities and NaN worse than they claim, and test only those claims.
import type { Claims, Device, Maxima, Tensor } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { forwarded } from '../src/forwarded.ts';
import { referenceDevice } from '../src/oracle.ts';
import { maximaScenarios } from '../src/contract/maxima.ts';
import type { WrongDevices } from './wrongDevices.ts';
import { failuresOf, mapped, verdictOf, withExecutions } from './wrongDevices.ts';

/** Wraps a device so that the values of its outputs are changed. */
function withValues(device: Device, change: (value: number, index: number) => number): Device {
  const changed = (tensor: Tensor): Tensor =>
    tensor.dtype === 'float64'
      ? { ...tensor, data: tensor.data.map((value, i) => change(value, i)) }
      : tensor;
  return withExecutions(device, (execution) => ({
    read: async (names) => mapped(await execution.read(names), changed),
  }));
}

const finite = (value: number): number =>
  Math.min(Math.max(value, -3.4028234663852886e38), 3.4028234663852886e38);
const withoutNan = (value: number): number => (Number.isNaN(value) ? 0 : value);

/** Wraps a device so that it moves the gradients of poolings by a pixel if `moves` returns true for them. */
function withMovedGradients(device: Device, moves: (dx: Tensor['data']) => boolean): Device {
  return withExecutions(device, (execution) => ({
    read: async (names) => {
      const outputs = await execution.read(names);
      const { dx } = outputs;
      if (dx?.dtype !== 'float64' || !moves(dx.data)) return outputs;
      const at = dx.data.findIndex((value) => value !== 0);
      const data = dx.data.slice();
      data.copyWithin(at + 1, at, at + 1);
      data[at] = 0;
      return { ...outputs, dx: { ...dx, data } };
    },
  }));
}

const wrongDevices: WrongDevices = {
  'returns the largest number for infinity in max': [
    'contract/infinities-in-max',
    (device) => withValues(device, finite),
  ],
  'returns the lowest number for -infinity in reduceMax': [
    'contract/infinities-in-reduceMax',
    (device) => withValues(device, (value) => Math.max(value, -3.4028234663852886e38)),
  ],
  'returns the lowest number for windows of -infinity': [
    'contract/infinities-in-maxPool2d',
    (device) => withValues(device, (value) => Math.max(value, -3.4028234663852886e38)),
  ],
  'returns finite numbers for the infinities of some windows': [
    'contract/infinities-in-maxPool2d',
    (device) => withValues(device, (value, i) => (i % 16 === 15 ? finite(value) : value)),
  ],
  'sends the gradient of tied infinities elsewhere': [
    'contract/infinities-in-maxPool2d',
    (device) => withMovedGradients(device, () => true),
  ],
  'drops NaN in max': ['contract/nan-in-max', (device) => withValues(device, withoutNan)],
  'drops NaN in reduceMax': ['contract/nan-in-reduceMax', (device) => withValues(device, withoutNan)],
  'drops NaN after the first 64 values': [
    'contract/nan-in-reduceMax',
    (device) => withValues(device, (value, i) => (i >= 64 ? withoutNan(value) : value)),
  ],
  'drops NaN in maxPool2d': ['contract/nan-in-maxPool2d', (device) => withValues(device, withoutNan)],
  'drops the last NaN in maxPool2d': [
    'contract/nan-in-maxPool2d',
    (device) => withValues(device, (value, i) => (i === 35 ? withoutNan(value) : value)),
  ],
  'loses the gradient of windows with NaN': [
    'contract/nan-in-maxPool2d',
    (device) =>
      withExecutions(device, (execution) => ({
        read: async (names) => {
          const outputs = await execution.read(names);
          const { dx } = outputs;
          return dx?.dtype === 'float64'
            ? { ...outputs, dx: { ...dx, data: dx.data.fill(0, 0, 4) } }
            : outputs;
        },
      })),
  ],
};

describe('the contract fails a device that', () => {
  it.each(Object.entries(wrongDevices))('%s', async (_, [key, wrong]) => {
    const device = await referenceDevice();
    expect(await verdictOf(device, key)).toMatchObject({ passed: true, failures: [] });
    expect(await failuresOf(wrong(device), key)).not.toEqual([]);
  });
});

/** Returns the reference with this claim for every op. */
async function claiming(maxima: Maxima): Promise<Device> {
  const device = await referenceDevice();
  const claims: Claims = {
    ...device.numerics.float32,
    maxima: { max: maxima, reduceMax: maxima, maxPool2d: maxima },
  };
  return { ...forwarded(device), numerics: { float32: claims } };
}

describe('a device that claims', () => {
  it.each([
    ['all', []],
    ['infinities', ['max', 'reduceMax', 'maxPool2d'].map((op) => `the device does not claim NaN in ${op}`)],
    [
      'none',
      ['max', 'reduceMax', 'maxPool2d'].flatMap((op) =>
        ['infinities', 'NaN'].map((what) => `the device does not claim ${what} in ${op}`),
      ),
    ],
  ] as const)('%s runs only the scenarios that test what it claims', async (maxima, notApplicable) => {
    const device = await claiming(maxima);
    const verdicts = await Promise.all(maximaScenarios.map(async ({ run }) => run(device)));
    expect(verdicts.flatMap((verdict) => verdict.notApplicable ?? [])).toEqual(notApplicable);
    expect(verdicts.flatMap(({ failures }) => failures)).toEqual([]);
  });
});
