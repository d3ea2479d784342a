// Training steps and forward passes of the networks on one device. A network's numbers count only if one of its steps changes the
// weights as ONNX Runtime's cpu does.
import type { Batch, Device, Tensors } from '@isonet/core';
import { definitionOf, forward, messageOf, sgd, Trainer, typesOf } from '@isonet/core';
import type { Graph } from '@isonet/core';
import { openPart } from '../kit/device.ts';
import type { Network } from '../kit/networks.ts';
import { batchOf, networks, weightsOf } from '../kit/networks.ts';
import { runPart, WrongResult } from '../kit/part.ts';
import type { Timing } from '../kit/timing.ts';
import { shown, timed } from '../kit/timing.ts';

const optimizer = sgd();
/** Relative; TF32, which keeps 10 bits, is reported and not judged. */
const MOST_OFF = 1e-2;

interface Row {
  readonly images: number;
  readonly compileMs: number;
  /** How far the weights' change of one step is from that on the cpu, relative; null where there is none to compare with. */
  readonly stepOff: number | null;
  readonly step: Timing;
  readonly forward: Timing;
  /** Of the forward pass, chained: two operations for each multiply-add. */
  readonly forwardGigaflops: number;
}

/** The parameters after one step with a learning rate of 1, which stands out from the rounding of the weights. */
async function afterOneStep(device: Device, network: Network, batch: Batch): Promise<Tensors> {
  const { model } = network;
  await using trainer = await Trainer.create({ model, device, optimizer, values: weightsOf(model), seed: 0 });
  const read = await trainer.step(batch, 0, 1);
  await read();
  return trainer.state.read(trainer.parameters.map(({ name }) => name));
}

/** ‖a - b‖ / ‖b - from‖ */
function difference(a: Tensors, b: Tensors, from: Tensors): number {
  let [off, change] = [0, 0];
  for (const [name, { data }] of Object.entries(b)) {
    const [x, start] = [a[name]?.data, from[name]?.data];
    if (x === undefined || start === undefined) throw new Error(`${name} is missing`);
    data.forEach((value, i) => {
      off += (Number(x[i]) - value) ** 2;
      change += (value - Number(start[i])) ** 2;
    });
  }
  return Math.sqrt(off / change);
}

function multiplyAdds(graph: Graph): number {
  return graph.nodes.reduce((sum, { op, inputs, outputs, attrs }) => {
    const cost = definitionOf(op).cost?.(typesOf(graph, inputs), typesOf(graph, outputs), attrs);
    return sum + (cost === undefined ? 0 : cost);
  }, 0);
}

await runPart(async (part) => {
  const { log, late, save } = part;
  const { device } = await openPart(part);
  const expected = await openPart({ device: 'onnx:cpu', tf32: false }).catch((error: unknown) => {
    log(`the steps are not compared with the cpu's: ${messageOf(error)}`);
    return undefined;
  });

  async function measure(network: Network): Promise<Row> {
    const { model, images } = network;
    const batch = batchOf(network);
    const values = weightsOf(model);
    const stepOff = expected
      ? difference(
          await afterOneStep(device, network, batch),
          await afterOneStep(expected.device, network, batch),
          values,
        )
      : null;
    const began = performance.now();
    await using trainer = await Trainer.create({ model, device, optimizer, values, seed: 0 });
    await trainer.prepare(images);
    const compileMs = performance.now() - began;
    const { graph } = forward(model, images);
    await using program = await device.compile(graph);
    const feeds = { [model.input.name]: batch.inputs };
    return {
      images,
      compileMs,
      stepOff,
      forward: await timed(async () => {
        const execution = program.run(trainer.state, feeds);
        return () => execution.read();
      }, part),
      step: await timed(async (i) => (await trainer.start(batch, i, 0.001)).read, part),
      forwardGigaflops: 0,
    };
  }

  const rows: Record<string, Row> = {};
  const missing: string[] = [];
  for (const network of networks(part.small)) {
    if (late()) {
      missing.push(network.name);
      continue;
    }
    const measured = await measure(network);
    const { graph } = forward(network.model, network.images);
    const row = {
      ...measured,
      forwardGigaflops: (2 * multiplyAdds(graph)) / measured.forward.chained.median / 1e6,
    };
    rows[network.name] = row;
    save({ device: device.info, tf32: part.tf32, networks: rows });
    log(
      `${network.name}: step ${shown(row.step.alone.median)} ms alone, ${shown(row.step.chained.median)} chained; ` +
        `forward ${shown(row.forward.alone.median)} and ${shown(row.forward.chained.median)} ms ` +
        `(${shown(row.forwardGigaflops)} GFLOP/s); the weights' change is off by ${row.stepOff?.toExponential(1) ?? 'an unknown amount'}`,
    );
  }
  const wrong = Object.entries(rows).filter(([, { stepOff }]) => !part.tf32 && Number(stepOff) > MOST_OFF);
  const steps = Object.entries(rows).map(([name, { step }]) => `${name} ${shown(step.chained.median)}`);
  const line = [
    `steps, chained, ms: ${steps.join(', ')}`,
    ...wrong.map(([name, { stepOff }]) => `${name} is WRONG, off by ${stepOff?.toExponential(1)}`),
    ...(missing.length === 0 ? [] : [`no time for ${missing.join(', ')}`]),
  ].join('; ');
  if (wrong.length > 0 || missing.length > 0) throw new WrongResult(line);
  return line;
});
