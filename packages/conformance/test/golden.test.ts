// The golden weights and images have the SHA-256 recorded in golden/*.json, and the golden checks fail on wrong devices.
import { createHash } from 'node:crypto';
import type { Tensor } from '@isonet/core';
import { defined } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { onnxHere as onnx } from '../../backend-onnx/src/index.ts';
import { goldenBatch, goldenParameters, readGolden } from '../src/golden/golden.ts';
import { goldenChecks, judged } from '../src/golden/checks.ts';
import { referenceDevice } from '../src/oracle.ts';
import { mutatedDevice } from './mutation/device.ts';
import { rewriting } from './rewriting.ts';

/** Returns the hash of the values of all tensors, as little-endian bytes. */
function sha256(tensors: readonly Tensor[]): string {
  const hash = createHash('sha256');
  for (const { data } of tensors) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest('hex');
}

describe.each(['nin', 'googlenet'] as const)('golden/%s.json', async (model) => {
  const file = await readGolden(model);

  it('names its network', () => {
    expect(file.model).toBe(model);
  });

  it.each(['xavier', 'he'] as const)('%s: the parameters are those of the PyTorch run', (init) => {
    const parameters = goldenParameters(file, init);
    expect(Object.keys(parameters)).toEqual(file.params.map(([name]) => name));
    expect(sha256(Object.values(parameters))).toBe(file.sha256_params_f32le[init]);
  });

  it('the images and labels are those of the PyTorch run', () => {
    for (const golden of file.cases) {
      const { images, labels } = goldenBatch(file, golden);
      expect(sha256([images])).toBe(golden.input.sha256_f32le);
      expect([...labels.data]).toEqual(golden.input.labels);
    }
  });
});

describe('golden checks', () => {
  it('fail on a device that ignores a bias', async () => {
    // The steps are omitted, because the first values already differ.
    const file = await readGolden('nin');
    const golden = defined(file.cases[0], 'a case');
    const { f64 } = golden;
    const first = { ...golden, steps: 0, f64: { ...f64, losses: f64.losses.slice(0, 1), after: {} } };
    const wrong = await mutatedDevice(
      'biasAdd: bias ignored',
      ({ origin }) => origin.layer === 'nin2.c2' && origin.phase === 'forward',
    );
    expect((await judged(await referenceDevice(), file, first)).failures).toEqual([]);
    const { failures } = await judged(wrong, file, first);
    expect(failures.some((line) => line.startsWith('activation nin2: norm is off by'))).toBe(true);
    expect(failures.some((line) => line.startsWith('activation nin1'))).toBe(false);
    expect(failures.some((line) => line.startsWith('gradient of nin2.c2.b: norm'))).toBe(true);
  });

  it('fail on a float32 device that does not update a parameter, and pass on a correct one', async () => {
    const [check] = goldenChecks;
    await using right = await onnx.open();
    const wrong = rewriting(right, (_, node, [weight]) =>
      node.op === 'sgdUpdate' && node.origin.layer === 'nin3.c2.w' && weight ? [weight] : undefined,
    );
    expect(await check?.run(right)).toMatchObject({ passed: true, failures: [] });
    const { failures = [] } = (await check?.run(wrong)) ?? {};
    const after = failures.filter((line) => line.includes('after the steps'));
    expect(after).toHaveLength(1);
    expect(after[0]).toMatch(/^nin3\.c2\.w after the steps is off by /);
  });
});
