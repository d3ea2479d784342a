// Measures the time of a training step by op on WebGPU: each dispatch runs in its own pass between two timestamps. The sum exceeds the
// time of the step, since passes do not overlap, but it shows where the time goes.
import { defined, sgd, Trainer } from '@isonet/core';
import { limitsOf, nameOf, openDevice } from '../../../packages/backend-webgpu/src/adapters/gpu.ts';
import { deviceOver } from '../../../packages/backend-webgpu/src/device.ts';
import { findAdapter } from '../kit/dawn.ts';
import { namesOf } from '../kit/device.ts';
import { batchOf, networks, weightsOf } from '../kit/networks.ts';
import { runPart } from '../kit/part.ts';
import { Recorder } from '../kit/recorder.ts';
import { shown } from '../kit/timing.ts';

const PROFILED = ['nin-256', 'googlenet96-32'];

interface Group {
  readonly key: string;
  readonly milliseconds: number;
  readonly dispatches: number;
}

interface Dispatch {
  /** The op and its node. */
  readonly label: string;
  readonly milliseconds: number;
}

/** Sums times by a key, the largest first. */
function grouped(dispatches: readonly Dispatch[], keyOf: (label: string) => string): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const { label, milliseconds } of dispatches) {
    const key = keyOf(label);
    const known = groups.get(key);
    groups.set(key, {
      key,
      milliseconds: milliseconds + (known === undefined ? 0 : known.milliseconds),
      dispatches: 1 + (known === undefined ? 0 : known.dispatches),
    });
  }
  return [...groups.values()].toSorted((a, b) => b.milliseconds - a.milliseconds);
}

await runPart(async (part) => {
  const { device: id } = namesOf(part.device);
  const found = await findAdapter(
    ['disable-dawn-features=timestamp_quantization'], // which rounds to 0.1 ms
    part.small ? { forceFallbackAdapter: true } : { powerPreference: 'high-performance' },
  );
  if (found === undefined) throw new Error('Dawn finds no adapter');
  const { adapter } = found;
  const text = nameOf(found.info);
  if (!adapter.features.has('timestamp-query')) throw new Error(`${text} has no timestamp-query`);
  const info = { id, kind: part.small ? 'software' : 'gpu', text } as const;
  const open = await openDevice(info, adapter, limitsOf(id, adapter));
  const recorder = new Recorder(open.device);
  const device = deviceOver(open);

  const results: Record<string, object> = {};
  const lines: string[] = [];
  for (const network of networks(part.small)) {
    if (part.late() || !(part.small || PROFILED.includes(network.name))) continue;
    const { model } = network;
    const batch = batchOf(network);
    const values = weightsOf(model);
    await using trainer = await Trainer.create({ model, device, optimizer: sgd(), values, seed: 0 });
    for (let i = 0; i < (part.small ? 1 : 5); i++) await (await trainer.step(batch, i, 0.001))();
    const recording = recorder.record();
    const read = await trainer.step(batch, 9, 0.001);
    const dispatches = await recording.read();
    await read();
    const byOp = grouped(dispatches, (label) => defined(label.split(' ')[0], 'the op of a label'));
    const byNode = grouped(dispatches, (label) => label).slice(0, 40);
    const milliseconds = byOp.reduce((sum, group) => sum + group.milliseconds, 0);
    results[network.name] = {
      images: network.images,
      milliseconds,
      dispatches: dispatches.length,
      byOp,
      byNode,
    };
    part.save({ device: info, networks: results });
    const shownGroup = (group: Group): string =>
      `${group.key} ${shown(group.milliseconds)} ms (${group.dispatches})`;
    part.log(
      `${network.name}: ${dispatches.length} dispatches, ${shown(milliseconds)} ms: ${byOp.slice(0, 12).map(shownGroup).join(', ')}`,
    );
    part.log(`${network.name}, single nodes: ${byNode.slice(0, 12).map(shownGroup).join(', ')}`);
    lines.push(
      `${network.name} ${shown(milliseconds)} ms, most of it ${byOp
        .slice(0, 3)
        .map(({ key }) => key)
        .join(', ')}`,
    );
  }
  if (lines.length === 0) throw new Error('no time for any network');
  return lines.join('; ');
});
