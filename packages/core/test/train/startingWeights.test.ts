// Initial weights: all of them, or those that fit.
import type { FitOptions, Model, Tensor, Tensors, WeightsReport } from '@isonet/core';
import {
  batchNorm,
  conv2d,
  DataError,
  dense,
  fit,
  flatten,
  float32,
  globalAvgPool2d,
  he,
  initialize,
  int32,
  sequential,
  stateOf,
} from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { options } from './tiny.ts';

function withHead(classes: number): Model {
  return {
    name: 'net',
    input: { name: 'images', shape: [1, 6, 6] },
    output: { name: 'logits', shape: [classes] },
    layer: sequential({
      c1: conv2d(2, { kernel: 3 }),
      bn: batchNorm(),
      gap: globalAvgPool2d(),
      flatten: flatten(),
      head: dense(classes),
    }),
  };
}

const model = withHead(2);

/** Returns the state before the first step, and the reports on the loaded weights. */
async function started(changes: Partial<FitOptions>): Promise<{ state: Tensors; reports: WeightsReport[] }> {
  const reports: WeightsReport[] = [];
  const order: string[] = [];
  const given = await options({
    model,
    epochs: 0,
    onWeights: (report) => {
      order.push('weights');
      reports.push(report);
    },
    onStart: () => order.push('start'),
    ...changes,
  });
  const { trainer } = await fit(given);
  expect(order.at(-1)).toBe('start');
  return { state: await trainer.weights(), reports };
}

/** Returns weights of a network that differ from its initial ones. */
async function weightsOf(of: Model, seed = 9): Promise<Tensors> {
  const given = await options({ model: of, epochs: 1, seed });
  if (of.output.shape[0] === 2) return (await fit(given)).trainer.weights();
  return { ...initialize(stateOf(of).parameters, he, seed) };
}

function numbers(tensor: Tensor | undefined): number[] {
  return Array.from<number>(tensor?.data ?? []);
}

/** Returns the values, each rounded to float32. */
function rounded(tensor: Tensor | undefined): number[] {
  return numbers(tensor).map(Math.fround);
}

const all = ['c1.w', 'c1.b', 'bn.scale', 'bn.b', 'head.w', 'head.b', 'bn.mean', 'bn.variance'];

describe('weights', () => {
  it('are loaded completely, including buffers, with float64 rounded once', async () => {
    const weights = await weightsOf(model);
    expect(weights['bn.mean']?.dtype).toBe('float64');
    expect(numbers(weights['bn.mean'])).not.toEqual(rounded(weights['bn.mean']));
    const { state, reports } = await started({ weights });
    expect(reports).toEqual([{ loaded: all, missing: [], unknown: [], mismatched: [] }]);
    expect(Object.keys(state).toSorted()).toEqual(all.toSorted());
    for (const name of all) expect(numbers(state[name]), name).toEqual(rounded(weights[name]));
  });

  it('are drawn by the initializer by default', async () => {
    const { state, reports } = await started({});
    const drawn = initialize(stateOf(model).parameters, he, 3);
    expect(reports).toEqual([]);
    for (const [name, tensor] of Object.entries(drawn)) expect(numbers(state[name])).toEqual(numbers(tensor));
    expect(numbers(state['bn.variance'])).toEqual([1, 1]);
  });

  it('are loaded partly with partialWeights, and the rest starts as without them', async () => {
    const { 'head.w': w, 'bn.mean': mean, ...others } = await weightsOf(model);
    const weights = {
      ...others,
      'head.w': float32([3, 5]),
      'bn.variance': int32([2], [1, 1]),
      extra: float32([1]),
      'velocity/c1.w': float32([1]),
    };
    expect([w, mean]).not.toContain(undefined);
    const { state, reports } = await started({ weights, partialWeights: true });
    expect(reports).toEqual([
      {
        loaded: ['c1.w', 'c1.b', 'bn.scale', 'bn.b', 'head.b'],
        missing: ['bn.mean'],
        unknown: ['extra', 'velocity/c1.w'],
        mismatched: [
          {
            name: 'head.w',
            expected: { dtype: 'float32', shape: w?.shape },
            got: { dtype: 'float32', shape: [3, 5] },
          },
          {
            name: 'bn.variance',
            expected: { dtype: 'float32', shape: [2] },
            got: { dtype: 'int32', shape: [2] },
          },
        ],
      },
    ]);
    const fresh = (await started({})).state;
    for (const name of all) {
      const loaded = reports[0]?.loaded.includes(name) === true;
      expect(numbers(state[name]), name).toEqual(loaded ? rounded(others[name]) : numbers(fresh[name]));
    }
  });

  it('of another head are an error without partialWeights', async () => {
    const weights = await weightsOf(withHead(5));
    const run = started({ weights });
    await expect(run).rejects.toThrow(DataError);
    await expect(run).rejects.toMatchObject({ code: 'WEIGHTS' });
    await expect(run).rejects.toThrow(
      /^net: the weights do not fit this network: missing bn\.mean, bn\.variance; of another type head\.w \(expected float32 \[.*\], got float32 \[.*\]\), head\.b \(expected float32 \[2\], got float32 \[5\]\); set partialWeights to load those that fit$/,
    );
    const { reports } = await started({ weights, partialWeights: true });
    expect(reports[0]?.loaded).toEqual(['c1.w', 'c1.b', 'bn.scale', 'bn.b']);
  });

  it('of another type are reported with both types', async () => {
    const weights = { ...(await weightsOf(model)), 'head.b': int32([2], [0, 0]) };
    await expect(started({ weights })).rejects.toThrow('head.b (expected float32 [2], got int32 [2])');
  });

  it('are listed up to three of a kind', async () => {
    await expect(
      started({ weights: { a: float32([]), b: float32([]), c: float32([]), d: float32([]) } }),
    ).rejects.toThrow('missing c1.w, c1.b, bn.scale and 5 more; unknown a, b, c and 1 more; set');
  });

  it('of which none fits are rejected even with partialWeights', async () => {
    for (const weights of [{}, { other: float32([1]) }, { 'head.b': float32([7]) }]) {
      const run = started({ weights, partialWeights: true });
      await expect(run).rejects.toMatchObject({ code: 'WEIGHTS' });
      await expect(run).rejects.toThrow('net: none of the weights fits this network: missing ');
    }
  });

  it('are the start of the training', async () => {
    const weights = await weightsOf(model);
    const one = await fit(await options({ model, epochs: 1, weights }));
    const other = await fit(await options({ model, epochs: 1 }));
    expect(await one.trainer.weights()).not.toEqual(await other.trainer.weights());
    const again = await fit(await options({ model, epochs: 1, weights, seed: 3 }));
    expect(await again.trainer.snapshot()).toEqual(await one.trainer.snapshot());
  });
});
