// Opens the device that was requested, or the fastest that is there.
import type { Device, DeviceInfo, Probe } from '@isonet/core';
import { BackendError, messageOf } from '@isonet/core';
import { nearest, unknownName, UsageError } from '../errors.ts';
import type { BackendEntry } from './backends.ts';
import { probe } from './backends.ts';
import { deviceOfRank, ranks } from './ranks.ts';

export interface DeviceRequest {
  /** Default `auto`. */
  readonly backend?: string | undefined;
  /** One of the backend's devices. Default: its first. */
  readonly device?: string | undefined;
}

/** A device, and why it is this one. */
export interface DeviceChoice {
  readonly backend: string;
  readonly device: Pick<Device, 'info'>;
  readonly why: string;
}

/** A device that is open. */
export interface OpenDevice extends DeviceChoice {
  readonly device: Device;
}

/**
 * Opens the device that was requested, or the fastest that is there.
 * @throws UsageError for an unknown backend or device; BackendError for one that is not there, with what to install
 */
export async function openDevice(
  table: readonly BackendEntry[],
  request: DeviceRequest,
): Promise<OpenDevice> {
  const { backend = 'auto', device } = request;
  if (backend !== 'auto') return openNamed(table, backend, device);
  if (device !== undefined) throw new UsageError(`--device ${device} needs --backend: whose device is it?`);
  return openFastest(table);
}

/** `backend: onnx, cpu (ONNX Runtime 1.30.0, 2 threads): as asked for` */
export function backendLine({ backend, device, why }: DeviceChoice): string {
  return `backend: ${backend}, ${device.info.id} (${device.info.text}): ${why}`;
}

async function openNamed(
  table: readonly BackendEntry[],
  name: string,
  deviceId: string | undefined,
): Promise<OpenDevice> {
  const entry = table.find((candidate) => candidate.name === name);
  if (!entry) {
    throw unknownName('backend', name, ['auto', ...table.map((candidate) => candidate.name)]);
  }
  const found = await probe(entry);
  if (!found.ok) throw notHere(`backend ${name}`, found.code, `${found.reason}; ${found.cure}`);
  const ids = found.devices.map(({ id }) => id);
  // For a device that the backend knows and does not have, the backend itself says what is missing.
  if (deviceId !== undefined && !ids.includes(deviceId) && nearest(deviceId, ids) !== undefined) {
    throw unknownName(`device of ${name}`, deviceId, ids);
  }
  const device = await (await entry.load()).open(deviceId);
  return { backend: name, device, why: 'as asked for' };
}

async function openFastest(table: readonly BackendEntry[]): Promise<OpenDevice> {
  const probes = new Map<string, Probe>();
  const failures: string[] = [];
  for (const rank of ranks) {
    const entry = table.find(({ name }) => name === rank.backend);
    if (!entry) continue;
    const found = probes.get(rank.backend) ?? (await probe(entry));
    probes.set(rank.backend, found);
    const info = deviceOfRank(rank, found);
    if (!info) continue;
    try {
      const device = await (await entry.load()).open(info.id);
      return { backend: rank.backend, device, why: whyFastest(info, probes, failures) };
    } catch (error) {
      failures.push(`${rank.backend} ${info.id} does not open: ${messageOf(error)}`);
    }
  }
  const reasons = [...probes].flatMap(([name, found]) =>
    found.ok ? [] : [`${name}: ${found.reason}, ${found.cure}`],
  );
  throw notHere('every backend that auto takes', 'NO_BACKEND', [...failures, ...reasons].join('; '));
}

function whyFastest(
  taken: DeviceInfo,
  probes: ReadonlyMap<string, Probe>,
  failures: readonly string[],
): string {
  const devices = [...probes.values()].flatMap((found) => (found.ok ? found.devices : []));
  const software = devices.some(({ kind }) => kind === 'software') ? ', only a software driver' : '';
  const noGpu = devices.some(({ kind }) => kind === 'gpu') ? [] : [`no GPU was found${software}`];
  const others = taken.kind === 'gpu' ? [] : noGpu;
  return ['the fastest of what is here', ...others, ...failures].join('; ');
}

function notHere(what: string, code: string, text: string): BackendError {
  return new BackendError(code, `${what} is not there: ${text}`);
}
