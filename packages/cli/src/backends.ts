// The backends by name, and which of them `auto` takes. The only table of imports: nothing of a backend, nor of the
// runtime below it, loads until it is asked for.
import type { Backend, Device, DeviceInfo, Probe } from '@isonet/core';
import { nearest, unknownName, UsageError } from './usage.ts';

/** By device, by the key of a check of the conformance suite: why it is expected to fail there. */
export type KnownFaults = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface BackendEntry {
  readonly name: string;
  readonly knownFaults?: KnownFaults;
  load(): Promise<Backend>;
}

export const backends: readonly BackendEntry[] = [
  { name: 'tfjs', load: async () => (await import('@isonet/backend-tfjs')).tfjs },
  { name: 'webgpu', load: async () => (await import('@isonet/backend-webgpu')).webgpu },
  { name: 'onnx', load: async () => (await import('@isonet/backend-onnx')).onnx },
  { name: 'reference', load: async () => (await import('@isonet/backend-reference')).reference },
];

interface Rank {
  readonly backend: string;
  readonly device: string;
  /** Why it stands before the next. */
  readonly reason: string;
}

/**
 * What `auto` takes: the first of these that is there. Not among them: software drivers, which run a GPU's interface on
 * the processor, slower than onnx does; TensorFlow.js in plain JavaScript, minutes a step; the reference, which is there
 * to be right.
 */
export const ranks: readonly Rank[] = [
  { backend: 'tfjs', device: 'cuda', reason: "a GPU, with its vendor's own kernels (cuDNN)" },
  { backend: 'webgpu', device: 'gpu', reason: 'a GPU, a whole training step in one submission' },
  {
    backend: 'onnx',
    device: 'cpu',
    reason: 'the fastest on a processor, see docs/results',
  },
  { backend: 'tfjs', device: 'tensorflow', reason: 'a processor, all its threads' },
  {
    backend: 'tfjs',
    device: 'wasm',
    reason: 'a processor, one thread in WebAssembly',
  },
];

/** A device, and why it is this one. */
interface BackendChoice {
  readonly backend: string;
  readonly device: Pick<Device, 'info'>;
  readonly why: string;
}

/** A device that is open. */
export interface OpenDevice extends BackendChoice {
  readonly device: Device;
}

export interface Wish {
  /** Default `auto`. */
  readonly backend?: string | undefined;
  readonly device?: string | undefined;
}

/**
 * Opens the device that was asked for, or the fastest that is there.
 * @throws UsageError for an unknown backend or device; BackendError for one that is not there, with what to install
 */
export async function openDevice(table: readonly BackendEntry[], wish: Wish): Promise<OpenDevice> {
  const { backend = 'auto', device } = wish;
  if (backend !== 'auto') return openNamed(table, backend, device);
  if (device !== undefined) throw new UsageError(`--device ${device} needs --backend: whose device is it?`);
  return openFastest(table);
}

/** `backend: onnx, cpu (ONNX Runtime 1.30.0, 2 threads): as asked for` */
export function backendLine({ backend, device, why }: BackendChoice): string {
  return `backend: ${backend}, ${device.info.id} (${device.info.text}): ${why}`;
}

/** What a backend says of itself; one that cannot even be loaded is not there. Never throws. */
export async function probe(entry: BackendEntry): Promise<Probe> {
  let backend: Backend;
  try {
    backend = await entry.load();
  } catch (error) {
    const cure = `npm install @isonet/backend-${entry.name}`;
    return { ok: false, code: 'NOT_LOADED', reason: `it does not load: ${textOf(error)}`, cure };
  }
  try {
    return await backend.probe();
  } catch (error) {
    const cure = 'a fault of the backend, whose probe may not throw';
    return { ok: false, code: 'PROBE_FAILED', reason: `its probe throws: ${textOf(error)}`, cure };
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The device of this probe that a rank means. */
export function deviceOfRank(rank: Rank, found: Probe): DeviceInfo | undefined {
  const devices = found.ok ? found.devices : [];
  return devices.find(({ id, kind }) => id === rank.device && kind !== 'software');
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
  if (!found.ok) throw await notHere(`backend ${name}`, found.code, `${found.reason}; ${found.cure}`);
  const ids = found.devices.map(({ id }) => id);
  // Of a device that it knows and does not have, the backend itself says what is missing.
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
      failures.push(`${rank.backend} ${info.id} does not open: ${textOf(error)}`);
    }
  }
  const reasons = [...probes].flatMap(([name, found]) =>
    found.ok ? [] : [`${name}: ${found.reason}, ${found.cure}`],
  );
  throw await notHere('every backend that auto takes', 'NO_BACKEND', [...failures, ...reasons].join('; '));
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

async function notHere(what: string, code: string, text: string): Promise<Error> {
  const { BackendError } = await import('@isonet/core');
  return new BackendError(code, `${what} is not there: ${text}`);
}
