// Compares second derivatives with central differences of the gradients: the ops are closed under differentiation.
import type { Device, Graph, Tensors, Value } from '@isonet/core';
import { copyInto, deadCode, grad, GraphBuilder, gradientName } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import type { Case } from '../src/index.ts';
import { cases } from '../src/index.ts';
import { tensorNamed } from '../src/check/compare.ts';
import { lossWeights } from '../src/case/data.ts';
import { referenceDevice, runOnce } from '../src/oracle.ts';
import { worstError } from './differences.ts';
import { mutatedDevice } from './mutation/device.ts';

describe('central differences of the gradient', () => {
  const smooth = cases.filter((test) => !test.kinked && test.backward());

  it.each(smooth.map((test) => [test.key, test] as const))('%s', async (_, test) => {
    expect(await errorOf(await referenceDevice(), test)).toBeLessThan(1e-6);
  });

  it.each([
    ['maxPool2d/3x3-stride-2', 'maxPool2dGather: the first pixel'],
    ['conv2d/3x3-padded', 'conv2d: a dropped tap'],
  ])('%s detects a device with "%s"', async (key, mutant) => {
    const test = cases.find((candidate) => candidate.key === key);
    if (!test) throw new Error(`there is no case ${key}`);
    expect(await errorOf(await mutatedDevice(mutant), test)).toBeGreaterThan(1e-3);
  });
});

/**
 * Returns the error of the second derivatives on the device, relative to central differences of the first on the
 * reference.
 */
async function errorOf(device: Device, test: Case): Promise<number> {
  const names = Object.keys(test.feeds).filter((name) => tensorNamed(test.feeds, name).dtype === 'float32');
  const first = weightedGradients(test.forward(), names);
  const second = await runOnce(device, grad(first, 'loss', names), {}, test.feeds);
  const reference = await referenceDevice();
  await using program = await reference.compile(first);
  await using state = await reference.createState({});
  const lossAt = async (feeds: Tensors): Promise<number> =>
    tensorNamed(await program.run(state, feeds).read(), 'loss').data[0] ?? NaN;
  return await worstError(test.feeds, second, lossAt);
}

/**
 * Builds a graph whose `loss: []` is a weighted sum of the gradients of a weighted sum of the outputs' squares. The squares give
 * linear ops second derivatives too.
 */
function weightedGradients(forward: Graph, names: readonly string[]): Graph {
  const squares = withLoss(forward, 'squares', (b, at) =>
    forward.outputs
      .map(({ value }) => at(value))
      .flatMap((y) => (y.dtype === 'float32' ? [b.op.mul(y, y)] : [])),
  );
  const once = grad(squares, 'loss', names);
  return withLoss(once, 'gradients', (_, at) =>
    once.outputs
      .filter(({ name }) => names.some((wrt) => gradientName(wrt) === name))
      .map(({ value }) => at(value)),
  );
}

/** Builds a graph with a single output `loss: []`, the weighted sum of the values that `pick` returns. */
function withLoss(
  graph: Graph,
  name: string,
  pick: (b: GraphBuilder, at: (value: number) => Value) => readonly Value[],
): Graph {
  const b = new GraphBuilder(`${graph.name} (${name})`);
  const terms = pick(b, copyInto(b, graph)).map((value) => {
    const weighted = b.op.mul(value, b.constant(lossWeights(value.shape)));
    const sum = b.op.reduceSum(weighted, { axes: value.shape.map((_, axis) => axis) });
    return b.op.reshape(sum, { shape: [] });
  });
  b.output(
    'loss',
    terms.reduce((sum, term) => b.op.add(sum, term)),
  );
  return deadCode(b.build());
}
