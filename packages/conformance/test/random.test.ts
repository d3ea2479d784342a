// Random cases are sound and the same for every device. On a wrong device they fail, and the failure names the
// smallest failing case and how to run it again.
import type { Device, Graph } from '@isonet/core';
import { DeviceLostError, UnsupportedOpError } from '@isonet/core';
import { sample } from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Check, RandomOptions } from '../src/index.ts';
import { checks, randomChecks } from '../src/index.ts';
import { forwarded } from '../src/forwarded.ts';
import { referenceDevice } from '../src/oracle.ts';
import { broadcasts, concats, pads, products, slices, sums, transposes } from '../src/random/arrays.ts';
import { chains } from '../src/random/chains.ts';
import type { Drawn } from '../src/random/drawn.ts';
import { averagePools, convolutions, maxPools } from '../src/random/windows.ts';
import { inexactness } from './exactness.ts';
import { float32Device, mutatedDevice } from './mutation/device.ts';

function check(key: string, options?: RandomOptions): Check {
  const found = randomChecks(options).find((each) => each.key === key);
  if (!found) throw new Error(`there is no check ${key}`);
  return found;
}

describe('random cases', () => {
  const exact: readonly (readonly [string, Arbitrary<Drawn>])[] = [
    ['conv2d', convolutions],
    ['maxPool2d', maxPools],
    ['matMul', products],
    ['reduceSum', sums],
    ['transpose', transposes],
    ['slice', slices],
    ['pad', pads],
    ['concat', concats],
    ['broadcast', broadcasts],
    ['combination', chains],
  ];

  it.each(exact)('%s: are exact for any order of summation', async (_, arbitrary) => {
    for (const { test, text } of sample(arbitrary, { seed: 11, numRuns: 60 })) {
      expect(inexactness(test.backward() ?? test.forward(), test.feeds), text).toEqual([]);
    }
  });

  it('avgPool2d: pass on an honest float32 device', async () => {
    const { passed, worst } = await check('avgPool2d/random', { runs: 60 }).run(await float32Device());
    expect({ passed, within: worst > 0 && worst < 1 }).toEqual({ passed: true, within: true });
  });

  it.each([...exact, ['avgPool2d', averagePools] as const])(
    '%s: are the same for the same seed',
    (_, arbitrary) => {
      const texts = (seed: number): readonly string[] =>
        sample(arbitrary, { seed, numRuns: 20 }).map(({ text }) => text);
      expect(texts(3)).toEqual(texts(3));
      expect(texts(3)).not.toEqual(texts(4));
      expect(new Set(texts(3)).size).toBeGreaterThan(10);
    },
  );

  it('are among all checks, one check for each op', () => {
    const keys = randomChecks().map(({ key }) => key);
    expect(keys).toHaveLength(11);
    const all = new Set(checks().map(({ key }) => key));
    expect(keys.filter((key) => !all.has(key))).toEqual([]);
  });
});

describe('a random check', () => {
  it.each([
    [
      'conv2d/random',
      'conv2d: a row of padding at the bottom instead of the top',
      /^x \[1, 1, \d, 1\], w \[1, 1, \d, 1\], strides \[1, 1\]/,
    ],
    ['conv2d/random', 'conv2d: a dropped tap', /^x \[1, 1, 1, 1\], w \[1, 1, 1, 1\]/],
    ['conv2d/random', 'conv2dGradFilter: a dropped column', /^x \[1, 1, 1, 1\].*: backward: grad\/w/],
    ['maxPool2d/random', 'maxPool2d: zero padding', /^x \[1, 1, 1, 1\], range \[-/],
    ['maxPool2d/random', 'maxPool2dGrad: the last maximum', /^x \[1, 1, .*: backward: grad\/x/],
    [
      'avgPool2d/random',
      'avgPool2d: countPadding inverted',
      /^x \[1, 1, 1, 1\], .*countPadding (true|false)/,
    ],
    ['matMul/random', 'matMul: square matrices are not transposed', / \[(\d), \1\]/],
    ['reduceSum/random', 'reduceSum: no axes taken for all axes', /^x \[2\], axes \[\]/],
    [
      'transpose/random',
      'transpose: the inverse permutation',
      /^x \[\d, \d, \d\], permutation \[(1, 2, 0|2, 0, 1)\]/,
    ],
    ['pad/random', 'pad: zeros for the value', /^x \[1\], before \[(0|1)\], after \[(0|1)\], value (3|-7.5)/],
    ['concat/random', 'concat: the last input first', /^x .*, [xy] [xy]( |:)/],
    ['combination/random', 'concat: the last input first', /^x .*, concat/],
  ])('%s fails on a small case: "%s"', async (key, mutant, text) => {
    const { passed, failures, worst } = await check(key).run(await mutatedDevice(mutant));
    expect({ passed, worst, failures: failures.length }).toEqual({
      passed: false,
      worst: Infinity,
      failures: 1,
    });
    expect(failures[0]).toMatch(text);
  });

  it('can run again only the case that failed', async () => {
    const device = await mutatedDevice('conv2d: a dropped tap');
    const { failures } = await check('conv2d/random').run(device);
    const path = /"path":"([\d:]+)"/.exec(failures[0] ?? '')?.[1] ?? '';
    let graphs = 0;
    const counting: Device = {
      ...forwarded(device),
      compile: (graph, options) => {
        graphs++;
        return device.compile(graph, options);
      },
    };
    const again = await check('conv2d/random', { path }).run(counting);
    expect(again.failures[0]?.split(' (again')[0]).toBe(failures[0]?.split(' (again')[0]);
    // The graphs of that case, forward and backward, and of the smaller cases that shrinking tries.
    expect(graphs).toBeLessThan(40);
    expect(await check('conv2d/random', { path, runs: 1 }).run(await referenceDevice())).toMatchObject({
      passed: true,
    });
  });

  it('draws other cases from another seed', async () => {
    const device = await mutatedDevice('conv2d: a dropped tap');
    const [first, second] = await Promise.all(
      [1, 2].map((seed) => check('conv2d/random', { seed }).run(device)),
    );
    expect(first?.failures[0]).toMatch(/"seed":1,/);
    expect(second?.failures[0]).toMatch(/"seed":2,/);
  });

  it('is refused only if every case is refused', async () => {
    const device = await referenceDevice();
    const refusing = (which: (graph: Graph) => boolean): Device => ({
      ...forwarded(device),
      compile: (graph, options) =>
        which(graph) ? Promise.reject(new UnsupportedOpError('not today')) : device.compile(graph, options),
    });
    const all = await check('slice/random', { runs: 5 }).run(refusing(() => true));
    expect(all).toMatchObject({ passed: false, failures: [], refused: 'not today' });
    const isDeep = ({ values }: Graph): boolean => values.some(({ shape }) => shape.length > 2);
    const some = await check('slice/random', { runs: 5 }).run(refusing(isDeep));
    expect(some).toMatchObject({ passed: true, failures: [] });
  });

  it('ends when the device is lost', async () => {
    const lost = new DeviceLostError('unplugged');
    const device: Device = {
      ...forwarded(await referenceDevice()),
      compile: () => Promise.reject(lost),
    };
    await expect(check('slice/random').run(device)).rejects.toBe(lost);
  });
});
