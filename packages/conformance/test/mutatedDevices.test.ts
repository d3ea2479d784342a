// The suite on wrong and on correct devices: a device with a mutant fails the checks meant for it and passes
// others, and a device that only rounds to float32 passes all cases.
import type { Device } from '@isonet/core';
import { UnsupportedOpError } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { forwarded } from '../src/forwarded.ts';
import type { Case, Verdict } from '../src/index.ts';
import { cases, checks, runCase } from '../src/index.ts';
import { referenceDevice } from '../src/oracle.ts';
import { deviceWith, float32Device, mutatedDevice } from './mutation/device.ts';
import { valued } from './mutation/tensors.ts';
import { withEarlyUpdates } from './wrongDevices.ts';

const all = checks();

async function verdictOf(device: Device, key: string): Promise<Verdict> {
  const check = all.find((candidate) => candidate.key === key);
  if (!check) throw new Error(`there is no check ${key}`);
  return await check.run(device);
}

/** By mutant: checks that fail on a device with it, and a similar check that passes. */
const checksOf: Readonly<Record<string, readonly [failing: readonly string[], passing: string]>> = {
  'maxPool2dGrad: the last maximum': [
    ['maxPool2d/flat-zero', 'maxPool2d/few-values-stride-1', 'maxPool2dGrad/flat-negative-padded'],
    'maxPool2d/3x3-stride-2',
  ],
  'maxPool2d: zero padding': [
    ['maxPool2d/negative-only-padded', 'maxPool2d/flat-negative-padded'],
    'maxPool2d/2x2',
  ],
  'conv2d: a dropped tap': [
    ['conv2d/3x3', 'conv2d/1x1', 'conv2d/groups-2', 'conv2d/reals-3x3', 'contract/frozen'],
    'add/reals',
  ],
  'conv2d: a row of padding at the bottom instead of the top': [
    ['conv2d/3x3-padded', 'conv2dGradInput/4x4-stride-2', 'combination/residual'],
    'conv2d/3x3',
  ],
  'conv2dGradFilter: a dropped column': [['conv2d/3x3', 'conv2dGradFilter/depthwise'], 'relu/reals'],
  'conv2d: inputs in TF32': [
    ['conv2d/reals-1x1', 'conv2d/reals-3x3', 'conv2d/reals-3x3-stride-2'],
    'conv2d/3x3',
  ],
  'avgPool2d: countPadding inverted': [
    ['avgPool2d/3x3-stride-2-padded', 'avgPool2d/one-pixel-padded', 'avgPool2d/3x3-stride-2-padded-counted'],
    'avgPool2d/window-covers-image',
  ],
  'maxPool2dGather: the last maximum': [
    ['maxPool2dGather/flat-zero', 'maxPool2dGrad/few-values'],
    'maxPool2dGather/3x3-stride-2',
  ],
  'maxPool2dGather: the first pixel': [
    ['maxPool2dGather/2x2', 'maxPool2dGrad/2x2'],
    'maxPool2dGather/1x1-stride-2',
  ],
  'biasAdd: bias ignored': [
    ['biasAdd/images', 'combination/conv-bias-relu', 'combination/network-in-network'],
    'conv2d/3x3',
  ],
  'reduceSum: no axes taken for all axes': [['reduceSum/no-axes'], 'reduceSum/everything'],
  'select: by multiplication': [
    ['select/unchosen-nan-and-infinity', 'contract/non-finite-step-changes-nothing'],
    'select/odd-size',
  ],
  'randomUniform: another stream': [
    ['randomUniform/odd-size', 'dropout/drawn-on-the-device'],
    'dropout/half',
  ],
  'argMax: the last of a tie': [['argMax/ties-go-to-the-first', 'argMax/flat'], 'argMax/last-axis'],
  'cast: rounded to the nearest': [
    ['cast/float32-to-int32-cuts-towards-0', 'cast/there-and-back'],
    'cast/float32-to-int32',
  ],
  'concat: the last input first': [
    ['concat/channels', 'concat/bool', 'combination/inception'],
    'concat/one-value-twice',
  ],
  'gather: negative indices count from the end': [
    ['gather/outside', 'gather/channels-outside', 'gather/constant-index-below'],
    'gather/columns',
  ],
  'gather: indices outside are clamped': [
    ['gather/outside', 'gather/rows-outside', 'gather/constant-index-above'],
    'gather/rows',
  ],
  'batchMatMul: the first y for every x': [
    ['batchMatMul/odd-size-nn', 'batchMatMul/reals-tt'],
    'batchMatMul/one-pair-nn',
  ],
  'batchMatMul: square matrices are not transposed': [
    ['batchMatMul/square-in-all-ways'],
    'batchMatMul/odd-size-tt',
  ],
  'matMul: inputs in TF32': [['matMul/reals-nn', 'matMul/reals-tt', 'dense/reals'], 'matMul/odd-size-nn'],
  'matMul: square matrices are not transposed': [['matMul/square-in-all-ways'], 'matMul/odd-size-tt'],
  'pad: zeros for the value': [['pad/by-a-number', 'pad/by-a-tenth', 'pad/before-a-product'], 'pad/pixels'],
  'transpose: the inverse permutation': [
    ['transpose/nchw-to-nhwc', 'transpose/five-axes', 'transpose/int32'],
    'transpose/nothing-to-do',
  ],
  'upsampleNearest2d: the whole image repeated': [
    ['upsampleNearest2d/twice', 'upsampleNearest2d/rows-alone', 'upsampleNearest2d/reals'],
    'upsampleNearest2d/one-pixel',
  ],
  'adamUpdate: epsilon inside the square root': [['adamUpdate/large-epsilon'], 'adamUpdate/running'],
  'equal: equal within 1e-6': [['equal/neighbours-and-signs'], 'equal/odd-size'],
  'erf: off by 5e-4': [['erf/around-0', 'erf/in-gelu'], 'tanh/around-0'],
  'gelu: x times sigmoid(1.702 x)': [['gelu/erf-around-0', 'gelu/tanh-around-0'], 'erf/in-gelu'],
  'leakyRelu: max(x, alpha x)': [['leakyRelu/alpha-above-1'], 'leakyRelu/reals'],
  'logSoftmax: the logarithm of softmax': [['logSoftmax/far-apart'], 'logSoftmax/rows'],
  'silu: a quotient of exponentials': [['silu/saturated'], 'silu/around-0'],
  'silu: the gate alone': [['silu/around-0', 'silu/scalar'], 'sigmoid/as-a-gate'],
  'softmax: the maximum is not subtracted': [['softmax/large'], 'softmax/rows'],
  'sqrt: x times 1 / sqrt(x)': [
    ['sqrt/zero', 'globalNorm/all-zero/decomposed', 'adamUpdate/zero-gradient/decomposed'],
    'sqrt/around-1',
  ],
  'tanh: a quotient of exponentials': [['tanh/saturated'], 'tanh/around-0'],
  'batchNorm: variance as E[x^2] - E[x]^2': [['batchNorm/far-from-0'], 'batchNorm/only-y'],
  'batchNorm: unbiased variance': [
    ['batchNorm/images', 'batchNorm/only-y', 'batchNorm/only-statistics'],
    'batchNormInference/images',
  ],
  'batchNormGrad: mean and variance treated as constants': [
    ['batchNormGrad/images', 'batchNormGrad/only-dx', 'batchNorm/images', 'variant/nin-batch-norm'],
    'batchNormInference/images',
  ],
  'groupNorm: interleaved groups': [
    ['groupNorm/two-groups', 'groupNorm/rows'],
    'groupNorm/a-group-per-channel',
  ],
  'groupNorm: unbiased variance': [['groupNorm/two-groups', 'groupNorm/one-group'], 'layerNorm/images'],
  'groupNorm: variance as E[x^2] - E[x]^2': [['groupNorm/far-from-0'], 'groupNorm/two-groups'],
  'layerNorm: unbiased variance': [['layerNorm/rows', 'layerNorm/images'], 'groupNorm/one-group'],
  'layerNorm: variance as E[x^2] - E[x]^2': [['layerNorm/far-from-0'], 'layerNorm/rows'],
  'lrn: alpha not divided by size': [['lrn/five-channels-of-seven', 'lrn/googlenet'], 'lrn/size-1'],
};

describe('a device with a mutant fails the checks meant for it and passes others', () => {
  it.each(Object.entries(checksOf))('%s', async (name, [failing, passing]) => {
    const device = await mutatedDevice(name);
    for (const key of failing) expect(await verdictOf(device, key), key).toMatchObject({ passed: false });
    expect(await verdictOf(device, passing)).toMatchObject({ passed: true, failures: [] });
  });

  it('updates that are committed one by one', async () => {
    const device = withEarlyUpdates(await referenceDevice());
    expect(await verdictOf(device, 'contract/updates-commit-together')).toMatchObject({ passed: false });
    expect(await verdictOf(device, 'contract/runs-keep-their-order')).toMatchObject({ passed: true });
  });

  it('the failure names the output, the position and the value', async () => {
    const device = await mutatedDevice('conv2d: a dropped tap');
    const { failures, worst } = await verdictOf(device, 'conv2d/one-image-one-channel');
    expect(failures[0]).toMatch(/^forward: y0 at \[0, 0, 0, 0\] is -?\d+, expected -?\d+$/);
    expect(worst).toBe(Infinity);
  });
});

describe('an approximation of erf', () => {
  /** erf(x) = 1 - (a1 t + a2 t^2 + ...) e^(-x^2) with t = 1 / (1 + p x), for x >= 0; odd. */
  const approximated = (p: number, factors: readonly number[]): Promise<Device> =>
    deviceWith(({ node, operands: [x] }) => {
      if (node.op !== 'erf' || !x) return undefined;
      const erf = (value: number): number => {
        const t = 1 / (1 + p * Math.abs(value));
        const sum = factors.reduceRight((total, a) => t * (total + a), 0);
        return Math.sign(value) * (1 - sum * Math.exp(-value * value));
      };
      return [valued(x, erf)];
    });
  const erfCases = cases.filter(({ key }) => key.startsWith('erf/'));

  it.each(erfCases)('passes $key if it is off by 1.5e-7 (Abramowitz and Stegun 7.1.26)', async (test) => {
    const factors = [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429];
    const device = await approximated(0.3275911, factors);
    expect(await runCase(device, test)).toMatchObject({ passed: true, failures: [] });
  });

  it.each(erfCases)('fails $key if it is off by 2.5e-5 (Abramowitz and Stegun 7.1.25)', async (test) => {
    const device = await approximated(0.47047, [0.3480242, -0.0958798, 0.7478556]);
    expect(await runCase(device, test)).toMatchObject({ passed: false });
  });
});

describe('a device that refuses', () => {
  it('neither passes nor fails, and its reason is reported', async () => {
    const refusing: Device = {
      ...forwarded(await referenceDevice()),
      compile: () => Promise.reject(new UnsupportedOpError('exp: not today')),
    };
    const isExp = ({ key }: Case): boolean => key === 'exp/around-0';
    for (const test of cases.filter(isExp)) {
      expect(await runCase(refusing, test)).toMatchObject({
        passed: false,
        failures: [],
        refused: 'exp: not today',
      });
    }
    expect(cases.filter(isExp)).toHaveLength(1);
  });
});

describe('an honest float32 device', () => {
  it.each(cases.filter(({ judged }) => judged === 'bounded'))('passes $key', async (test) => {
    const { failures, worst } = await runCase(await float32Device(), test);
    expect(failures).toEqual([]);
    expect(worst).toBeLessThan(1);
  });
});
