// Checks smooth networks from end to end: logits, loss, every gradient, and one step of an optimizer.
import type { Device, ImageClassifier, Optimizer, Tensors } from '@isonet/core';
import { gradients, int32, notHalted, scalar, sgd, step, xavier } from '@isonet/core';
import { relativeL2, tensorNamed } from '../check/compare.ts';
import { reals } from '../case/data.ts';
import { lazily, referenceDevice } from '../oracle.ts';
import { judgeUpdates } from './updates.ts';
import type { Check } from '../check/check.ts';
import { Findings } from '../check/findings.ts';
import { smoothGoogLeNet, smoothNin } from './smooth.ts';
import { startingValues } from './values.ts';

interface Network {
  readonly model: ImageClassifier;
  readonly batch: number;
  /** If present, one step of it is checked as well. */
  readonly optimizer?: Optimizer;
  /** The largest relative error allowed for each tensor, in the L2 norm. */
  readonly tolerance: number;
}

/**
 * The tolerances are about ten times the largest tensor error observed with correct float32 arithmetic. For NiN,
 * whose batch norm over four small images amplifies errors, that error is 2.1e-6 if every op rounds its float64
 * result, 4.9e-6 and 5.7e-6 on two backends that sum in blocks, and 1.4e-5 on one that sums sequentially. For
 * GoogLeNet, it is 1.7e-7 if every op rounds its float64 result, and 0.8e-6 to 1.3e-6 on the backends. With inputs in
 * TF32, the worst tensor is off by 1.1e-2 (NiN) and 1e-3 (GoogLeNet).
 */
const networks: readonly Network[] = [
  {
    model: smoothNin({ batchNorm: true }),
    batch: 4,
    optimizer: sgd({ momentum: 0.9, nesterov: true, weightDecay: 5e-4 }),
    tolerance: 1e-4,
  },
  { model: smoothGoogLeNet(), batch: 2, tolerance: 1e-5 },
];

const LR = 0.05;

/** `whole/<network>` */
export const wholeChecks: readonly Check[] = networks.map((network) => {
  const key = `whole/${network.model.name}`;
  const expected = lazily(async () => computed(await referenceDevice(), network));
  const run: Check['run'] = async (device) => {
    const findings = new Findings();
    judge(findings, await computed(device, network), await expected(), network.tolerance);
    return findings.verdict(key);
  };
  return { key, group: 'whole', form: 'native', tier: 'whole', run };
});

function judge(findings: Findings, got: Computed, expected: Computed, tolerance: number): void {
  for (const [name, { data }] of Object.entries(expected.outputs)) {
    findings.within(name, relativeL2(tensorNamed(got.outputs, name).data, data), tolerance);
  }
  if (expected.after && got.after) {
    judgeUpdates(findings, expected.before, got.after, expected.after, tolerance);
  }
}

interface Computed {
  /** Loss, logits, gradients, and the next values of the buffers. */
  readonly outputs: Tensors;
  readonly before: Tensors;
  /** The state after the step. */
  readonly after?: Tensors;
}

async function computed(device: Device, { model, batch, optimizer }: Network): Promise<Computed> {
  const before = startingValues(model, xavier, optimizer);
  const feeds = {
    images: reals(`${model.name} images`, [batch, ...model.input.shape], 0, 1),
    labels: int32(
      [batch],
      Array.from({ length: batch }, (_, i) => (3 * i) % model.output.shape[0]),
    ),
  };
  await using state = await device.createState({ ...before, ...notHalted() });
  await using gradientsProgram = await device.compile(gradients(model, batch));
  const outputs = await gradientsProgram.run(state, feeds).read();
  if (!optimizer) return { outputs, before };
  await using stepProgram = await device.compile(step(model, batch, optimizer));
  await stepProgram.run(state, { ...feeds, lr: scalar(LR) }).read(['finite']);
  return { outputs, before, after: await state.read(Object.keys(before)) };
}
