// Describes the hardware that determines which instructions a native library selects.
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { vectorFeatures } from '@isonet/core';
import { entriesOf, textOf } from '@isonet/native';

/** Returns the platform, the processor's model and, on Linux, its vector instructions: virtual machines may hide some of them. */
export function processorText(): string {
  const models = new Set(cpus().map(({ model }) => model.trim()));
  return [process.platform, process.arch, ...models, ...vectorFeatures(textOf('/proc/cpuinfo'))].join(' ');
}

/**
 * Returns whether NVIDIA's driver is present: its devices on Linux, or those of WSL. On other systems, only the
 * library can detect it.
 */
export function driverIsThere(): boolean {
  return process.platform !== 'linux' || ['/dev/nvidiactl', '/dev/dxg'].some((device) => existsSync(device));
}

/** Returns NVIDIA's driver, its cards and the visible ones. Empty if the driver has no files that describe them. */
export function cardText(): string {
  const folder = '/proc/driver/nvidia';
  const [driver] = textOf(join(folder, 'version')).split('\n');
  const models = entriesOf(join(folder, 'gpus')).map(
    (card) => /^Model:\s*(.*)$/m.exec(textOf(join(folder, 'gpus', card, 'information')))?.[1],
  );
  return [driver, ...models, process.env['CUDA_VISIBLE_DEVICES']].filter(Boolean).join('; ');
}
