// The datasets of core, and the way a run requests batches from any dataset.
import type { Batch, Dataset, Draw, FitOptions, Tensor, Tensors } from '@isonet/core';
import {
  DataError,
  dense,
  evaluate,
  fit,
  float32,
  int32,
  regression,
  sequential,
  split,
  subset,
  take,
  tensorDataset,
} from '@isonet/core';
import { reference } from '@isonet/backend-reference';
import { describe, expect, it } from 'vitest';
import { data, options } from './tiny.ts';

const ten = tensorDataset(
  float32(
    [10, 2],
    Array.from({ length: 20 }, (_, i) => i),
  ),
  int32(
    [10],
    Array.from({ length: 10 }, (_, i) => 100 * i),
  ),
);

/** Returns the labels of all samples, which identify their origin. */
async function labelsOf(dataset: Dataset): Promise<number[]> {
  const { labels } = await dataset.batch(Uint32Array.from({ length: dataset.length }, (_, i) => i));
  return Array.from<number>(labels.data).map((label) => label / 100);
}

const up = (to: number): number[] => Array.from({ length: to }, (_, i) => i);

describe('tensorDataset', () => {
  it('returns the rows at the indices in new memory', async () => {
    const batch = await ten.batch(Uint32Array.of(3, 0, 3));
    expect(batch).toEqual({
      inputs: float32([3, 2], [6, 7, 0, 1, 6, 7]),
      labels: int32([3], [300, 0, 300]),
    });
    batch.inputs.data.fill(-1);
    expect((await ten.batch(Uint32Array.of(3))).inputs).toEqual(float32([1, 2], [6, 7]));
  });

  it('returns more rows than it has if indices repeat', async () => {
    const two = tensorDataset(float32([2, 1], [1, 2]), float32([2, 1], [3, 4]));
    const batch = await two.batch(Uint32Array.of(0, 1, 1, 0, 1));
    expect(batch).toEqual({
      inputs: float32([5, 1], [1, 2, 2, 1, 2]),
      labels: float32([5, 1], [3, 4, 4, 3, 4]),
    });
    expect((await subset(two, [1, 1, 1, 0]).batch(Uint32Array.of(0, 1, 2, 3))).labels).toEqual(
      float32([4, 1], [4, 4, 4, 3]),
    );
  });

  it('keeps the type of float64', async () => {
    const inputs: Tensor = { dtype: 'float64', shape: [2, 1], data: Float64Array.of(1 / 3, 2 / 3) };
    const batch = await tensorDataset(inputs, int32([2], [0, 1])).batch(Uint32Array.of(1));
    expect(batch.inputs).toEqual({ dtype: 'float64', shape: [1, 1], data: Float64Array.of(2 / 3) });
  });

  it('rejects inconsistent tensors and indices out of range', () => {
    const one = float32([1, 2]);
    for (const [inputs, labels, problem] of [
      [float32([0, 2]), int32([0], []), 'got 0 inputs and 0 labels'],
      [float32([2, 2]), int32([3], [0, 0, 0]), 'got 2 inputs and 3 labels'],
      [float32([], [1]), int32([], [1]), 'got 0 inputs and 0 labels'],
      [one, int32([], [1]), 'got 1 inputs and 0 labels'],
    ] as const) {
      expect(() => tensorDataset(inputs, labels)).toThrow(DataError);
      expect(() => tensorDataset(inputs, labels)).toThrow(problem);
    }
    const short: Tensor = { dtype: 'int32', shape: [1, 3], data: Int32Array.of(1, 2) };
    expect(() => tensorDataset(one, short)).toThrow(
      'tensorDataset: labels: expected 3 values for shape [1, 3], got 2',
    );
    expect(() => ten.batch(Uint32Array.of(1, 10))).toThrow(
      'tensorDataset: expected an index from 0 to 9, got 10',
    );
    expect(() => ten.batch(Uint32Array.of())).toThrow('tensorDataset: a batch needs at least one index');
  });
});

describe('take and subset', () => {
  it('return the first samples, and those at indices', async () => {
    expect(await labelsOf(take(ten, 3))).toEqual([0, 1, 2]);
    expect(await labelsOf(take(ten, 10))).toEqual(up(10));
    expect(await labelsOf(subset(ten, [4, 2, 2]))).toEqual([4, 2, 2]);
    expect(await labelsOf(subset(subset(ten, Uint32Array.of(9, 5, 1)), [2, 0]))).toEqual([1, 9]);
  });

  it('reject counts and indices out of range', () => {
    for (const count of [0, 11, 1.5, NaN, -1]) {
      expect(() => take(ten, count)).toThrow(
        `take: expected an integer from 1 to 10, the number of samples, got ${count}`,
      );
    }
    expect(() => subset(ten, [])).toThrow('subset: expected at least one index, got none');
    for (const index of [10, -1, 0.5, NaN]) {
      expect(() => subset(ten, [0, index])).toThrow(`subset: expected an index from 0 to 9, got ${index}`);
    }
    expect(() => take(ten, 3).batch(Uint32Array.of(3))).toThrow('take: expected an index from 0 to 2, got 3');
    expect(() => subset(ten, [7, 8]).batch(Uint32Array.of(2))).toThrow(
      'subset: expected an index from 0 to 1, got 2',
    );
  });

  it('pass the draw on, with the original indices', async () => {
    const asked: [number[], Draw | undefined][] = [];
    const own: Dataset = {
      length: 10,
      batch(indices, draw) {
        asked.push([Array.from(indices), draw]);
        return ten.batch(indices, draw);
      },
    };
    const draw = { seed: 3, epoch: 1 };
    await subset(own, [7, 3, 5]).batch(Uint32Array.of(2, 0), draw);
    await subset(own, [7, 3, 5]).batch(Uint32Array.of(1));
    await take(own, 2).batch(Uint32Array.of(1), draw);
    await take(subset(own, [7, 3, 5]), 2).batch(Uint32Array.of(1), draw);
    expect(asked).toEqual([
      [[5, 7], draw],
      [[3], undefined],
      [[1], draw],
      [[3], draw],
    ]);
  });

  it('call a class-based dataset with its own `this`', async () => {
    class Own implements Dataset {
      readonly length = 10;
      #from = ten;
      batch(indices: Uint32Array): Batch | Promise<Batch> {
        return this.#from.batch(indices);
      }
    }
    expect(await labelsOf(take(new Own(), 2))).toEqual([0, 1]);
    expect(await labelsOf(subset(new Own(), [2]))).toEqual([2]);
  });
});

describe('split', () => {
  it('holds out the end without a seed', async () => {
    const [rest, held] = split(ten, { held: 3 });
    expect([await labelsOf(rest), await labelsOf(held)]).toEqual([up(7), [7, 8, 9]]);
    const [more, less] = split(ten, { held: 0.24 });
    expect([more.length, less.length]).toEqual([8, 2]);
  });

  it('returns disjoint parts by seed, each in order', async () => {
    const parts = async (seed: number): Promise<number[][]> =>
      Promise.all(split(ten, { held: 0.4, seed }).map(labelsOf));
    const [rest = [], held = []] = await parts(1);
    expect([rest.length, held.length]).toEqual([6, 4]);
    expect([...rest, ...held].toSorted((a, b) => a - b)).toEqual(up(10));
    expect(rest).toEqual(rest.toSorted((a, b) => a - b));
    expect(held).toEqual(held.toSorted((a, b) => a - b));
    expect(await parts(1)).toEqual([rest, held]);
    const others = await Promise.all([2, 3, 4].map(parts));
    expect(new Set([[rest, held], ...others].map((both) => both.join())).size).toBeGreaterThan(2);
  });

  it('rejects empty parts', () => {
    for (const held of [0, 0.01, 0.99, 10, 11, 2.5, -1, NaN]) {
      expect(() => split(ten, { held })).toThrow(DataError);
      expect(() => split(ten, { held })).toThrow(
        `split: held: expected a number or fraction of 10 samples that leaves neither part empty, got ${held}`,
      );
    }
    expect(() => split(ten, { held: 1, seed: 2 ** 32 })).toThrow('split: seed: expected an integer');
    expect(() => split(ten, { held: 1, seed: -1 })).toThrow('split: seed: expected an integer');
  });
});

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** Returns the data with asynchronous batches. In each group of three, later batches settle sooner. */
function backwards(asked: () => void = () => undefined): Dataset {
  let made = 0;
  return {
    length: data.length,
    batch: async (indices) => {
      asked();
      await turns(6 - 2 * (made++ % 3));
      return data.batch(indices);
    },
  };
}

function untimed(epochs: readonly { readonly seconds: number }[]): unknown[] {
  return epochs.map(({ seconds: _, ...report }) => report);
}

describe('fit', () => {
  it.each([0, 1, 4])(
    'uses batches in order, regardless of the order in which they settle: %d ahead',
    async (prefetch) => {
      const expected = await fit(await options({ epochs: 2, batchSize: 4 }));
      const changes: Partial<FitOptions> = { epochs: 2, batchSize: 4, prefetch };
      const { trainer, epochs } = await fit(
        await options({ ...changes, train: backwards(), test: backwards() }),
      );
      expect(await trainer.snapshot()).toEqual(await expected.trainer.snapshot());
      expect(untimed(epochs)).toEqual(untimed(expected.epochs));
    },
  );

  it.each([0, 1, 4])('keeps at most prefetch + 2 batches in memory: %d ahead', async (prefetch) => {
    let [asked, done, most] = [0, 0, 0];
    const train = backwards(() => {
      asked++;
      most = Math.max(most, asked - done);
    });
    const onStep = async (): Promise<void> => {
      await turns(3);
      done++;
    };
    await fit(await options({ epochs: 2, batchSize: 2, prefetch, train, onStep }));
    expect([asked, done]).toEqual([22, 22]);
    expect(most).toBe(prefetch + 2);
  });

  it.each<[string, (error: Error) => Batch | Promise<Batch>]>([
    [
      'throws',
      (error) => {
        throw error;
      },
    ],
    ['rejects', (problem) => Promise.reject(problem)],
    [
      'rejects late',
      async (error) => {
        await turns(2);
        throw error;
      },
    ],
  ])('reports the steps before a batch that %s', async (_, fails) => {
    for (const prefetch of [0, 1, 4]) {
      for (const bad of [0, 1, 2, 5]) {
        const error = new Error(`no batch ${bad}`);
        const reported: number[] = [];
        let made = 0;
        const train: Dataset = {
          length: data.length,
          batch: (indices) => (made++ === bad ? fails(error) : data.batch(indices)),
        };
        const onStep = ({ step }: { readonly step: number }): void => void reported.push(step);
        const run = fit(await options({ epochs: 1, batchSize: 4, prefetch, train, onStep }));
        await expect(run).rejects.toBe(error);
        expect(reported).toEqual(up(bad).map((step) => step + 1));
      }
    }
  });

  it('reports the steps before a batch that does not fit', async () => {
    const reported: number[] = [];
    let made = 0;
    const train: Dataset = {
      length: data.length,
      batch: (indices) => {
        const { inputs, labels } = data.batch(indices);
        return { inputs, labels: made++ === 3 ? int32([indices.length], [0, 0, 7, 0]) : labels };
      },
    };
    const onStep = ({ step }: { readonly step: number }): void => void reported.push(step);
    const run = fit(await options({ epochs: 1, batchSize: 4, train, onStep }));
    await expect(run).rejects.toThrow(
      'classification: label of sample 21 of the dataset: expected a class in 0 .. 1, got 7; classes are counted from 0: subtract 1 from labels that start at 1',
    );
    expect(reported).toEqual([1, 2, 3]);
  });

  it('rejects a batch with a wrong number of samples, in training and evaluation', async () => {
    const wrong: Dataset = { length: data.length, batch: (indices) => data.batch(indices.slice(1)) };
    for (const name of ['train', 'test', 'validation']) {
      const run = fit(await options({ epochs: 1, [name]: wrong }));
      await expect(run).rejects.toThrow(DataError);
      const asked = name === 'train' ? 8 : 22;
      await expect(run).rejects.toThrow(
        `the dataset: expected ${asked} samples, one per index, got ${asked - 1}`,
      );
    }
  });

  it('passes a draw of seed and epoch in training, and none in evaluation', async () => {
    const drawn = new Map<string, (Draw | undefined)[]>();
    const heard = (name: string): Dataset => ({
      length: data.length,
      batch: (indices: Uint32Array, draw?: Draw) => {
        drawn.set(name, [...(drawn.get(name) ?? []), draw]);
        return data.batch(indices);
      },
    });
    const [train, test, validation] = ['train', 'test', 'validation'].map(heard);
    if (!train || !test || !validation) throw new Error('three names, three datasets');
    const changes = { epochs: 2, batchSize: 11, seed: 5, train, test, validation };
    await fit(await options(changes));
    const draw = (epoch: number): Draw => ({ seed: 5, epoch });
    expect(drawn.get('train')).toEqual([draw(0), draw(0), draw(1), draw(1)]);
    expect(drawn.get('test')).toEqual([undefined, undefined]);
    expect(drawn.get('validation')).toEqual([undefined, undefined]);
  });

  it('drops a smaller last batch with dropLast', async () => {
    const counts: number[] = [];
    const onStep = ({ batch }: { readonly batch: { readonly count: number } }): void =>
      void counts.push(batch.count);
    const seen: number[] = [];
    const train: Dataset = {
      length: data.length,
      batch: (indices) => {
        seen.push(...indices);
        return data.batch(indices);
      },
    };
    const run = await fit(await options({ epochs: 2, train, dropLast: true, onStep }));
    expect(counts).toEqual([8, 8, 8, 8]);
    expect([run.step, run.finished, run.epochs.length]).toEqual([4, true, 2]);
    expect(new Set(seen.slice(0, 16)).size).toBe(16);
    const short = fit(await options({ epochs: 1, batchSize: 23, dropLast: true }));
    await expect(short).rejects.toThrow(
      'fit: dropLast leaves nothing to train on: got 22 samples and batches of 23; lower batchSize',
    );
  });

  it('resumes bit for bit in the middle of an epoch with dropLast', async () => {
    const changes = { epochs: 2, batchSize: 4, dropLast: true };
    const whole = await fit(await options(changes));
    const signal = { aborted: false };
    const onStep = ({ step }: { readonly step: number }): void => void (signal.aborted ||= step === 6);
    const part = await fit(await options({ ...changes, signal, onStep }));
    const rest = await fit(await options({ ...changes, resume: part.checkpoint }));
    expect(await rest.trainer.snapshot()).toEqual(await whole.trainer.snapshot());
    expect(untimed([...part.epochs, ...rest.epochs])).toEqual(untimed(whole.epochs));
  });
});

describe('labels', () => {
  it('may have more classes than a byte can hold', async () => {
    const classes = 300;
    const model = {
      name: 'many',
      input: { name: 'x', shape: [2] },
      output: { name: 'logits', shape: [classes] },
      layer: sequential({ fc: dense(classes) }),
    };
    const train = tensorDataset(float32([3, 2], [1, 0, 0, 1, 1, 1]), int32([3], [299, 256, 43]));
    const given = await options({ model, train, test: train, epochs: 60, batchSize: 3 });
    const { trainer, epochs } = await fit(given);
    expect(epochs.at(-1)?.testAccuracy).toBe(1);
    const { confusion, accuracy } = await evaluate({
      model,
      device: given.device,
      state: trainer.state,
      data: train,
    });
    expect(accuracy).toBe(1);
    expect([confusion[299]?.[299], confusion[256]?.[256], confusion[43]?.[43]]).toEqual([1, 1, 1]);
  });

  it('may be any tensor that the task accepts', async () => {
    const model = {
      name: 'line',
      input: { name: 'x', shape: [1] },
      output: { name: 'y', shape: [1] },
      layer: sequential({ fc: dense(1) }),
    };
    const x = [-1, 0, 1, 2];
    const train = tensorDataset(
      float32([4, 1], x),
      float32(
        [4, 1],
        x.map((value) => 2 * value + 1),
      ),
    );
    const given = await options({ model, train, test: train, epochs: 200, task: regression(), batchSize: 4 });
    const { trainer } = await fit(given);
    const weights: Tensors = await trainer.weights();
    expect(weights['fc.w']?.data[0]).toBeCloseTo(2, 1);
    const device = await reference.open();
    expect(device.numerics.float32.heldAs).toBe('float64');
  });
});
