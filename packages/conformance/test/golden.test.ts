// The generator of the golden weights and images, by the SHA-256 that golden/*.json have of them; and that the checks
// which use them can fail.
import { createHash } from 'node:crypto';
import type { Tensor } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { onnxHere as onnx } from '../../backend-onnx/src/index.ts';
import { withKernel, wrongKernels } from '../src/index.ts';
import { goldenBatch, goldenParameters } from '../src/golden/golden.ts';
import { goldenChecks } from '../src/golden/checks.ts';
import { readGolden } from '../src/golden/file.ts';
import { referenceDevice } from '../src/oracle.ts';

/** Over the values of all tensors as little-endian bytes. */
function sha256(tensors: readonly Tensor[]): string {
  const hash = createHash('sha256');
  for (const { data } of tensors) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest('hex');
}

describe.each(['nin', 'googlenet'] as const)('golden/%s.json', (model) => {
  const file = readGolden(model);

  it('is of that network', () => {
    expect(file.model).toBe(model);
  });

  it.each(['xavier', 'he'] as const)('%s: the parameters are those that PyTorch had', (init) => {
    const parameters = goldenParameters(file, init);
    expect(Object.keys(parameters)).toEqual(file.params.map(([name]) => name));
    expect(sha256(Object.values(parameters))).toBe(file.sha256_params_f32le[init]);
  });

  it('the images and labels are those that PyTorch had', () => {
    for (const golden of file.cases) {
      const { images, labels } = goldenBatch(file, golden);
      expect(sha256([images])).toBe(golden.input.sha256_f32le);
      expect([...labels.data]).toEqual(golden.input.labels);
    }
  });
});

describe('goldenChecks', () => {
  it('convicts a device that forgets a bias', async () => {
    // Without its steps: the first numbers tell.
    const file = readGolden('nin');
    const cases = file.cases.slice(0, 1).map((golden) => ({
      ...golden,
      steps: 0,
      f64: { ...golden.f64, losses: golden.f64.losses.slice(0, 1), after: {} },
    }));
    const [check] = goldenChecks({ ...file, cases });
    const right = await referenceDevice();
    const wrong = withKernel(right, (b, node, inputs) =>
      node.origin.layer === 'nin2.c2' && node.origin.phase === 'forward'
        ? wrongKernels['biasAdd: forgotten']?.(b, node, inputs)
        : undefined,
    );
    expect(await check?.run(right)).toMatchObject({ passed: true });
    const { failures = [] } = (await check?.run(wrong)) ?? {};
    expect(failures.some((line) => line.startsWith('activation nin2: norm is off by'))).toBe(true);
    expect(failures.some((line) => line.startsWith('activation nin1'))).toBe(false);
    expect(failures.some((line) => line.startsWith('gradient of nin2.c2.b: norm'))).toBe(true);
  });

  it('convicts a device that leaves a parameter as it was, and no right float32 device', async () => {
    const [check] = goldenChecks(readGolden('nin'));
    await using right = await onnx.open();
    const wrong = withKernel(right, (_, node, [weight]) =>
      node.op === 'sgdUpdate' && node.origin.layer === 'nin3.c2.w' && weight ? [weight] : undefined,
    );
    expect(await check?.run(right)).toMatchObject({ passed: true, failures: [] });
    const { failures = [] } = (await check?.run(wrong)) ?? {};
    const after = failures.filter((line) => line.includes('after the steps'));
    expect(after).toHaveLength(1);
    expect(after[0]).toMatch(/^nin3\.c2\.w after the steps is off by /);
  });
});
