// Measures training steps and forward passes of the networks on one device. A network's times count only if its logits, and the change
// of the weights in one step, match those of ONNX Runtime's cpu.
import type { Batch, Device, Tensors } from '@isonet/core';
import { forward, messageOf, sgd, Trainer } from '@isonet/core';
import { openPart } from '../kit/device.ts';
import { difference, multiplyAdds } from '../kit/numbers.ts';
import type { Network } from '../kit/networks.ts';
import { batchOf, networks, weightsOf } from '../kit/networks.ts';
import type { Part } from '../kit/part.ts';
import { runPart, WrongResult } from '../kit/part.ts';
import type { Timing } from '../kit/timing.ts';
import { shown, stopwatch, timed } from '../kit/timing.ts';

const optimizer = sgd();
/** The maximum relative difference; TF32, which keeps 10 bits, is reported but not judged. */
const MOST_OFF = 1e-2;

interface Row {
  readonly images: number;
  /** The relative difference of the logits from those on the cpu; null if the cpu was not run. */
  readonly forwardOff: number | null;
  /** The relative difference of one step's update of the weights from the cpu's; also null with TF32. */
  readonly stepOff: number | null;
  readonly forward: Timing;
  /** From the chained time, with two operations per multiply-add. */
  readonly forwardGigaflops: number;
  /** Null if only forward passes were requested, or if the time was up. */
  readonly step: Timing | null;
  /** The time to compile the step and copy the weights to the device. */
  readonly stepCompileMs: number | null;
}

interface Setting {
  readonly device: Device;
  readonly network: Network;
  readonly batch: Batch;
  readonly values: Tensors;
}

/** Returns the parameters after one step with a learning rate of 1, so large that rounding of the weights does not hide the update. */
async function checkedStep(trainer: Trainer, batch: Batch): Promise<Tensors> {
  const read = await trainer.step(batch, 0, 1);
  await read();
  return trainer.state.read(trainer.parameters.map(({ name }) => name));
}

async function logitsOnCpu({ network, batch, values }: Setting, cpu: Device): Promise<Tensors> {
  const { model, images } = network;
  await using program = await cpu.compile(forward(model, images).graph);
  await using state = await cpu.createState(values);
  // Awaited here, because a returned promise would be read after the disposal.
  const logits = await program.run(state, { [model.input.name]: batch.inputs }).read();
  return logits;
}

async function stepOnCpu({ network, batch, values }: Setting, cpu: Device): Promise<Tensors> {
  await using trainer = await Trainer.create({
    model: network.model,
    device: cpu,
    optimizer,
    values,
    seed: 0,
  });
  const changed = await checkedStep(trainer, batch);
  return changed;
}

/**
 * Measures forward passes with one program, because cuDNN may search for kernels for most of a minute. The first run,
 * which includes that search, also returns the logits that are checked.
 */
async function measureForward(
  setting: Setting,
  cpu: Device | undefined,
  { small, late }: Part,
): Promise<Pick<Row, 'forwardOff' | 'forward' | 'forwardGigaflops'>> {
  const { device, network, batch, values } = setting;
  const { model, images } = network;
  const { graph } = forward(model, images);
  await using program = await device.compile(graph);
  await using state = await device.createState(values);
  const feeds = { [model.input.name]: batch.inputs };
  const { result: logits, milliseconds: first } = await stopwatch(() => program.run(state, feeds).read());
  const timing = await timed(
    async () => {
      const execution = program.run(state, feeds);
      return () => execution.read();
    },
    { first, small, late },
  );
  return {
    forwardOff: cpu ? difference(logits, await logitsOnCpu(setting, cpu)) : null,
    forward: timing,
    forwardGigaflops: (2 * multiplyAdds(graph)) / timing.chained.median / 1e6,
  };
}

/**
 * Measures steps with one trainer, for the same reason as {@link measureForward}. The checked step is undone, since its
 * learning rate is so large that the loss may not stay finite.
 */
async function measureStep(
  setting: Setting,
  cpu: Device | undefined,
  { small, late, tf32 }: Part,
): Promise<Pick<Row, 'stepOff' | 'step' | 'stepCompileMs'>> {
  const { device, network, batch, values } = setting;
  const { model, images } = network;
  await using trainer = await Trainer.create({ model, device, optimizer, values, seed: 0 });
  const { milliseconds: stepCompileMs } = await stopwatch(() => trainer.prepare(images));
  const { result: changed, milliseconds: first } = await stopwatch(() => checkedStep(trainer, batch));
  await trainer.state.write(values);
  const step = await timed(async (i) => (await trainer.start(batch, i, 0.001)).read, { first, small, late });
  // With TF32 the step is not judged, so it is not run on the cpu, where it takes seconds.
  const expected = cpu && !tf32 ? await stepOnCpu(setting, cpu) : undefined;
  return { stepOff: expected ? difference(changed, expected, values) : null, step, stepCompileMs };
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
    (error: unknown) => part.log(`no comparison with the cpu: ${messageOf(error)}`),
  );
  const rows: Record<string, Row> = {};
  const missing: string[] = [];
  const save = (name: string, row: Row): void => {
    rows[name] = row;
    part.save({ device: device.info, tf32: part.tf32, networks: rows });
  };
  for (const network of networks(part.small)) {
    if (part.late()) {
      missing.push(network.name);
      continue;
    }
    const setting = { device, network, batch: batchOf(network), values: weightsOf(network.model) };
    let row: Row = {
      images: network.images,
      ...(await measureForward(setting, cpu ?? undefined, part)),
      stepOff: null,
      step: null,
      stepCompileMs: null,
    };
    save(network.name, row);
    if (!part.forwardOnly) {
      if (part.late()) missing.push(`steps of ${network.name}`);
      else row = { ...row, ...(await measureStep(setting, cpu ?? undefined, part)) };
    }
    save(network.name, row);
    part.log(textOf(network.name, row));
  }
  const isWrong = ({ forwardOff, stepOff }: Row): boolean =>
    [forwardOff, stepOff].some((off) => off !== null && !(off <= MOST_OFF));
  const wrong = part.tf32 ? [] : Object.keys(rows).filter((name) => isWrong(rows[name] as Row));
  const times = Object.entries(rows).flatMap(([name, row]) => {
    const timing = part.forwardOnly ? row.forward : row.step;
    return timing === null ? [] : [`${name} ${shown(timing.chained.median)}`];
  });
  const line = [
    `${part.forwardOnly ? 'forward passes' : 'steps'}, chained, ms: ${times.join(', ')}`,
    ...wrong.map((name) => `${name} is WRONG`),
    ...(missing.length === 0 ? [] : [`no time for ${missing.join(', ')}`]),
  ].join('; ');
  if (wrong.length > 0 || missing.length > 0) throw new WrongResult(line);
  return line;
});
