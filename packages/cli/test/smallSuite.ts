// A small conformance suite and fake backends for tests of isonet conformance.
import { reference } from '@isonet/backend-reference';
import type { Check } from '@isonet/conformance';
import { checks as allChecks } from '@isonet/conformance';
import type { Backend, Device, DeviceInfo } from '@isonet/core';
import { float32, sizeOf } from '@isonet/core';
import type { BackendEntry } from '@isonet/runs';
import type { Tables } from '../src/context.ts';
import { forwarded } from '../../conformance/src/forwarded.ts';
import { rewriting } from '../../conformance/test/rewriting.ts';
import { probeOf } from '../../runs/test/devices.ts';
import type { Outcome, World } from './helpers.ts';

const keys = [
  'conv2d/reals-3x3',
  'exp/around-0',
  'relu/reals',
  'relu/reals/decomposed',
  'contract/updates-commit-together',
];
const suite = allChecks();
export const some: readonly Check[] = suite.filter(({ key }) => keys.includes(key));
export const heavy: Check = {
  key: 'golden/huge',
  group: 'golden',
  form: 'native',
  tier: 'whole',
  heavy: true,
  run: () => Promise.resolve({ key: 'golden/huge', passed: true, worst: 0.5, failures: [] }),
};

/** Returns a backend with these devices. Each is the device of the reference, modified by `change`. */
export function fake(
  name: string,
  devices: readonly DeviceInfo[],
  change: (device: Device) => Device = (device) => device,
): BackendEntry {
  const backend: Backend = {
    name,
    contract: 2,
    probe: () => Promise.resolve(probeOf(name, devices)),
    open: async ({ device: id } = {}) => {
      const info = devices.find((device) => device.id === id);
      if (!info) throw new Error(`${name}: no device ${id}`);
      return { ...forwarded(change(await reference.open())), info };
    },
  };
  return { name, load: () => Promise.resolve(backend) };
}

/** Returns the device, modified to drop the last tap of 3x3 convolutions. */
export function faulty(device: Device): Device {
  return rewriting(device, (b, { op, attrs }, [x, w]) => {
    if (op !== 'conv2d' || !x || !w) return undefined;
    const mask = Array.from({ length: sizeOf(w.shape) }, (_, i) => Number((i + 1) % 9 !== 0));
    return b.emit(op, [x, b.op.mul(w, b.constant(float32(w.shape, mask)))], attrs);
  });
}

interface RunOptions {
  readonly backends?: readonly BackendEntry[];
  readonly checks?: readonly Check[];
  readonly isTTY?: boolean;
}

export async function run(
  world: World,
  { backends, checks = some, isTTY = false }: RunOptions,
  ...argv: readonly string[]
): Promise<Outcome> {
  const tables: Partial<Tables> = { checks: () => checks, ...(backends ? { backends } : {}) };
  const outcome = await world.runWith({ tables, io: { isTTY } }, 'conformance', ...argv);
  return { ...outcome, stdout: outcome.stdout.replaceAll(/ in \d+:\d\d/g, ' in 0:00') };
}
