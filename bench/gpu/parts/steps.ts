// Training steps and forward passes of the networks on one device. A network's numbers count only if its logits, and the change of the
// weights in one step, are those of ONNX Runtime's cpu.
import type { Batch, Device, Tensors } from '@isonet/core';
import { forward, messageOf, sgd, Trainer } from '@isonet/core';
import { openPart } from '../kit/device.ts';
import { difference, multiplyAdds } from '../kit/numbers.ts';
import type { Network } from '../kit/networks.ts';
import { batchOf, networks, weightsOf } from '../kit/networks.ts';
import type { Part } from '../kit/part.ts';
import { runPart, WrongResult } from '../kit/part.ts';
import type { Timing } from '../kit/timing.ts';
import { shown, timed } from '../kit/timing.ts';

const optimizer = sgd();
/** Relative; TF32, which keeps 10 bits, is reported and not judged. */
const MOST_OFF = 1e-2;

interface Row {
  readonly images: number;
  /** How far the logits are from those on the cpu, relative; null where there is none to compare with. */
  readonly forwardOff: number | null;
  /** How far the weights' change in one step is from that on the cpu, relative. */
  readonly stepOff: number | null;
  readonly forward: Timing;
  /** Chained, two operations for each multiply-add. */
  readonly forwardGigaflops: number;
  /** Null where only forward passes are asked for. */
  readonly step: Timing | null;
  /** To compile the step and put the weights on the device. */
  readonly stepCompileMs: number | null;
}

interface Setting {
  readonly device: Device;
  readonly network: Network;
  readonly batch: Batch;
  readonly values: Tensors;
}

async function logitsOf({ device, network, batch, values }: Setting): Promise<Tensors> {
  const { model, images } = network;
  await using program = await device.compile(forward(model, images).graph);
  await using state = await device.createState(values);
  return program.run(state, { [model.input.name]: batch.inputs }).read();
}

/** The parameters after one step with a learning rate of 1, which stands out from the rounding of the weights. */
async function afterOneStep({ device, network, batch, values }: Setting): Promise<Tensors> {
  const { model } = network;
  await using trainer = await Trainer.create({ model, device, optimizer, values, seed: 0 });
  const read = await trainer.step(batch, 0, 1);
  await read();
  return trainer.state.read(trainer.parameters.map(({ name }) => name));
}

async function timeForward(
  { device, network, batch, values }: Setting,
  part: Part,
): Promise<Pick<Row, 'forward' | 'forwardGigaflops'>> {
  const { model, images } = network;
  const { graph } = forward(model, images);
  await using program = await device.compile(graph);
  await using state = await device.createState(values);
  const feeds = { [model.input.name]: batch.inputs };
  const timing = await timed(async () => {
    const execution = program.run(state, feeds);
    return () => execution.read();
  }, part);
  return { forward: timing, forwardGigaflops: (2 * multiplyAdds(graph)) / timing.chained.median / 1e6 };
}

async function timeStep(
  { device, network, batch, values }: Setting,
  part: Part,
): Promise<Pick<Row, 'step' | 'stepCompileMs'>> {
  const { model, images } = network;
  const began = performance.now();
  await using trainer = await Trainer.create({ model, device, optimizer, values, seed: 0 });
  await trainer.prepare(images);
  const stepCompileMs = performance.now() - began;
  return { step: await timed(async (i) => (await trainer.start(batch, i, 0.001)).read, part), stepCompileMs };
}

async function measure(setting: Setting, cpu: Device | undefined, part: Part): Promise<Row> {
  const onCpu = cpu && { ...setting, device: cpu };
  const forwardOff = onCpu ? difference(await logitsOf(setting), await logitsOf(onCpu)) : null;
  const timedForward = await timeForward(setting, part);
  const base = { images: setting.network.images, forwardOff, ...timedForward };
  if (part.forwardOnly) return { ...base, stepOff: null, step: null, stepCompileMs: null };
  const stepOff = onCpu
    ? difference(await afterOneStep(setting), await afterOneStep(onCpu), setting.values)
    : null;
  return { ...base, stepOff, ...(await timeStep(setting, part)) };
}

function textOf(name: string, { step, forward: passes, forwardGigaflops, forwardOff, stepOff }: Row): string {
  const times = (timing: Timing): string =>
    `${shown(timing.alone.median)} ms alone, ${shown(timing.chained.median)} chained`;
  const off = (value: number | null): string => value?.toExponential(1) ?? 'unknown';
  return (
    `${name}: forward ${times(passes)} (${shown(forwardGigaflops)} GFLOP/s), logits off by ${off(forwardOff)}` +
    (step ? `; step ${times(step)}, change of the weights off by ${off(stepOff)}` : '')
  );
}

await runPart(async (part) => {
  const { device } = await openPart(part);
  const cpu = await openPart({ device: 'onnx:cpu', tf32: false }).then(
    (opened) => opened.device,
    (error: unknown) => part.log(`nothing is compared with the cpu: ${messageOf(error)}`),
  );
  const rows: Record<string, Row> = {};
  const missing: string[] = [];
  for (const network of networks(part.small)) {
    if (part.late()) {
      missing.push(network.name);
      continue;
    }
    const setting = { device, network, batch: batchOf(network), values: weightsOf(network.model) };
    const row = await measure(setting, cpu ?? undefined, part);
    rows[network.name] = row;
    part.save({ device: device.info, tf32: part.tf32, networks: rows });
    part.log(textOf(network.name, row));
  }
  const isWrong = ({ forwardOff, stepOff }: Row): boolean =>
    [forwardOff, stepOff].some((off) => off !== null && !(off <= MOST_OFF));
  const wrong = part.tf32 ? [] : Object.keys(rows).filter((name) => isWrong(rows[name] as Row));
  const times = Object.entries(rows).map(
    ([name, row]) => `${name} ${shown((row.step ?? row.forward).chained.median)}`,
  );
  const line = [
    `${part.forwardOnly ? 'forward passes' : 'steps'}, chained, ms: ${times.join(', ')}`,
    ...wrong.map((name) => `${name} is WRONG`),
    ...(missing.length === 0 ? [] : [`no time for ${missing.join(', ')}`]),
  ].join('; ');
  if (wrong.length > 0 || missing.length > 0) throw new WrongResult(line);
  return line;
});
