// Milliseconds per NiN training step on each backend that is here, and the ratio to the fastest of the same run.
//   npm run bench:steps -- --batch 32,256 --seconds 20 --backend onnx,tfjs:wasm
// Prints a Markdown table. Run it alone on the machine: a busy one falsifies every number.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Backend, Batch, Device } from 'isonet';
import { defined, he, initialize, loadFashionMnistSample, nin, sgd, stateOf, Trainer } from 'isonet';
import { backends } from '@isonet/cli';

const { values: options } = parseArgs({
  options: {
    batch: { type: 'string', default: '32,256' },
    /** Time for the steps of one row, warm-up aside. */
    seconds: { type: 'string', default: '20' },
    /** `name` or `name:device`; default: every device here but TensorFlow.js's plain JavaScript. */
    backend: { type: 'string' },
  },
});

interface Row {
  readonly name: string;
  readonly text: string;
  readonly batch: number;
  readonly milliseconds: readonly number[];
}

const model = nin();
const { train } = await loadFashionMnistSample();

async function devices(): Promise<readonly { name: string; backend: Backend; id: string }[]> {
  const asked = options.backend?.split(',');
  const found = await Promise.all(
    backends.map(async (entry) => {
      const backend = await entry.load();
      const probe = await backend.probe();
      return probe.ok ? probe.devices.map(({ id }) => ({ name: `${entry.name}:${id}`, backend, id })) : [];
    }),
  );
  const all = found.flat();
  const worthwhile = all.filter(({ name }) => name !== 'tfjs:cpu');
  if (!asked) return worthwhile;
  return asked.flatMap((one) =>
    one.includes(':')
      ? all.filter(({ name }) => name === one)
      : worthwhile.filter(({ name }) => name.startsWith(`${one}:`)),
  );
}

/** Whole steps, one at a time: enqueue, compute, read the loss. At least three, the first one not counted. */
async function measure(device: Device, batch: number, seconds: number): Promise<readonly number[]> {
  const values = initialize(stateOf(model).parameters, he, 0);
  await using trainer = await Trainer.create({ model, device, optimizer: sgd(), values, seed: 0 });
  const images: Batch = train.batch(Uint32Array.from({ length: batch }, (_, i) => i));
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  for (let step = 0; step < 4 || performance.now() < end; step++) {
    const began = performance.now();
    const read = await trainer.step(images, step, 0.01);
    await read();
    if (step > 0) times.push(performance.now() - began);
  }
  return times.toSorted((a, b) => a - b);
}

const rows: Row[] = [];
for (const { name, backend, id } of await devices()) {
  await using device = await backend.open({ device: id });
  for (const batch of options.batch.split(',').map(Number)) {
    process.stderr.write(`${name}, batch ${batch}\n`);
    const milliseconds = await measure(device, batch, Number(options.seconds));
    rows.push({ name, text: device.info.text, batch, milliseconds });
  }
}

/** The time at a part of the sorted times: 0 is the least, 1/2 the median. */
const at = ({ milliseconds }: Row, part: number): number =>
  defined(milliseconds[Math.floor(milliseconds.length * part)], 'a measured step');
const median = (row: Row): number => at(row, 1 / 2);
const shown = (value: number): string => (value < 100 ? value.toFixed(1) : value.toFixed(0));
const lines = rows.map((row) => {
  const best = Math.min(...rows.filter(({ batch }) => batch === row.batch).map(median));
  const cells = [row.name, row.text, row.batch, shown(median(row)), shown(at(row, 0))];
  return [...cells, row.milliseconds.length, `${(median(row) / best).toFixed(1)} x`];
});
const header = ['backend', 'what', 'batch', 'median ms', 'least ms', 'steps', 'to the fastest'];
const table = [header, header.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`);
process.stdout.write(`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.versions.node}\n\n`);
process.stdout.write(`${table.join('\n')}\n`);
