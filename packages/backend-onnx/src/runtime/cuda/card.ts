// NVIDIA's cards and driver, as far as files tell without a library being opened.
import { join } from 'node:path';
import type { Missing } from '@isonet/native';
import { entriesOf, textOf } from '@isonet/native';
import { OLDEST_DRIVER } from './files.ts';

/**
 * Why no card can be there, or its driver is too old; undefined where one may be.
 * @param root for tests
 */
export function missingCard(root = '/'): Missing | undefined {
  // WSL exposes the cards as /dev/dxg.
  const nodes = entriesOf(join(root, 'dev')).filter((name) => /^(nvidia\d+|dxg)$/.test(name));
  if (nodes.length === 0) {
    return {
      code: 'NO_CARD',
      reason: 'there is no NVIDIA card here (no /dev/nvidia0)',
      fix: 'install a card and its driver; in a container, start it with --gpus all',
    };
  }
  const driver = driverVersion(root);
  const major = Number(driver?.split('.')[0]);
  return driver !== undefined && major < OLDEST_DRIVER ? oldDriver(`it is ${driver}`) : undefined;
}

/** @param found the driver's version, or what was said of it */
export function oldDriver(found: string): Missing {
  return {
    code: 'OLD_CUDA_DRIVER',
    reason: `NVIDIA's driver is too old for CUDA 13 (${found})`,
    fix: `update it to ${OLDEST_DRIVER} or newer`,
  };
}

/** The names of the cards, each once, and the driver. Empty where the driver has no files that say so. */
export function cardText(root = '/'): string {
  const folder = join(root, 'proc/driver/nvidia/gpus');
  const models = entriesOf(folder).flatMap(
    (card) => /^Model:\s*(.*\S)/m.exec(textOf(join(folder, card, 'information')))?.[1] ?? [],
  );
  const driver = driverVersion(root);
  return [...new Set(models), ...(driver === undefined ? [] : [`driver ${driver}`])].join(', ');
}

function driverVersion(root: string): string | undefined {
  const told = textOf(join(root, 'sys/module/nvidia/version')).trim();
  if (/^\d+(\.\d+)+$/.test(told)) return told;
  return /\s(\d{3,4}\.\d+(?:\.\d+)?)\s/.exec(textOf(join(root, 'proc/driver/nvidia/version')))?.[1];
}
