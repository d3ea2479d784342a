// Tests augmentation: compares each transform with independent reference values, and checks that draws depend only on
// (seed, epoch, index).
import type { Batch, Dataset, Draw, Tensor } from '@isonet/core';
import { batches, float32, int32, subset, tensorDataset, threefry2x32 } from '@isonet/core';
import { type AugmentOptions, augmented, parseAugmentation } from '@isonet/data';
import { describe, expect, it } from 'vitest';
import { affineImage, drawAffine } from '../src/augment/affine.ts';
import { cutoutImage, drawCutout } from '../src/augment/cutout.ts';
import { exp, ln, turn } from '../src/augment/exact.ts';
import { jitterImage } from '../src/augment/jitter.ts';
import { drawMix } from '../src/augment/mixup.ts';
import { drawMove, moveImage } from '../src/augment/move.ts';
import { dataError } from './helpers.ts';

const ALL: AugmentOptions = {
  affine: { degrees: 20, translate: 0.1, scale: 0.2 },
  crop: { padding: 2 },
  flip: true,
  jitter: { brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.1 },
  cutout: { size: 3 },
};

const DRAW: Draw = { seed: 7, epoch: 2 };

/** Creates a dataset of noise. `inputs: [n, 3, 8, 9], labels: [n]` in 0 .. 4 */
function noise(n: number): Dataset {
  const values = Float32Array.from({ length: n * 216 }, (_, i) => threefry2x32(1, 2, i, 0)[0] / 2 ** 32);
  return tensorDataset(
    float32([n, 3, 8, 9], values),
    int32(
      [n],
      Int32Array.from({ length: n }, (_, i) => i % 5),
    ),
  );
}

/** Returns the bits of each sample in a batch. */
async function rows(dataset: Dataset, indices: readonly number[], draw?: Draw): Promise<readonly string[]> {
  const { inputs, labels } = await dataset.batch(Uint32Array.from(indices), draw);
  const bits = ({ data }: Tensor, i: number): string => {
    const size = data.length / indices.length;
    return Buffer.from(data.slice(i * size, (i + 1) * size).buffer).toString('base64');
  };
  return indices.map((_, i) => `${bits(inputs, i)} ${bits(labels, i)}`);
}

describe.each<[string, AugmentOptions]>([
  ['everything but mixup', ALL],
  ['everything', { ...ALL, mixup: { alpha: 0.4, classes: 5 } }],
])('the augmentation, with %s,', (_, options) => {
  const data = augmented(noise(20), options);

  it('is a function of seed, epoch and index', async () => {
    const alone = await Promise.all([3, 11, 0].map(async (index) => (await rows(data, [index], DRAW))[0]));
    expect(await rows(data, [3, 11, 0], DRAW)).toEqual(alone);
    expect((await rows(data, [0, 9, 11, 11, 3], DRAW)).filter((__, i) => i !== 1)).toEqual([
      alone[2],
      alone[1],
      alone[1],
      alone[0],
    ]);
    // The samples of a subset change in the same way.
    expect(await rows(subset(data, [3, 11, 0]), [0, 1, 2], DRAW)).toEqual(alone);
    for (const other of [
      { ...DRAW, seed: 8 },
      { ...DRAW, epoch: 3 },
    ]) {
      expect((await rows(data, [3], other))[0]).not.toBe(alone[0]);
    }
  });

  it('is the same after a resume within an epoch, and in batches of another size', async () => {
    const seen = async (batchSize: number, from: number): Promise<ReadonlyMap<number, string>> => {
      const samples = new Map<number, string>();
      const order: Promise<readonly string[]>[] = [];
      const all: Uint32Array[] = [];
      for await (const { indices } of batches(data, { batchSize, shuffle: DRAW, from })) {
        all.push(indices);
        order.push(rows(data, Array.from(indices), DRAW));
      }
      (await Promise.all(order)).forEach((bits, k) =>
        bits.forEach((text, i) => samples.set(all[k]![i]!, text)),
      );
      return samples;
    };
    const whole = await seen(4, 0);
    expect(whole.size).toBe(20);
    const resumed = await seen(4, 3);
    expect(resumed.size).toBe(8);
    for (const [index, bits] of resumed) expect(bits).toBe(whole.get(index));
    expect(await seen(6, 0)).toEqual(whole);
  });

  it('is disabled without a draw, so that evaluation sees the original samples', async () => {
    expect(await rows(data, [4, 5])).toEqual(await rows(noise(20), [4, 5]));
  });
});

it('is bit-identical across versions, because published curves depend on them', async () => {
  const data = augmented(noise(20), { ...ALL, mixup: { alpha: 0.4, classes: 5 } });
  const { inputs, labels } = await data.batch(Uint32Array.of(3, 11), DRAW);
  const word = (t: Tensor): number =>
    new Uint32Array(t.data.slice().buffer).reduce((hash, bits) => (Math.imul(hash, 31) + bits) >>> 0, 7);
  expect([word(inputs), word(labels)]).toEqual([1_776_946_108, 1_111_548_743]);
});

it('returns copies, and does not modify the dataset', async () => {
  const source = noise(4);
  const shared = await source.batch(Uint32Array.of(0, 1, 2, 3));
  const before = shared.inputs.data.slice();
  const sharing: Dataset = { length: 4, batch: () => shared };
  const { inputs } = await augmented(sharing, ALL).batch(Uint32Array.of(0, 1, 2, 3), DRAW);
  expect(shared.inputs.data).toEqual(before);
  expect(inputs.data.buffer).not.toBe(shared.inputs.data.buffer);
});

describe('flip and crop', () => {
  // 1 2 3
  // 4 5 6
  const source = Float32Array.of(1, 2, 3, 4, 5, 6);
  const moved = (down: number, right: number, isFlipped: boolean): number[] => {
    const out = new Float32Array(6).fill(99);
    moveImage(source, out, [1, 2, 3], { down, right, isFlipped }, [-1]);
    return Array.from(out);
  };

  it('move whole pixels', () => {
    expect(moved(0, 0, false)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(moved(0, 0, true)).toEqual([3, 2, 1, 6, 5, 4]);
    expect(moved(1, 1, false)).toEqual([5, 6, -1, -1, -1, -1]);
    expect(moved(-1, -2, false)).toEqual([-1, -1, -1, -1, -1, 1]);
    expect(moved(0, 1, true)).toEqual([-1, 3, 2, -1, 6, 5]);
    expect(moved(0, 3, true)).toEqual(Array(6).fill(-1));
  });

  it('are drawn uniformly: half of the samples are flipped, and all offsets are equally frequent', () => {
    const counts = new Map<number, number>();
    let flips = 0;
    for (let index = 0; index < 4000; index++) {
      const { down, right, isFlipped } = drawMove({ flip: true, crop: { padding: 2 } }, DRAW, index);
      flips += Number(isFlipped);
      for (const offset of [down, right]) counts.set(offset, (counts.get(offset) ?? 0) + 1);
    }
    expect(Math.abs(flips - 2000)).toBeLessThan(150); // 4.7 standard deviations
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
    for (const n of counts.values()) expect(Math.abs(n - 1600)).toBeLessThan(170);
  });
});

describe('the affine map', () => {
  it('rotates clockwise by exactly 90 degrees, like numpy.rot90(image, -1)', () => {
    const out = new Float32Array(9);
    const map = { ...turn(90), scale: 1, down: 0, right: 0 };
    affineImage(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), out, [1, 3, 3], map, [0]);
    expect(Array.from(out)).toEqual([7, 4, 1, 8, 5, 2, 9, 6, 3]);
  });

  it('interpolates like Pillow', () => {
    // Pillow 9.4.0, Image.transform(AFFINE, BILINEAR) of the same image in mode F, pixels 3 to 7 of rows 3 to 5.
    const pillow = [
      [29.8112, 54.2455, 78.6799, 68.8519, 26.5486],
      [46.6896, 71.124, 90.8709, 45.3304, 43.427],
      [63.5681, 88.0024, 67.3494, 35.8711, 60.3055],
    ];
    const image = Float32Array.from({ length: 99 }, (_, i) => (i * 37) % 101);
    const out = new Float32Array(99);
    affineImage(image, out, [1, 9, 11], { ...turn(30), scale: 1.25, down: 0.75, right: -0.5 }, [0]);
    pillow.forEach((row, y) =>
      row.forEach((value, x) => expect(out[(y + 3) * 11 + x + 3]).toBeCloseTo(value, 3)),
    );
  });

  it('blends with black at the edge, which has a value per channel', () => {
    const out = new Float32Array(8);
    const map = { ...turn(0), scale: 1, down: 0, right: 0.25 };
    affineImage(Float32Array.of(1, 1, 1, 1, 2, 2, 2, 2), out, [2, 2, 2], map, [0, 4]);
    expect(Array.from(out)).toEqual([0.75, 1, 0.75, 1, 2.5, 2, 2.5, 2]);
  });

  it('is drawn from the given ranges', () => {
    for (let index = 0; index < 500; index++) {
      const map = drawAffine({ degrees: 10, translate: 0.1, scale: 0.2 }, [1, 100, 50], DRAW, index);
      expect(map.cos).toBeGreaterThanOrEqual(Math.cos(Math.PI / 18) - 1e-12);
      expect(Math.abs(map.scale - 1)).toBeLessThanOrEqual(0.2);
      expect(Math.abs(map.down)).toBeLessThanOrEqual(10);
      expect(Math.abs(map.right)).toBeLessThanOrEqual(5);
    }
    expect(drawAffine({}, [1, 100, 50], DRAW, 1)).toEqual({ cos: 1, sin: 0, scale: 1, down: 0, right: 0 });
  });
});

describe('colour jitter', () => {
  const image = [0.2, 0.5, 0.9, 0.4, 0.6, 0.1, 0.3, 0.8, 0.7, 0.05, 0, 1]; // [3, 2, 2]
  const settings = { brightness: 1.2, contrast: 0.7, saturation: 1.5 };
  const unit = { black: [0, 0, 0], white: [1, 1, 1] };
  // Computed with NumPy by the formulas of Pillow's ImageEnhance, clamped to 0 .. 1 after each step.
  const numpy = [
    0.208809, 0.703527, 1, 0.380001, 0.712809, 0.199527, 0.362753, 0.884001, 0.838809, 0.136527, 0, 0.926001,
  ];
  // Computed with Python's colorsys, hue + 0.3.
  const colorsys = [
    0.838809, 0.186927, 0, 0.858801, 0.208809, 0.703527, 1, 0.380001, 0.838809, 0.136527, 0.162753, 0.926001,
  ];

  it('changes brightness, contrast and saturation, then the hue', () => {
    for (const [hue, expected] of [
      [0, numpy],
      [0.3, colorsys],
      [-0.7, colorsys],
    ] as const) {
      const changed = Float32Array.from(image);
      jitterImage(changed, 4, { ...settings, hue }, unit);
      expected.forEach((value, i) => expect(changed[i]).toBeCloseTo(value, 5));
    }
  });

  it('supports normalized images, given the values of black and white', () => {
    const [mean, std] = [
      [0.485, 0.456, 0.406],
      [0.229, 0.224, 0.225],
    ] as const;
    const changed = Float32Array.from(
      image,
      (v, i) => (v - mean[Math.floor(i / 4)]!) / std[Math.floor(i / 4)]!,
    );
    jitterImage(
      changed,
      4,
      { ...settings, hue: 0.3 },
      {
        black: mean.map((m, c) => (0 - m) / std[c]!),
        white: mean.map((m, c) => (1 - m) / std[c]!),
      },
    );
    colorsys.forEach((value, i) =>
      expect(changed[i]! * std[Math.floor(i / 4)]! + mean[Math.floor(i / 4)]!).toBeCloseTo(value, 5),
    );
  });

  it('supports grey images', () => {
    const grey = Float32Array.of(0.2, 0.5, 0.9, 0.4);
    jitterImage(grey, 4, { ...settings, hue: 0.3 }, { black: [0], white: [1] });
    // Computed by hand: times 1.2 and clamped 0.24, 0.6, 1, 0.48, with mean 0.58; then 0.7 of each and 0.3 of the mean.
    [0.342, 0.594, 0.874, 0.51].forEach((value, i) => expect(grey[i]).toBeCloseTo(value, 6));
  });
});

describe('cutout', () => {
  it('blackens a square, clipped at the edge', () => {
    const cut = (size: number, y: number, x: number): number[] => {
      const image = new Float32Array(12).fill(1);
      cutoutImage(image, [1, 3, 4], { size }, { y, x }, [-2]);
      return Array.from(image);
    };
    expect(cut(3, 0, 3)).toEqual([1, 1, -2, -2, 1, 1, -2, -2, 1, 1, 1, 1]);
    expect(cut(2, 1, 1)).toEqual([-2, -2, 1, 1, -2, -2, 1, 1, 1, 1, 1, 1]);
    expect(cut(9, 1, 1)).toEqual(Array(12).fill(-2));
  });

  it('may be anywhere in the image', () => {
    const centres = Array.from({ length: 500 }, (_, index) => drawCutout([1, 3, 4], DRAW, index));
    expect(new Set(centres.map(({ y, x }) => 4 * y + x)).size).toBe(12);
  });
});

describe('mixup', () => {
  const ones = (n: number): Dataset =>
    tensorDataset(
      float32(
        [n, 1, 1, 1],
        Float32Array.from({ length: n }, (_, i) => i),
      ),
      int32(
        [n],
        Int32Array.from({ length: n }, (_, i) => i % 4),
      ),
    );

  it('mixes images and labels with the same weight', async () => {
    const data = augmented(ones(50), { mixup: { alpha: 1, classes: 4 } });
    const indices = Uint32Array.from({ length: 50 }, (_, i) => i);
    const { inputs, labels } = await data.batch(indices, DRAW);
    expect([inputs.shape, labels.shape, labels.dtype]).toEqual([[50, 1, 1, 1], [50, 4], 'float32']);
    for (let i = 0; i < 50; i++) {
      const { partner, own } = drawMix({ alpha: 1 }, 50, DRAW, i);
      expect(own).toBeGreaterThanOrEqual(0.5);
      expect(inputs.data[i]).toBeCloseTo(own * i + (1 - own) * partner, 5);
      const row = [0, 0, 0, 0];
      row[i % 4]! += own;
      row[partner % 4]! += 1 - own;
      row.forEach((value, k) => expect(labels.data[4 * i + k]).toBeCloseTo(value, 6));
    }
  });

  it('uses the number of class names of a dataset, and mixes probabilities', async () => {
    const named = { ...ones(8), classes: ['a', 'b', 'c', 'd', 'e'] };
    const batch = await augmented(named, { mixup: { alpha: 0.3 } }).batch(Uint32Array.of(1, 2), DRAW);
    expect(batch.labels.shape).toEqual([2, 5]);
    const soft = tensorDataset(float32([2, 1, 1, 1], [0, 1]), float32([2, 2], [1, 0, 0, 1]));
    const { inputs, labels } = await augmented(soft, { mixup: { alpha: 0.3 } }).batch(
      Uint32Array.of(0),
      DRAW,
    );
    expect(labels.data[1]).toBe(inputs.data[0]);
  });

  it('draws weights from Beta(alpha, alpha), and partners uniformly', () => {
    for (const alpha of [0.2, 1, 3]) {
      let [sum, squares] = [0, 0];
      const partners = new Set<number>();
      const n = 20_000;
      for (let index = 0; index < n; index++) {
        const { own, partner } = drawMix({ alpha }, 10, DRAW, index);
        partners.add(partner);
        // `own` has the same distance to 1/2 as the drawn weight.
        sum += own;
        squares += (own - 0.5) ** 2;
      }
      // The variance of Beta(alpha, alpha) is 1 / (4 (2 alpha + 1)).
      expect(squares / n).toBeCloseTo(1 / (4 * (2 * alpha + 1)), 2);
      expect(sum / n).toBeGreaterThan(0.5);
      expect(partners.size).toBe(10);
    }
  });

  it('rejects invalid labels, inputs and ranges', async () => {
    const mixup = { alpha: 0.2 };
    const at = (dataset: Dataset, options: AugmentOptions): Batch | Promise<Batch> =>
      augmented(dataset, options).batch(Uint32Array.of(0, 1, 2, 3), DRAW);
    expect(await dataError(() => at(ones(4), { mixup }))).toMatch(
      /^AUGMENT: augmented: mixup: .*set mixup: \{ alpha, classes \}$/,
    );
    expect(await dataError(() => at(ones(4), { mixup: { ...mixup, classes: 3 } }))).toBe(
      'LABEL: augmented: mixup: expected a label from 0 to 2, got 3',
    );
    const flat = tensorDataset(float32([4, 2], new Float32Array(8)), int32([4], [0, 0, 0, 0]));
    expect(await dataError(() => at(flat, ALL))).toBe(
      'AUGMENT: augmented: expected inputs float32 [N, channels, height, width], got float32 [4, 2]',
    );
    expect(await dataError(() => at(ones(4), { ...ALL, range: { black: [0, 0], white: 1 } }))).toBe(
      'AUGMENT: augmented: range: expected one number per channel (1), got 2',
    );
  });
});

describe('exact functions', () => {
  it('match the functions of JavaScript', () => {
    for (let degrees = -400; degrees <= 400; degrees += 3.7) {
      const { cos, sin } = turn(degrees);
      expect(Math.abs(cos - Math.cos((degrees * Math.PI) / 180))).toBeLessThan(4e-15);
      expect(Math.abs(sin - Math.sin((degrees * Math.PI) / 180))).toBeLessThan(4e-15);
    }
    for (let x = -690; x < 690; x += 7.3) expect(exp(x) / Math.exp(x)).toBeCloseTo(1, 12);
    for (let x = 1e-9; x < 1e6; x *= 1.7) expect(Math.abs(ln(x) - Math.log(x))).toBeLessThan(1e-14);
    expect([turn(180), exp(0), ln(1), exp(-800)]).toEqual([{ cos: -1, sin: -0 }, 1, 0, 0]);
  });
});

describe('options', () => {
  it('are validated together', async () => {
    const options = {
      flip: 'yes',
      crop: { padding: 0 },
      jitter: { hue: 0.6 },
      mixup: { alpha: 9 },
      crops: 1,
    };
    // TypeScript rejects these options, but plain JavaScript may pass them.
    const call = (): unknown => Reflect.apply(augmented, undefined, [noise(2), options]);
    expect(await dataError(call)).toBe(
      'OPTION: augmented: options: crop: padding: expected an integer from 1 to 16,384, got 0; ' +
        'options: flip: expected true or false, got "yes"; options: jitter: hue: expected a fraction of the circle from 0 to 0.5, got 0.6; ' +
        'options: mixup: alpha: expected a number above 0, at most 4, got 9; options: unknown option "crops", did you mean crop?',
    );
  });

  it('are parsed from a line of text', () => {
    expect(parseAugmentation('flip,crop=4,rotate=10,jitter=0.2,cutout=8,mixup=0.2')).toEqual({
      flip: true,
      crop: { padding: 4 },
      affine: { degrees: 10 },
      jitter: { brightness: 0.2, contrast: 0.2, saturation: 0.2 },
      cutout: { size: 8 },
      mixup: { alpha: 0.2 },
    });
    expect(parseAugmentation('jitter=.2, contrast=0.5, hue=0.1, translate=0.1, scale=0.2')).toEqual({
      jitter: { brightness: 0.2, contrast: 0.5, saturation: 0.2, hue: 0.1 },
      affine: { translate: 0.1, scale: 0.2 },
    });
  });

  it.each([
    ['', /^AUGMENT: augmentation "": expected flip, crop=PIXELS, /],
    ['flop', /^AUGMENT: augmentation "flop": did you mean flip\? expected flip, crop=PIXELS/],
    ['flip=1', /^AUGMENT: augmentation "flip=1": flip has no value; write flip$/],
    ['crop', /^AUGMENT: augmentation "crop": expected crop=NUMBER, such as crop=4$/],
    ['crop=4=5', /expected crop=NUMBER/],
    ['crop=0x4', /expected crop=NUMBER/],
    [
      'crop=0.5',
      /^AUGMENT: augmentation "crop=0\.5": crop: padding: expected an integer from 1 to 16,384, got 0\.5$/,
    ],
    ['flip,rotate=10,rotate=20', /^AUGMENT: augmentation "rotate=20": rotate appears twice; remove one$/],
    ['toString=1', /^AUGMENT: augmentation "toString=1": expected .*flip, /],
  ])('are rejected if invalid: "%s"', async (text, message) => {
    expect(await dataError(() => parseAugmentation(text))).toMatch(message);
  });
});
