// The gradients of every op against central differences in float64, and every composite's own rule against the automatic
// derivative of its decomposition. The reference alone is held to them: every other backend is compared with it.
import type { Device, Tensor, Tensors } from '@isonet/core';
import { decompose, definitionOf, gradientName } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import type { Case } from '../src/index.ts';
import { cases, withKernel, wrongKernels } from '../src/index.ts';
import { relativeL2, the } from '../src/compare.ts';
import { lossWeights, units } from '../src/data.ts';
import { referenceDevice, runOnce } from '../src/oracle.ts';

const STEP = 1e-4;
const named = (list: readonly Case[]): (readonly [string, Case])[] =>
  list.map((test) => [test.key, test] as const);

describe('central differences', () => {
  const smooth = cases.filter((test) => !test.kinked && test.backward());

  it.each(named(smooth))('%s', async (_, test) => {
    expect(await worstError(await referenceDevice(), test)).toBeLessThan(1e-6);
  });

  it.each([
    ['conv2d/3x3', 'conv2dGradFilter: the last column is left out'],
    ['conv2dGradFilter/3x3-padded', 'conv2d: a dropped tap'],
  ])('%s convicts %s', async (key, fault) => {
    const test = cases.find((candidate) => candidate.key === key);
    const replace = wrongKernels[fault];
    if (!test || !replace) throw new Error('no such case or fault');
    expect(await worstError(withKernel(await referenceDevice(), replace), test)).toBeGreaterThan(1e-3);
  });
});

describe("a composite's own rule and its decomposition's derivative", () => {
  const composite = cases.filter((test) =>
    test.forward().nodes.some(({ op }) => definitionOf(op).kind === 'composite'),
  );

  it.each(named(composite))('%s', async (_, test) => {
    const [byRule, byDecomposition] = [
      test.backward(),
      test.backward((graph) => decompose(graph, () => true)),
    ];
    if (!byRule || !byDecomposition) throw new Error(`${test.key} has no gradient`);
    const device = await referenceDevice();
    const expected = await runOnce(device, byDecomposition, {}, test.feeds);
    const outputs = await runOnce(device, byRule, {}, test.feeds);
    for (const [name, { data }] of Object.entries(expected)) {
      expect(relativeL2(the(outputs, name).data, data), name).toBeLessThan(1e-12);
    }
  });
});

/**
 * Of the derivative of the loss along three directions for each float input: the difference between gradient and
 * (loss(x + h d) - loss(x - h d)) / 2h, relative to the sum of the magnitudes of the gradient's terms.
 */
async function worstError(device: Device, test: Case): Promise<number> {
  const backward = test.backward();
  if (!backward) throw new Error(`${test.key} has no gradient`);
  const gradients = await runOnce(device, backward, {}, test.feeds);
  const reference = await referenceDevice();
  await using program = await reference.compile(test.forward());
  await using state = await reference.createState({});
  const lossAt = async (feeds: Tensors): Promise<number> => lossOf(await program.run(state, feeds).read());

  let worst = 0;
  for (const [name, x] of Object.entries(test.feeds)) {
    if (x.dtype !== 'float32') continue;
    const { data: gradient } = the(gradients, gradientName(name));
    for (const nth of ['first', 'second', 'third']) {
      const direction = units(`${nth} direction`, x.shape).map((u) => u * 2 - 1);
      const [ahead, behind] = await Promise.all(
        [STEP, -STEP].map((h) => lossAt({ ...test.feeds, [name]: moved(x, direction, h) })),
      );
      const measured = ((ahead ?? NaN) - (behind ?? NaN)) / (2 * STEP);
      const terms = Array.from(direction, (d, i) => d * (gradient[i] ?? NaN));
      const analytic = terms.reduce((sum, term) => sum + term, 0);
      const scale = terms.reduce((sum, term) => sum + Math.abs(term), 0);
      const error = Math.abs(measured - analytic);
      worst = Math.max(worst, error === 0 ? 0 : error / Math.max(scale, 1e-3));
    }
  }
  return worst;
}

function moved({ shape, data }: Tensor, direction: Float32Array, h: number): Tensor {
  return {
    dtype: 'float64',
    shape,
    data: Float64Array.from(data, (value, i) => value + h * (direction[i] ?? NaN)),
  };
}

/** The loss that the cases' backward graphs differentiate. */
function lossOf(outputs: Tensors): number {
  const terms = Object.values(outputs).flatMap(({ dtype, shape, data }) => {
    const weights = lossWeights(shape).data;
    return dtype === 'float64' ? Array.from(data, (value, i) => value * (weights[i] ?? NaN)) : [];
  });
  return terms.reduce((sum, term) => sum + term, 0);
}
