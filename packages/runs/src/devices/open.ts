// Opens the device that was requested, or the fastest that is there.
import type { Backend, Device, DeviceInfo, OpenOptions, Probe } from '@isonet/core';
import { BackendError, IsonetError, messageOf } from '@isonet/core';
import { nearest, unknownName, UsageError } from '../errors.ts';
import type { BackendEntry } from './backends.ts';
import { probe } from './backends.ts';
import { isPath } from './external.ts';
import { deviceOfRank, ranks } from './ranks.ts';

/** The device that a caller asks for, and how to open it. */
export interface DeviceRequest {
  /** Default `auto`. */
  readonly backend?: string | undefined;
  /** One of the backend's devices. Default: its first that is not a software driver. */
  readonly device?: string | undefined;
  /** Threads within an operator. Default: the processor's. */
  readonly threads?: number | undefined;
  /** Products rounded to TF32 on NVIDIA's tensor cores. Default false. */
  readonly tf32?: boolean | undefined;
}

/** What was asked of a device, where anything was. */
export type DeviceSettings = Pick<OpenOptions, 'threads' | 'tf32'>;

/** A device, and why it is this one. */
export interface DeviceChoice {
  readonly backend: string;
  readonly device: Pick<Device, 'info'>;
  readonly why: string;
}

/** A device that is open. */
export interface OpenDevice extends DeviceChoice {
  readonly device: Device;
  /** What it was opened with. */
  readonly settings: DeviceSettings;
  /** Opens the same device once more, with the same settings: the one that was lost. The caller disposes of both. */
  readonly reopen: () => Promise<Device>;
}

/**
 * Opens the device that was requested, or the fastest that is there.
 * @throws UsageError for an unknown backend or device, or a setting that it does not have; BackendError for one that is not
 *   there, with what to install, or does not open
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

/** The settings of a request, without those that it leaves to the device. */
export function settingsOf({ threads, tf32 }: DeviceRequest): DeviceSettings {
  return { ...(threads === undefined ? {} : { threads }), ...(tf32 === undefined ? {} : { tf32 }) };
}

/** `backend: onnx, cpu (ONNX Runtime 1.30.0, 2 threads): as requested` */
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
      `backend "${name}": expected one of ${known.join(', ')}; external backends run in conformance, bisect, or your own ` +
        'program with fit()',
    );
  }
  const found = await probe(entry);
  if (!found.ok) {
    throw new BackendError(found.code, `backend ${name} is not there: ${found.reason}; ${found.fix}`);
  }
  const ids = found.devices.map(({ id }) => id);
  // For a device that the backend knows and does not have, the backend itself says what is missing.
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
    // isonet's own errors name the backend.
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

/** Whether a request was refused because it has an option that its backend does not have. */
export function isUnknownOption(error: unknown): boolean {
  return error instanceof UsageError && isOptionError(error.cause);
}

function isOptionError(error: unknown): error is BackendError {
  return error instanceof BackendError && (error.code === 'OPTION' || error.code === 'UNKNOWN_OPTION');
}

/** The flag of a setting that a backend does not have at all; all flags where it may be any of them. */
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
      // A slower device that has the option would run without a word.
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

/** @param fastest the device that `auto` would take */
function refusedOption(fastest: string, cause: BackendError, settings: DeviceSettings): UsageError {
  const flag = unknownOption(cause, settings);
  const fix = 'leave it out, or name a backend that has it';
  return new UsageError(
    flag === undefined
      ? `auto would take ${fastest}: ${cause.message}`
      : `${flag}: ${fastest}, which auto would take, has no such option: ${fix}`,
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
  return ['the fastest of what is here', ...others, ...failures].join('; ');
}
