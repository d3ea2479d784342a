// The checks of training: no decision of the teacher-forced steps is close, an honest float32 device passes, wrong updates
// fail, and loss curves distinguish wrong devices from correct ones.
import type { Device, Model } from '@isonet/core';
import { conv2d, flatten, float32, globalAvgPool2d, int32, maxPool2d, sequential } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { onnxHere as onnx } from '../../backend-onnx/src/index.ts';
import type { Check } from '../src/index.ts';
import { referenceDevice } from '../src/oracle.ts';
import { curvesCheck, distance } from '../src/training/curves.ts';
import { undecided } from './training/margins.ts';
import { referenceRun } from '../src/training/run.ts';
import { feedsOf, forcedSteps, trainingChecks } from '../src/training/teacherForced.ts';
import { judgeUpdates } from '../src/networks/updates.ts';
import { Findings } from '../src/check/findings.ts';
import { float32Device, mutatedDevice } from './mutation/device.ts';
import type { Rewrite } from './rewriting.ts';
import { rewriting } from './rewriting.ts';

function check(name: string): Check {
  const found = trainingChecks.find(({ key }) => key === `training/${name}`);
  if (!found) throw new Error(`no check training/${name}`);
  return found;
}

/** The index of the learning rate among the inputs of an update. */
const lrIndices: Readonly<Record<string, number>> = { sgdUpdate: 2, sgdMomentumUpdate: 3, adamUpdate: 4 };

const wrongUpdates: Readonly<Record<string, Rewrite>> = {
  'a learning rate 1 % off': (b, node, inputs) => {
    const index = lrIndices[node.op];
    if (index === undefined) return undefined;
    const changed = inputs.map((input, i) => (i === index ? b.op.mul(input, b.scalar(1.01)) : input));
    return b.emit(node.op, changed, node.attrs);
  },
  'no weight decay': (b, node, inputs) =>
    node.op === 'sgdMomentumUpdate' ? b.emit(node.op, inputs, { ...node.attrs, weightDecay: 0 }) : undefined,
  'momentum without Nesterov': (b, node, inputs) =>
    node.op === 'sgdMomentumUpdate' ? b.emit(node.op, inputs, { ...node.attrs, nesterov: false }) : undefined,
  'gradients are not clipped': (b, node) => (node.op === 'globalNorm' ? [b.scalar(0)] : undefined),
};

/** Returns the reference with a wrong update or a mutant. */
async function wrongDevice(name: string): Promise<Device> {
  const rewrite = wrongUpdates[name];
  return rewrite ? rewriting(await referenceDevice(), rewrite) : mutatedDevice(name);
}

describe('undecided', () => {
  const model = (kernel: number): Model => ({
    name: 'tiny',
    input: { name: 'images', shape: [1, 1, 2] },
    output: { name: 'logits', shape: [1] },
    layer: sequential({
      conv: conv2d(1, { kernel: 1, activation: 'relu' }),
      pool: maxPool2d({ kernel: [1, kernel] }),
      gap: globalAvgPool2d(),
      flatten: flatten(),
    }),
  });
  const count = (kernel: number, [x, y]: readonly [number, number], bias: number): Promise<number> =>
    undecided(
      model(kernel),
      { 'conv.w': float32([1, 1, 1, 1], [1.1]), 'conv.b': float32([1], [bias]) },
      { images: float32([1, 1, 1, 2], [x, y]), labels: int32([1], [0]) },
    );

  it('counts pre-activations that rounding can take across 0', async () => {
    expect(await count(1, [0.3, 0.7], -0.33)).toBe(1);
    expect(await count(1, [0.3, 0.3], -0.33)).toBe(2);
    expect(await count(1, [0.3, 0.7], -0.3301)).toBe(0);
  });

  it('does not count what is exactly 0, or tiny and exact', async () => {
    expect(await count(1, [0, 0.7], 0)).toBe(0);
    expect(await count(1, [0, 0.7], 1e-12)).toBe(0);
  });

  it('counts windows whose two largest values rounding can swap, but no ties', async () => {
    expect(await count(2, [0.7, 0.7 + 1e-7], 0.1)).toBe(1);
    expect(await count(2, [0.7, 0.7], 0.1)).toBe(0);
    expect(await count(2, [0.7, 0.7001], 0.1)).toBe(0);
    expect(await count(2, [0.1, 0.2], -0.5)).toBe(0);
  });
});

describe('forced steps', () => {
  it.each(forcedSteps)(
    '$regime.name, step $step: batch $batch is the first in which no decision is close',
    async (forced) => {
      const { regime, step, batch } = forced;
      const state = await referenceRun(regime).stateAt(step);
      for (let before = 0; before < batch; before++) {
        expect(await undecided(regime.model, state, await feedsOf({ ...forced, batch: before }))).not.toBe(0);
      }
      expect(await undecided(regime.model, state, await feedsOf(forced))).toBe(0);
    },
    300_000,
  );

  it.each(trainingChecks)('$key: an honest float32 device passes', async ({ run }) => {
    const { failures, worst } = await run(await float32Device());
    expect(failures).toEqual([]);
    expect(worst).toBeLessThan(0.9);
  });

  it.each([
    ['nin-narrow-book-step-0', 'a learning rate 1 % off'],
    ['nin-narrow-book-step-0', 'randomUniform: another stream'],
    ['nin-narrow-book-step-10', 'conv2d: inputs in TF32'],
    ['nin-narrow-fast-step-3', 'no weight decay'],
    ['nin-narrow-fast-step-3', 'momentum without Nesterov'],
    ['nin-narrow-fast-step-3', 'conv2dGradFilter: a dropped column'],
    ['nin-narrow-best-step-10', 'batchNorm: unbiased variance'],
    ['nin-narrow-best-step-20', 'conv2d: inputs in TF32'],
    ['nin-narrow-adam-step-3', 'a learning rate 1 % off'],
    ['nin-narrow-adam-step-3', 'gradients are not clipped'],
    ['nin-fast-step-1', 'conv2d: a row of padding at the bottom instead of the top'],
  ])('%s fails by more than ten bounds: %s', async (name, wrong) => {
    const { failures, worst } = await check(name).run(await wrongDevice(wrong));
    expect(failures.length).toBeGreaterThan(0);
    expect(worst).toBeGreaterThan(10);
  });
});

describe('judgeUpdates', () => {
  const judged = (before: number, got: number, expected: number): Findings => {
    const findings = new Findings();
    const [a, b, c] = [before, got, expected].map((value) => ({ w: float32([1], [value]) }));
    if (a && b && c) judgeUpdates(findings, a, b, c, 1e-3);
    return findings;
  };

  it('is relative to the update, not to the value', () => {
    expect(judged(1, 1.10005, 1.1).failures).toEqual([]);
    expect(judged(1, 1.1002, 1.1).failures).toHaveLength(1);
  });

  it('allows the rounding error of the new value in float32, and no more', () => {
    const last = 2 ** -23;
    expect(judged(1, 1 + 2 * last, 1 + last).failures).toEqual([]);
    expect(judged(1, 1 + 4 * last, 1 + last).failures).toHaveLength(1);
  });

  it('accepts a value that should not change and does not', () => {
    expect(judged(0, 0, 0).verdict('any')).toMatchObject({ passed: true, worst: 0 });
    expect(judged(0, 1e-9, 0).verdict('any')).toMatchObject({ passed: false });
  });
});

describe('training/curves', () => {
  it('measures the distance of logarithms', () => {
    expect(distance([2, 3], [2, 3])).toBe(0);
    expect(distance([Math.E, 1], [1, 1])).toBeCloseTo(Math.SQRT1_2, 12);
  });

  it.each(['a learning rate 1 % off', 'no weight decay'] as const)(
    'a float32 device passes, but fails with %s',
    async (wrong) => {
      await using device = await onnx.open();
      expect(await curvesCheck.run(device)).toMatchObject({ passed: true, failures: [] });
      const rewrite = wrongUpdates[wrong] ?? (() => undefined);
      const { passed, worst } = await curvesCheck.run(rewriting(device, rewrite));
      expect(passed).toBe(false);
      expect(worst).toBeGreaterThan(10);
    },
  );
});
