// Chooses the devices that the conformance suite runs on, and reports a reason for everything that does not run.
import type { ConformanceSubject } from '@isonet/conformance';
import type { Backend, Device, DeviceInfo, OpenOptions } from '@isonet/core';
import { BackendError } from '@isonet/core';
import type { BackendEntry, DeviceRequest, DeviceSettings } from '@isonet/runs';
import { externalBackend, nearest, probe, settingsOf, unknownName, UsageError } from '@isonet/runs';

/** A device that the suite runs on. */
export interface Candidate {
  readonly backend: string;
  readonly info: DeviceInfo;
  readonly subject: ConformanceSubject;
}

/** An unavailable backend, with the reason and the way to install it. */
export interface Missing {
  readonly backend: string;
  readonly code: string;
  readonly reason: string;
  readonly fix: string;
}

/** An available device that is skipped, with the reason. */
export interface LeftOut {
  readonly backend: string;
  readonly info: DeviceInfo;
  readonly reason: string;
}

/** Every device and backend that a command line selects: run, left out or missing. */
export interface Candidates {
  readonly run: readonly Candidate[];
  readonly leftOut: readonly LeftOut[];
  readonly missing: readonly Missing[];
}

/**
 * Finds the devices that a command line selects.
 * @param request its backend is a name in the table, a package or a path; by default `all`, which means every backend in the table.
 *   By default, its device is every device that is not a last resort
 * @throws UsageError for an unknown name; BackendError if the named backend is not available, or no backend is
 */
export async function findSubjects(
  table: readonly BackendEntry[],
  request: DeviceRequest,
  cwd: string,
): Promise<Candidates> {
  const { backend = 'all', device } = request;
  const settings = settingsOf(request);
  if (backend === 'all') {
    if (device !== undefined) throw new UsageError(`\`--device ${device}\` also needs \`--backend NAME\``);
    return findAll(table, settings);
  }
  const names = ['all', ...table.map(({ name }) => name)];
  const entry = table.find(({ name }) => name === backend) ?? (await externalBackend(backend, cwd, names));
  const found = await devicesOf(entry);
  if ('missing' in found) {
    const { code, reason, fix } = found.missing;
    throw new BackendError(code, `backend ${backend} is not available: ${reason}; ${fix}`);
  }
  if (device === undefined) return { ...sorted(entry, found, settings), missing: [] };
  const info = found.devices.find(({ id }) => id === device) ?? (await unlisted(entry, found, device));
  return { run: [candidate(entry, found.backend, info, settings)], leftOut: [], missing: [] };
}

async function findAll(table: readonly BackendEntry[], settings: DeviceSettings): Promise<Candidates> {
  const run: Candidate[] = [];
  const leftOut: LeftOut[] = [];
  const missing: Missing[] = [];
  for (const entry of table) {
    const found = await devicesOf(entry);
    if ('missing' in found) {
      missing.push(found.missing);
    } else {
      const own = sorted(entry, found, settings);
      run.push(...own.run);
      leftOut.push(...own.leftOut);
    }
  }
  if (run.length > 0) return { run, leftOut, missing };
  const reasons = missing.map(({ backend, reason, fix }) => `${backend}: ${reason}, ${fix}`);
  throw new BackendError('NO_BACKEND', `no backend is available: ${reasons.join('; ')}`);
}

/** Formats one line for each device or backend that does not run, with the reason. */
export function notRunLines({ leftOut, missing }: Omit<Candidates, 'run'>): readonly string[] {
  return [
    ...leftOut.map(
      ({ backend, info, reason }) => `left out: ${backend}, ${info.id} (${info.text}): ${reason}`,
    ),
    ...missing.map(({ backend, reason, fix }) => `unavailable: ${backend}: ${reason}; ${fix}`),
  ];
}

interface Devices {
  readonly backend: Backend;
  readonly devices: readonly DeviceInfo[];
}

async function devicesOf(entry: BackendEntry): Promise<Devices | { readonly missing: Missing }> {
  const found = await probe(entry);
  if (!found.ok) {
    const { code, reason, fix } = found;
    return { missing: { backend: entry.name, code, reason, fix } };
  }
  if (found.devices.length === 0) {
    const reason = 'its probe lists no devices';
    const fix =
      'report it to the author of the backend: a probe that finds no device must return a reason and a fix';
    return { missing: { backend: entry.name, code: 'NO_DEVICE', reason, fix } };
  }
  return { backend: await entry.load(), devices: found.devices };
}

/** Splits the devices of a backend: a last resort runs only if the backend has no other device. */
function sorted(
  entry: BackendEntry,
  { backend, devices }: Devices,
  settings: DeviceSettings,
): Omit<Candidates, 'missing'> {
  const others = devices.filter((info) => !isLastResort(entry, info));
  const run = others.length > 0 ? others : devices;
  const leftOut = devices.filter((info) => !run.includes(info));
  return {
    run: run.map((info) => candidate(entry, backend, info, settings)),
    leftOut: leftOut.map((info) => ({
      backend: entry.name,
      info,
      reason: `${entry.name} has a faster device here; --backend ${entry.name} --device ${info.id} runs it`,
    })),
  };
}

/** Opens a device that the backend does not list, so that the error of the backend names what is missing. */
async function unlisted(entry: BackendEntry, { backend, devices }: Devices, id: string): Promise<DeviceInfo> {
  const ids = devices.map((info) => info.id);
  if (nearest(id, ids) !== undefined) throw unknownName(`device of ${entry.name}`, id, ids);
  await using device = await backend.open({ device: id });
  return device.info;
}

function candidate(
  entry: BackendEntry,
  backend: Backend,
  info: DeviceInfo,
  settings: DeviceSettings,
): Candidate {
  const { name } = entry;
  const xfail = entry.xfail?.[info.id];
  const requested: OpenOptions = { ...settings, device: info.id };
  const skipHeavy = slowness(entry, info);
  return {
    backend: name,
    info,
    subject: {
      name: `${name} (${info.id})`,
      open: (options) => openExactly(backend, { ...requested, ...options }),
      probe: () => backend.probe(),
      timeoutMs: skipHeavy === undefined ? 120_000 : 300_000,
      ...(skipHeavy === undefined ? {} : { skipHeavy }),
      ...(xfail === undefined ? {} : { xfail }),
    },
  };
}

/** Opens a device. @throws BackendError if the backend opens a device other than the requested one */
async function openExactly(backend: Backend, options: OpenOptions): Promise<Device> {
  const device = await backend.open(options);
  const { id: got } = device.info;
  if (got === options.device) return device;
  await device[Symbol.asyncDispose]();
  throw new BackendError(
    'WRONG_DEVICE',
    `${backend.name}: open({ device: '${options.device}' }) opened the device ${got}`,
  );
}

/** Returns the reason to skip the heavy checks on this device; undefined if it is fast enough. */
function slowness(entry: BackendEntry, info: DeviceInfo): string | undefined {
  if (info.kind === 'software') return 'a software driver takes minutes for each';
  return isLastResort(entry, info) ? 'plain JavaScript takes minutes for each' : undefined;
}

/** Returns whether to run the device only if its backend has no other: a software driver, or TensorFlow.js in plain JavaScript. */
function isLastResort({ name }: BackendEntry, { id, kind }: DeviceInfo): boolean {
  return kind === 'software' || (name === 'tfjs' && id === 'cpu');
}
