// Creates a report like one from a machine with two cores: synthetic numbers, the same each time, with realistic noise.
import type { BenchReport, CandidateResult, Measurement, Work } from '../src/index.ts';

/** The cost of a candidate: milliseconds per run are `fixed + each * batch`; memory is `base + image * batch`. */
interface Sample {
  readonly name: string;
  readonly text: string;
  readonly fixed: number;
  readonly each: number;
  readonly first: number;
  readonly base: number;
  readonly image: number;
}

const samples: readonly Sample[] = [
  {
    name: 'onnx:cpu',
    text: 'ONNX Runtime 1.30.0, 2 threads, blocked',
    fixed: 0.9,
    each: 0.6,
    first: 412,
    base: 140e6,
    image: 0.6e6,
  },
  {
    name: 'tfjs:wasm',
    text: 'TensorFlow.js 4.22.0, wasm with SIMD, 1 thread',
    fixed: 6,
    each: 4.6,
    first: 1640,
    base: 210e6,
    image: 1.1e6,
  },
  {
    name: 'torch',
    text: 'PyTorch 2.15.0, channels_last, 2 threads',
    fixed: 3.2,
    each: 0.5,
    first: 690,
    base: 330e6,
    image: 0.7e6,
  },
];
const weights = {
  nin: { cost: 1, multiplyAdds: 1.2e7 },
  googlenet: { cost: 2.8, multiplyAdds: 3.4e7 },
} as const;

/** The contents of the report; by default both models, training steps, batches from 1 to 512. */
export interface SampleOptions {
  readonly models?: readonly (keyof typeof weights)[];
  readonly batches?: readonly number[];
  readonly works?: readonly Work[];
  readonly sides?: readonly number[];
  readonly rounds?: number;
  readonly othersShare?: number | null;
  /** Multiplies the times of candidates by name. */
  readonly slowed?: Readonly<Record<string, number>>;
}

export const allBatches: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** Creates a whole report. The same options create the same report. */
export function sampleReport(options: SampleOptions = {}): BenchReport {
  const { models = ['nin', 'googlenet'], batches = allBatches, works = ['step'], sides = [28] } = options;
  const { rounds = 15 } = options;
  return {
    format: 'isonet-bench',
    version: 1,
    isonet: '0.3.0',
    date: '2026-11-28T14:05:00.000Z',
    command: 'npx isonet bench nin googlenet --backend onnx,tfjs --rivals torch',
    machine: {
      platform: 'linux x64',
      processor: 'Sample Processor at 2.60 GHz',
      cores: 2,
      memoryBytes: 8.2e9,
      node: '24.11.0',
    },
    rounds,
    measurements: models.flatMap((model) =>
      works.flatMap((work) =>
        sides.flatMap((side) =>
          batches.map((batch) => measurement({ model, work, side, batch, rounds }, options)),
        ),
      ),
    ),
    missing: [
      {
        name: 'mxnet',
        reason: 'found no Python 3.8 to 3.10',
        fix: 'install one, then pip install mxnet==1.9.1',
      },
    ],
  };
}

interface Place {
  readonly model: keyof typeof weights;
  readonly work: Work;
  readonly side: number;
  readonly batch: number;
  readonly rounds: number;
}

function measurement(place: Place, { othersShare = 0.012, slowed = {} }: SampleOptions): Measurement {
  const { model, work, side, batch } = place;
  const pixels = (side / 28) ** 2;
  const multiplyAdds = weights[model].multiplyAdds * pixels * batch * (work === 'step' ? 3 : 1);
  const hasRatios = othersShare !== null && othersShare <= 0.05 && place.rounds >= 15;
  const first = times(place, at(samples, 0), slowed);
  return {
    model,
    recipe: 'best',
    imageShape: [1, side, side],
    batch,
    work,
    multiplyAdds,
    othersShare,
    candidates: samples.map((one, i): CandidateResult => {
      const milliseconds = times(place, one, slowed);
      const median = at(sorted(milliseconds), (place.rounds - 1) >> 1);
      const ratios = sorted(milliseconds.map((time, round) => time / at(first, round)));
      return {
        name: one.name,
        kind: one.name === 'torch' ? 'rival' : 'isonet',
        text: one.text,
        milliseconds,
        median,
        interval: interval(sorted(milliseconds)),
        imagesPerSecond: (batch * 1000) / median,
        gigaflops: (2 * multiplyAdds) / median / 1e6,
        ...(one.name !== 'tfjs:wasm' && { product: { size: 1024, gigaflops: 71.3 } }),
        firstMilliseconds: one.first * (1 + batch / 256),
        peakBytes: Math.round(one.base + one.image * pixels * batch * (work === 'step' ? 3 : 1)),
        check: { difference: 2.4e-6, bound: 1e-4 },
        ...(i > 0 &&
          hasRatios && {
            ratio: { median: at(ratios, (place.rounds - 1) >> 1), interval: interval(ratios) },
          }),
      };
    }),
  };
}

/** Returns the times of all rounds. For batches of 256 or more, the data no longer fit into the caches. */
function times(
  { model, work, side, batch, rounds }: Place,
  one: Sample,
  slowed: Readonly<Record<string, number>>,
): number[] {
  const spilled = batch >= 256 && one.name === 'onnx:cpu' ? 1.15 : 1;
  const run =
    (one.fixed + one.each * (side / 28) ** 2 * batch * spilled) *
    weights[model].cost *
    (work === 'step' ? 2.7 : 1);
  const factor = slowed[one.name];
  return Array.from(
    { length: rounds },
    (_, round) => run * (factor ?? 1) * (1 + 0.04 * noise(round * 31 + batch + one.name.length)),
  );
}

/** Hashes an integer to a number from 0 to 1, with the final steps of MurmurHash. */
function noise(n: number): number {
  const mixed = Math.imul(n ^ (n >>> 16), 0x85eb_ca6b) + 0x1234_5678;
  const again = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return ((again ^ (again >>> 16)) >>> 0) / 2 ** 32;
}

function sorted(list: readonly number[]): number[] {
  return list.toSorted((a, b) => a - b);
}

/** Returns the order statistics 4 and 12 of 15. */
function interval(ascending: readonly number[]): [number, number] {
  const skipped = Math.floor(ascending.length / 5);
  return [at(ascending, skipped), at(ascending, ascending.length - 1 - skipped)];
}

function at<T>(list: readonly T[], i: number): T {
  const found = list[i];
  if (found === undefined) throw new Error(`nothing at ${i}`);
  return found;
}
