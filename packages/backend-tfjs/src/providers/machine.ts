// The machine, as far as a native library chooses its instructions by it.
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { vectorFeatures } from '@isonet/core';
import { entriesOf, textOf } from '@isonet/native';

/** Platform, model and, on Linux, vector instructions: virtual machines hide some that the model has. */
export function processorText(): string {
  const models = new Set(cpus().map(({ model }) => model.trim()));
  return [process.platform, process.arch, ...models, ...vectorFeatures(textOf('/proc/cpuinfo'))].join(' ');
}

/** Its devices on Linux, or Windows's within WSL. Elsewhere only the library can tell. */
export function driverIsThere(): boolean {
  return process.platform !== 'linux' || ['/dev/nvidiactl', '/dev/dxg'].some((device) => existsSync(device));
}

/** NVIDIA's driver, its cards and those that may be used. Empty where the driver has no files that say so. */
export function cardText(): string {
  const folder = '/proc/driver/nvidia';
  const [driver] = textOf(join(folder, 'version')).split('\n');
  const models = entriesOf(join(folder, 'gpus')).map(
    (card) => /^Model:\s*(.*)$/m.exec(textOf(join(folder, 'gpus', card, 'information')))?.[1],
  );
  return [driver, ...models, process.env['CUDA_VISIBLE_DEVICES']].filter(Boolean).join('; ');
}
