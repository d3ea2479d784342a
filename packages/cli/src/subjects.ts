// Chooses the devices that the conformance suite runs on, and what is left out on the slow ones; everything that does not run
// has its reason.
import type { ConformanceSubject } from '@isonet/conformance';
import type { Backend, Device, DeviceInfo } from '@isonet/core';
import { BackendError } from '@isonet/core';
import type { BackendEntry } from '@isonet/runs';
import { externalBackend, nearest, probe, unknownName, UsageError } from '@isonet/runs';

export interface Candidate {
  readonly backend: string;
  readonly info: DeviceInfo;
  readonly subject: ConformanceSubject;
}

export interface Missing {
  readonly backend: string;
  readonly code: string;
  readonly reason: string;
  readonly cure: string;
}

export interface LeftOut {
  readonly backend: string;
  readonly info: DeviceInfo;
  readonly reason: string;
}

export interface Candidates {
  readonly run: readonly Candidate[];
  readonly leftOut: readonly LeftOut[];
  readonly missing: readonly Missing[];
}

export interface SubjectRequest {
  /** A name of the table, a package or a path. Default `all`: every backend of the table. */
  readonly backend?: string | undefined;
  /** Default: every device of the backend that is worth it. */
  readonly device?: string | undefined;
}

/**
 * @throws UsageError for names that lead nowhere; BackendError when the backend that was named is not there, or none
 *   at all is
 */
export async function findSubjects(
  table: readonly BackendEntry[],
  { backend = 'all', device }: SubjectRequest,
  cwd: string,
): Promise<Candidates> {
  if (backend === 'all') {
    if (device !== undefined) throw new UsageError(`--device ${device} needs --backend: whose device is it?`);
    return findAll(table);
  }
  const names = ['all', ...table.map(({ name }) => name)];
  const entry = table.find(({ name }) => name === backend) ?? (await externalBackend(backend, cwd, names));
  const found = await devicesOf(entry);
  if ('missing' in found) {
    const { code, reason, cure } = found.missing;
    throw new BackendError(code, `backend ${backend} is not there: ${reason}; ${cure}`);
  }
  if (device === undefined) return { ...sorted(entry, found), missing: [] };
  const info = found.devices.find(({ id }) => id === device) ?? (await unlisted(entry, found, device));
  return { run: [candidate(entry, found.backend, info)], leftOut: [], missing: [] };
}

async function findAll(table: readonly BackendEntry[]): Promise<Candidates> {
  const run: Candidate[] = [];
  const leftOut: LeftOut[] = [];
  const missing: Missing[] = [];
  for (const entry of table) {
    const found = await devicesOf(entry);
    if ('missing' in found) {
      missing.push(found.missing);
    } else {
      const own = sorted(entry, found);
      run.push(...own.run);
      leftOut.push(...own.leftOut);
    }
  }
  if (run.length > 0) return { run, leftOut, missing };
  const reasons = missing.map(({ backend, reason, cure }) => `${backend}: ${reason}, ${cure}`);
  throw new BackendError('NO_BACKEND', `no backend is there: ${reasons.join('; ')}`);
}

interface Devices {
  readonly backend: Backend;
  readonly devices: readonly DeviceInfo[];
}

async function devicesOf(entry: BackendEntry): Promise<Devices | { readonly missing: Missing }> {
  const found = await probe(entry);
  if (!found.ok) {
    const { code, reason, cure } = found;
    return { missing: { backend: entry.name, code, reason, cure } };
  }
  if (found.devices.length === 0) {
    const [reason, cure] = ['its probe lists no device', 'where there is none it gives a reason and a cure'];
    return { missing: { backend: entry.name, code: 'NO_DEVICE', reason, cure } };
  }
  return { backend: await entry.load(), devices: found.devices };
}

/** Which of a backend's devices are worth it: a last resort only where there is nothing else. */
function sorted(entry: BackendEntry, { backend, devices }: Devices): Omit<Candidates, 'missing'> {
  const others = devices.filter((info) => !isLastResort(entry, info));
  const run = others.length > 0 ? others : devices;
  const leftOut = devices.filter((info) => !run.includes(info));
  return {
    run: run.map((info) => candidate(entry, backend, info)),
    leftOut: leftOut.map((info) => ({
      backend: entry.name,
      info,
      reason: `${entry.name} has a faster device here; --backend ${entry.name} --device ${info.id} runs it`,
    })),
  };
}

/** A device that the backend knows and does not list: it says itself what is missing. */
async function unlisted(entry: BackendEntry, { backend, devices }: Devices, id: string): Promise<DeviceInfo> {
  const ids = devices.map((info) => info.id);
  if (nearest(id, ids) !== undefined) throw unknownName(`device of ${entry.name}`, id, ids);
  await using device = await backend.open(id);
  return device.info;
}

function candidate(entry: BackendEntry, backend: Backend, info: DeviceInfo): Candidate {
  const { name, knownFaults = {} } = entry;
  const { [info.id]: faults } = knownFaults;
  const tooSlow = slowness(entry, info);
  return {
    backend: name,
    info,
    subject: {
      name: `${name} (${info.id})`,
      open: (id = info.id) => openExactly(backend, id),
      probe: () => backend.probe(),
      timeoutMs: tooSlow === undefined ? 120_000 : 300_000,
      ...(tooSlow === undefined ? {} : { tooSlow }),
      ...(faults === undefined ? {} : { knownFaults: faults }),
    },
  };
}

/** @throws BackendError for another device than the one that was asked for */
async function openExactly(backend: Backend, id: string): Promise<Device> {
  const device = await backend.open(id);
  const { id: got } = device.info;
  if (got === id) return device;
  await device[Symbol.asyncDispose]();
  throw new BackendError('WRONG_DEVICE', `${backend.name}: open('${id}') gives the device ${got}`);
}

/** Why the heavy checks are left out on this device. */
function slowness(entry: BackendEntry, info: DeviceInfo): string | undefined {
  if (info.kind === 'software') return 'a software driver takes minutes for each';
  return isLastResort(entry, info) ? 'plain JavaScript takes minutes for each' : undefined;
}

/** Not asked where its backend has another device: software drivers, and TensorFlow.js in plain JavaScript. */
function isLastResort({ name }: BackendEntry, { id, kind }: DeviceInfo): boolean {
  return kind === 'software' || (name === 'tfjs' && id === 'cpu');
}
