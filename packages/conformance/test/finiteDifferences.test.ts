// Compares the gradients of every op with central differences in float64, and every composite's gradient rule with the
// automatic derivative of its decomposition. Only the reference is tested here: the suite compares other backends with it.
import type { Device, Tensors } from '@isonet/core';
import { decompose, definitionOf } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import type { Case } from '../src/index.ts';
import { cases } from '../src/index.ts';
import { relativeL2, tensorNamed } from '../src/check/compare.ts';
import { lossWeights } from '../src/case/data.ts';
import { referenceDevice, runOnce } from '../src/oracle.ts';
import { worstError } from './differences.ts';
import { mutatedDevice } from './mutation/device.ts';

const named = (list: readonly Case[]): (readonly [string, Case])[] =>
  list.map((test) => [test.key, test] as const);

describe('central differences', () => {
  const smooth = cases.filter((test) => !test.kinked && test.backward());

  it.each(named(smooth))('%s', async (_, test) => {
    const off = 'the gradient against (loss(x + h) - loss(x - h)) / 2h, relative to the gradient';
    expect(await errorOf(await referenceDevice(), test), off).toBeLessThan(1e-6);
  });

  it.each([
    ['conv2d/3x3', 'conv2dGradFilter: a dropped column'],
    ['conv2dGradFilter/3x3-padded', 'conv2d: a dropped tap'],
  ])('%s detects a device with "%s"', async (key, mutant) => {
    const test = cases.find((candidate) => candidate.key === key);
    if (!test) throw new Error(`there is no case ${key}`);
    expect(await errorOf(await mutatedDevice(mutant), test)).toBeGreaterThan(1e-3);
  });
});

describe("a composite's own rule and its decomposition's derivative", () => {
  const composite = cases.filter(
    (test) => test.backward() && test.forward().nodes.some(({ op }) => definitionOf(op).kind === 'composite'),
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
      expect(relativeL2(tensorNamed(outputs, name).data, data), name).toBeLessThan(1e-12);
    }
  });
});

/**
 * Returns the error of a case's gradients on the device, relative to central differences of its loss on the
 * reference.
 */
async function errorOf(device: Device, test: Case): Promise<number> {
  const backward = test.backward();
  if (!backward) throw new Error(`${test.key} has no gradient`);
  const gradients = await runOnce(device, backward, {}, test.feeds);
  const reference = await referenceDevice();
  await using program = await reference.compile(test.forward());
  await using state = await reference.createState({});
  return await worstError(test.feeds, gradients, async (feeds) =>
    lossOf(await program.run(state, feeds).read()),
  );
}

/** Returns the loss that the cases' backward graphs differentiate. */
function lossOf(outputs: Tensors): number {
  const terms = Object.values(outputs).flatMap(({ dtype, shape, data }) => {
    const weights = lossWeights(shape).data;
    return dtype === 'float64' ? Array.from(data, (value, i) => value * (weights[i] ?? NaN)) : [];
  });
  return terms.reduce((sum, term) => sum + term, 0);
}
