// Opens the requested device, or the fastest one available.
import type { Backend, Device, DeviceInfo, OpenOptions, Probe } from '@isonet/core';
import { BackendError, IsonetError, messageOf } from '@isonet/core';
import { nearest, unknownName, UsageError } from '../errors.ts';
import type { BackendEntry } from './backends.ts';
import { probe } from './backends.ts';
import { isPath } from './external.ts';
import { deviceOfRank, ranks } from './ranks.ts';

/** A device request: which device to open, and with which options. */
export interface DeviceRequest {
  /** Default `auto`. */
  readonly backend?: string | undefined;
  /** One of the backend's devices. Default: the first that is not a software driver. */
  readonly device?: string | undefined;
  /** The number of threads within an operator. Default: as many as the processor has. */
  readonly threads?: number | undefined;
  /** Whether to compute products in TF32 on NVIDIA's tensor cores. Default false. */
  readonly tf32?: boolean | undefined;
}

/** The options of a device that a request sets. */
export type DeviceSettings = Pick<OpenOptions, 'threads' | 'tf32'>;

/** A device, and why it was chosen. */
export interface DeviceChoice {
  readonly backend: string;
  readonly device: Pick<Device, 'info'>;
  readonly why: string;
}

/** An open device. */
export interface OpenDevice extends DeviceChoice {
  readonly device: Device;
  /** The options that it was opened with. */
  readonly settings: DeviceSettings;
  /** Opens the same device again with the same settings, after it was lost. The caller disposes of both. */
  readonly reopen: () => Promise<Device>;
}

/**
 * Opens the requested device, or the fastest one available.
 * @throws UsageError for an unknown backend or device, or an unsupported setting; BackendError for a device that is
 *   missing, naming the package to install, or that does not open
 */
export async function openDevice(
  table: readonly BackendEntry[],
  request: DeviceRequest,
): Promise<OpenDevice> {
  const { backend = 'auto', device } = request;
  const settings = settingsOf(request);
  if (backend !== 'auto') return openNamed(table, backend, device, settings);
  if (device !== undefined) throw new UsageError(`\`--device ${device}\` also needs \`--backend NAME\``);
  return openFastest(table, settings);
}

/** Returns the settings that a request specifies. The device chooses the others. */
export function settingsOf({ threads, tf32 }: DeviceRequest): DeviceSettings {
  return { ...(threads === undefined ? {} : { threads }), ...(tf32 === undefined ? {} : { tf32 }) };
}

/** Formats a choice: `backend: onnx, cpu (ONNX Runtime 1.30.0, 2 threads): as requested` */
export function backendLine({ backend, device, why }: DeviceChoice): string {
  return `backend: ${backend}, ${device.info.id} (${device.info.text}): ${why}`;
}

async function openNamed(
  table: readonly BackendEntry[],
  name: string,
  deviceId: string | undefined,
  settings: DeviceSettings,
): Promise<OpenDevice> {
  const entry = table.find((candidate) => candidate.name === name);
  if (!entry) {
    const known = ['auto', ...table.map((candidate) => candidate.name)];
    if (!isPath(name)) throw unknownName('backend', name, known);
    throw new UsageError(
      `backend "${name}": expected one of ${known.join(', ')}; to use an external backend, run conformance or bisect, or call fit() in ` +
        'your own program',
    );
  }
  const found = await probe(entry);
  if (!found.ok) {
    throw new BackendError(found.code, `backend ${name} is not available: ${found.reason}; ${found.fix}`);
  }
  const ids = found.devices.map(({ id }) => id);
  // If the backend knows the device but does not have it, opening it fails with an error that names what is missing.
  if (deviceId !== undefined && !ids.includes(deviceId) && nearest(deviceId, ids) !== undefined) {
    throw unknownName(`device of ${name}`, deviceId, ids);
  }
  const backend = await entry.load();
  try {
    return await open(backend, name, deviceId, settings, 'as requested');
  } catch (cause) {
    const flag = unknownOption(cause, settings);
    if (flag !== undefined) {
      throw new UsageError(`${flag}: ${name} has no such option: leave it out`, { cause });
    }
    // isonet's own errors already name the backend.
    if (cause instanceof IsonetError) throw cause;
    const only = ids.length === 1 ? ids : [];
    const where = [name, ...(deviceId === undefined ? only : [deviceId])].join(', ');
    throw new BackendError('OPEN', `backend ${where} does not open: ${messageOf(cause)}`, { cause });
  }
}

async function open(
  backend: Backend,
  name: string,
  deviceId: string | undefined,
  settings: DeviceSettings,
  why: string,
): Promise<OpenDevice> {
  const device = await backend.open({ ...settings, ...(deviceId === undefined ? {} : { device: deviceId }) });
  const reopen = (): Promise<Device> => backend.open({ ...settings, device: device.info.id });
  return { backend: name, device, settings, why, reopen };
}

/** Returns whether a request failed because its backend does not support one of its options. */
export function isUnknownOption(error: unknown): boolean {
  return error instanceof UsageError && isOptionError(error.cause);
}

function isOptionError(error: unknown): error is BackendError {
  return error instanceof BackendError && (error.code === 'OPTION' || error.code === 'UNKNOWN_OPTION');
}

/** Returns the flags of all settings, joined by `or`, if the error is that a backend does not know one of them. */
function unknownOption(error: unknown, settings: DeviceSettings): string | undefined {
  if (!isOptionError(error) || error.code !== 'UNKNOWN_OPTION') return undefined;
  return Object.keys(settings)
    .map((key) => `--${key}`)
    .join(' or ');
}

async function openFastest(table: readonly BackendEntry[], settings: DeviceSettings): Promise<OpenDevice> {
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
      const why = whyFastest(info, probes, failures);
      return await open(await entry.load(), rank.backend, info.id, settings, why);
    } catch (error) {
      // Do not silently fall back to a slower device that supports the option.
      if (isOptionError(error) && Object.keys(settings).length > 0) {
        throw refusedOption(`${rank.backend}, ${info.id}`, error, settings);
      }
      failures.push(`${rank.backend} ${info.id} does not open: ${messageOf(error)}`);
    }
  }
  const reasons = [...probes].flatMap(([name, found]) =>
    found.ok ? [] : [`${name}: ${found.reason}, ${found.fix}`],
  );
  throw new BackendError('NO_BACKEND', `auto finds no device: ${[...failures, ...reasons].join('; ')}`);
}

/** @param fastest the device that `auto` would choose */
function refusedOption(fastest: string, cause: BackendError, settings: DeviceSettings): UsageError {
  const flag = unknownOption(cause, settings);
  const fix = 'leave it out, or choose a backend that has it';
  return new UsageError(
    flag === undefined
      ? `auto would choose ${fastest}: ${cause.message}`
      : `${flag}: ${fastest}, which auto would choose, has no such option: ${fix}`,
    { cause },
  );
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
  return ['the fastest available', ...others, ...failures].join('; ');
}
