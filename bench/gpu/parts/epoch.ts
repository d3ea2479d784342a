// Runs `isonet train nin --recipe best --epochs 1` over the sample on one device: checks that it learns, and measures the speed
// including everything around the steps.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { namesOf } from '../kit/device.ts';
import { isonet } from '../kit/isonet.ts';
import { runPart, WrongResult } from '../kit/part.ts';
import { writeSample } from '../kit/sample.ts';

/** ONNX Runtime's cpu reaches 0.81; chance is 0.1. */
const LEAST_ACCURACY = 0.7;

interface Event {
  readonly event: string;
}
interface Start extends Event {
  readonly deviceText: string;
  readonly batchSize: number;
  readonly steps: number;
  readonly data: { readonly train: number; readonly test: number };
}
interface Epoch extends Event {
  readonly loss: number;
  readonly testAccuracy: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
}

await runPart(async ({ device: spec, tf32, small, save }) => {
  const { backend, device } = namesOf(spec);
  const folder = mkdtempSync(join(tmpdir(), 'isonet-epoch-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  writeSample(data, small ? 16 : undefined); // Otherwise a full Fashion-MNIST on the machine would be used.
  let start: Start | undefined;
  let epoch: Epoch | undefined;
  const { code, stderr, others } = await isonet(
    [
      ...'train nin --recipe best --epochs 1 --json'.split(' '),
      `--out=${join(folder, 'run')}`,
      `--backend=${backend}`,
      `--device=${device}`,
      ...(tf32 ? ['--tf32'] : []),
      `--data=${data}`,
      ...(small ? ['--batch-size=8'] : []),
    ],
    (event) => {
      const { event: kind } = event as Event;
      if (kind === 'start') start = event as Start;
      if (kind === 'epoch') epoch = event as Epoch;
      save({ start: start ?? null, epoch: epoch ?? null });
    },
  );
  rmSync(folder, { recursive: true });
  if (start === undefined || epoch === undefined) {
    throw new Error(
      `isonet train exits with ${code} before the end of the epoch: ${[stderr.trim(), ...others].join('; ')}`,
    );
  }
  const line =
    `${start.data.train} images, ${start.steps} steps of ${start.batchSize}: mean loss ${epoch.loss.toFixed(3)}, ` +
    `test accuracy ${epoch.testAccuracy.toFixed(3)}, ${epoch.seconds.toFixed(1)} s with the test, ` +
    `${epoch.imagesPerSecond.toFixed(0)} images/s`;
  if (!small && epoch.testAccuracy < LEAST_ACCURACY) throw new WrongResult(line);
  return line;
});
