// That the suite convicts: every planted fault fails the checks that are there for it, and a device whose only fault is
// that it rounds to float32 passes all.
import type { Device } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../src/index.ts';
import { cases, checks, runCase, withKernel, wrongKernels } from '../src/index.ts';
import { erfByFiveTerms, roundedToFloat32, withEarlyUpdates } from './mutation/wrongKernels.ts';
import { referenceDevice } from '../src/oracle.ts';

const all = checks();

async function verdictOf(device: Device, key: string): Promise<Verdict> {
  const check = all.find((candidate) => candidate.key === key);
  if (!check) throw new Error(`there is no check ${key}`);
  return await check.run(device);
}

/** By fault: checks that must fail, and after a dash one beside them that must pass. */
const convictions: Readonly<Record<string, readonly [convicts: readonly string[], acquits: string]>> = {
  'maxPool2dGrad: the last maximum': [
    ['maxPool2d/flat-zero', 'maxPool2d/few-values-stride-1', 'maxPool2dGrad/flat-negative-padded'],
    'maxPool2d/3x3-stride-2',
  ],
  'maxPool2d: padding by zeros': [
    ['maxPool2d/negative-only-padded', 'maxPool2d/flat-negative-padded'],
    'maxPool2d/2x2',
  ],
  'conv2d: a dropped tap': [
    ['conv2d/3x3', 'conv2d/1x1', 'conv2d/groups-2', 'conv2d/reals-3x3', 'contract/frozen'],
    'add/reals',
  ],
  'conv2d: a shifted row': [
    ['conv2d/3x3-padded', 'conv2dGradInput/4x4-stride-2', 'combination/residual'],
    'conv2d/3x3',
  ],
  'conv2dGradFilter: the last column is left out': [
    ['conv2d/3x3', 'conv2dGradFilter/depthwise'],
    'relu/reals',
  ],
  'convolutions: inputs in TF32': [
    ['conv2d/reals-1x1', 'conv2d/reals-3x3', 'conv2d/reals-3x3-stride-2'],
    'conv2d/3x3',
  ],
  'avgPool2d: padding counts': [
    ['avgPool2d/3x3-stride-2-padded', 'avgPool2d/one-pixel-padded'],
    'avgPool2d/3x3-stride-2-padded-counted',
  ],
  'maxPool2dGather: the last maximum': [
    ['maxPool2dGather/flat-zero', 'maxPool2dGrad/few-values'],
    'maxPool2dGather/3x3-stride-2',
  ],
  'maxPool2dGather: the first pixel': [
    ['maxPool2dGather/2x2', 'maxPool2dGrad/2x2'],
    'maxPool2dGather/1x1-stride-2',
  ],
  'biasAdd: forgotten': [
    ['biasAdd/images', 'combination/conv-bias-relu', 'combination/network-in-network'],
    'conv2d/3x3',
  ],
  'reduceSum: no axes taken for all': [['reduceSum/no-axes'], 'reduceSum/everything'],
  'select: by multiplication': [
    ['select/unchosen-nan-and-infinity', 'contract/non-finite-step-changes-nothing'],
    'select/odd-size',
  ],
  'randomUniform: another stream': [
    ['randomUniform/odd-size', 'dropout/drawn-on-the-device'],
    'dropout/half',
  ],
  'argMax: the last of a tie': [['argMax/ties-go-to-the-first', 'argMax/flat'], 'argMax/last-axis'],
  'cast: to the nearest': [
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
  'gather: the nearest entry for an index outside': [
    ['gather/outside', 'gather/rows-outside', 'gather/constant-index-above'],
    'gather/rows',
  ],
  'batchMatMul: the first y for every x': [
    ['batchMatMul/odd-size-nn', 'batchMatMul/reals-tt'],
    'batchMatMul/one-pair-nn',
  ],
  'batchMatMul: a square matrix is never transposed': [
    ['batchMatMul/square-in-all-ways'],
    'batchMatMul/odd-size-tt',
  ],
  'matMul: inputs in TF32': [['matMul/reals-nn', 'matMul/reals-tt', 'dense/reals'], 'matMul/odd-size-nn'],
  'matMul: a square matrix is never transposed': [['matMul/square-in-all-ways'], 'matMul/odd-size-tt'],
  'pad: by zeros': [['pad/by-a-number', 'pad/by-a-tenth', 'pad/before-a-product'], 'pad/pixels'],
  'transpose: the inverse permutation': [
    ['transpose/nchw-to-nhwc', 'transpose/five-axes', 'transpose/int32'],
    'transpose/nothing-to-do',
  ],
  'upsampleNearest2d: whole images side by side': [
    ['upsampleNearest2d/twice', 'upsampleNearest2d/rows-alone', 'upsampleNearest2d/reals'],
    'upsampleNearest2d/one-pixel',
  ],
  'adamUpdate: epsilon inside the root': [['adamUpdate/large-epsilon'], 'adamUpdate/running'],
  'equal: within a millionth': [['equal/neighbours-and-signs'], 'equal/odd-size'],
  'erf: by three terms': [['erf/around-0', 'erf/in-gelu'], 'tanh/around-0'],
  'gelu: x times sigmoid(1.702 x)': [['gelu/erf-around-0', 'gelu/tanh-around-0'], 'erf/in-gelu'],
  'leakyRelu: the larger of x and alpha x': [['leakyRelu/alpha-above-1'], 'leakyRelu/reals'],
  'logSoftmax: the logarithm of softmax': [['logSoftmax/far-apart'], 'logSoftmax/rows'],
  'silu: a quotient of exponentials': [['silu/saturated'], 'silu/around-0'],
  'silu: the gate without x': [['silu/around-0', 'silu/scalar'], 'sigmoid/as-a-gate'],
  'softmax: the maximum is not taken off': [['softmax/large'], 'softmax/rows'],
  'sqrt: by its inverse': [
    ['sqrt/zero', 'globalNorm/all-zero/decomposed', 'adamUpdate/zero-gradient/decomposed'],
    'sqrt/around-1',
  ],
  'tanh: a quotient of exponentials': [['tanh/saturated'], 'tanh/around-0'],
  'batchNorm: variance as the mean of the squares less the square of the mean': [
    ['batchNorm/far-from-0'],
    'batchNorm/only-y',
  ],
  'batchNorm: unbiased variance': [
    ['batchNorm/images', 'batchNorm/only-y', 'batchNorm/only-statistics'],
    'batchNormInference/images',
  ],
  'batchNormGrad: the mean and the variance taken for constants': [
    ['batchNormGrad/images', 'batchNormGrad/only-dx', 'batchNorm/images', 'variant/nin-batch-norm'],
    'batchNormInference/images',
  ],
  'groupNorm: groups of every other channel': [
    ['groupNorm/two-groups', 'groupNorm/rows'],
    'groupNorm/a-group-per-channel',
  ],
  'groupNorm: unbiased variance': [['groupNorm/two-groups', 'groupNorm/one-group'], 'layerNorm/images'],
  'groupNorm: variance as the mean of the squares less the square of the mean': [
    ['groupNorm/far-from-0'],
    'groupNorm/two-groups',
  ],
  'layerNorm: unbiased variance': [['layerNorm/rows', 'layerNorm/images'], 'groupNorm/one-group'],
  'layerNorm: variance as the mean of the squares less the square of the mean': [
    ['layerNorm/far-from-0'],
    'layerNorm/rows',
  ],
  'lrn: alpha not divided by the size': [['lrn/five-channels-of-seven', 'lrn/googlenet'], 'lrn/size-1'],
};

describe('planted faults', () => {
  it('are all accounted for', () => {
    expect(Object.keys(convictions)).toEqual(Object.keys(wrongKernels));
  });

  it.each(Object.entries(wrongKernels))('%s', async (name, replace) => {
    const [convicts, acquits] = convictions[name] ?? [[], ''];
    const device = withKernel(await referenceDevice(), replace);
    for (const key of convicts) expect(await verdictOf(device, key), key).toMatchObject({ passed: false });
    expect(await verdictOf(device, acquits)).toMatchObject({ passed: true, failures: [] });
  });

  it('updates that are committed one by one', async () => {
    const device = withEarlyUpdates(await referenceDevice());
    expect(await verdictOf(device, 'contract/updates-commit-together')).toMatchObject({ passed: false });
    expect(await verdictOf(device, 'contract/runs-keep-their-order')).toMatchObject({ passed: true });
  });

  it('tell what is off: which output, where, by how much', async () => {
    const replace = wrongKernels['conv2d: a dropped tap'];
    const device = withKernel(await referenceDevice(), replace ?? (() => undefined));
    const { failures, worst } = await verdictOf(device, 'conv2d/one-image-one-channel');
    expect(failures[0]).toMatch(/^forward: y0 at \[0, 0, 0, 0\] is -?\d+, expected -?\d+$/);
    expect(worst).toBe(Infinity);
  });
});

describe('an approximation within its bound', () => {
  it.each(cases.filter(({ key }) => key.startsWith('erf/')).map((test) => [test.key, test] as const))(
    'is no fault: %s by five terms',
    async (_, test) => {
      const device = withKernel(await referenceDevice(), erfByFiveTerms);
      expect(await runCase(device, test)).toMatchObject({ passed: true, failures: [] });
    },
  );
});

describe('a device that refuses', () => {
  it('is neither passed nor failed, and its reason is told', async () => {
    const device = await referenceDevice();
    const test = cases.find(({ key }) => key === 'exp/around-0');
    if (!test) throw new Error('no such case');
    const { UnsupportedOpError } = await import('@isonet/core');
    const refusing: Device = {
      ...withKernel(device, () => undefined),
      compile: () => Promise.reject(new UnsupportedOpError('exp: not today')),
    };
    expect(await runCase(refusing, test)).toMatchObject({
      passed: false,
      failures: [],
      refused: 'exp: not today',
    });
  });
});

describe('an honest float32 device', () => {
  const bounded = cases.filter(({ judged }) => judged === 'bounded');

  it.each(bounded.map((test) => [test.key, test] as const))('passes %s', async (_, test) => {
    const device = withKernel(await referenceDevice(), roundedToFloat32);
    const { failures, worst } = await runCase(device, test);
    expect(failures).toEqual([]);
    expect(worst).toBeLessThan(1);
  });
});
