// Detects NVIDIA's cards and driver from files, without opening a library.
import { join } from 'node:path';
import type { Missing } from '@isonet/native';
import { entriesOf, textOf } from '@isonet/native';
import { OLDEST_DRIVER } from './files.ts';

/**
 * Returns why there is no usable card: no card exists, or its driver is too old. Returns undefined if a card may be usable.
 * @param root for tests: another root folder
 */
export function missingCard(root = '/'): Missing | undefined {
  // WSL exposes the cards as /dev/dxg.
  const nodes = entriesOf(join(root, 'dev')).filter((name) => /^(nvidia\d+|dxg)$/.test(name));
  if (nodes.length === 0) {
    return {
      code: 'NO_CARD',
      reason: 'this machine has no NVIDIA card (there is no /dev/nvidia0)',
      fix: 'install a card and its driver; for a container, start it with --gpus all',
    };
  }
  const driver = driverVersion(root);
  const major = Number(driver?.split('.')[0]);
  return driver !== undefined && major < OLDEST_DRIVER ? oldDriver(driver) : undefined;
}

/** Describes a driver that is too old. @param found the driver's version, or an error message about it */
export function oldDriver(found: string): Missing {
  return {
    code: 'OLD_CUDA_DRIVER',
    reason: `NVIDIA's driver is too old for CUDA 13 (${found})`,
    fix: `update the driver to ${OLDEST_DRIVER} or newer`,
  };
}

/** Returns the distinct names of the cards, and the driver. Empty if the driver has no files that describe them. */
export function cardText(root = '/'): string {
  const folder = join(root, 'proc/driver/nvidia/gpus');
  const models = entriesOf(folder).flatMap(
    (card) => /^Model:\s*(.*\S)/m.exec(textOf(join(folder, card, 'information')))?.[1] ?? [],
  );
  const driver = driverVersion(root);
  return [...new Set(models), ...(driver === undefined ? [] : [`driver ${driver}`])].join(', ');
}

function driverVersion(root: string): string | undefined {
  const version = textOf(join(root, 'sys/module/nvidia/version')).trim();
  if (/^\d+(\.\d+)+$/.test(version)) return version;
  return /\s(\d{3,4}\.\d+(?:\.\d+)?)\s/.exec(textOf(join(root, 'proc/driver/nvidia/version')))?.[1];
}
