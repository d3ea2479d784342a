// Lists the available adapters, and opens one of them by its id. Runs in Node and in browsers.
import type { DeviceInfo, OpenOptions } from '@isonet/core';
import { BackendError, messageOf } from '@isonet/core';
import type { Absence, OpenAdapter } from './gpu.ts';
import { identity, isSoftware, limitsOf, nameOf, openDevice } from './gpu.ts';
import { findSoftware, softwareGpu, systemGpu } from './platform.ts';

export interface AdapterList {
  /** Hardware comes first. `openAdapter` accepts the ids. */
  readonly adapters: readonly DeviceInfo[];
  /**
   * The reasons why there is no hardware adapter and why there is no software driver from npm, in this order. If one
   * of them is available, its reason is omitted.
   */
  readonly absent: readonly Absence[];
}

// The request for each of the system's adapters. WebGPU has no other way to choose an adapter.
const REQUESTS = {
  gpu: { powerPreference: 'high-performance' },
  'low-power': { powerPreference: 'low-power' },
  fallback: { forceFallbackAdapter: true },
} as const satisfies Record<string, GPURequestAdapterOptions>;
type SystemId = keyof typeof REQUESTS;

const SOFTWARE: DeviceInfo = {
  id: 'software',
  kind: 'software',
  text: "SwiftShader, a software driver from npm's @sparticuz/chromium",
};

const NO_GPU: Absence = {
  code: 'NO_GPU',
  reason: 'no driver on this system exposes a GPU to WebGPU',
  fix: "install or update the GPU's driver; in a browser, enable WebGPU",
};
const NO_FALLBACK: Absence = {
  code: 'NO_FALLBACK',
  reason: 'this system has no software driver',
  fix: 'open "software" (Node on linux x64), or start Chromium with --enable-unsafe-webgpu',
};

/**
 * Lists the adapters that can be opened here: `gpu`; `low-power`, a second GPU; `fallback`, the system's own software driver;
 * `software`, the software driver from npm, which listing does not unpack. Never throws.
 */
export async function listAdapters(): Promise<AdapterList> {
  const gpu = await systemGpu();
  const adapters = 'reason' in gpu ? [] : await systemAdapters(gpu);
  const absent: Absence[] = [];
  if (!adapters.some(({ kind }) => kind === 'gpu')) absent.push('reason' in gpu ? gpu : NO_GPU);
  const software = await findSoftware();
  if ('reason' in software) absent.push(software);
  else adapters.push(SOFTWARE);
  return { adapters, absent };
}

/**
 * Opens an adapter. A request for hardware never opens a software driver, and a request for a software driver never
 * opens hardware.
 * @param requested limits by their WebGPU names; omitted limits are as high as the adapter allows
 * @throws BackendError if there is no adapter with this id, or it cannot open a device; `OPTION` for limits that it
 *   does not support
 */
export async function openAdapter(id: string, requested?: OpenOptions['limits']): Promise<OpenAdapter> {
  const [info, adapter] = id === SOFTWARE.id ? await findOnNpm() : await findOnSystem(id);
  const limits = limitsOf(id, adapter, requested);
  try {
    return await openDevice(info, adapter, limits);
  } catch (cause) {
    const text = messageOf(cause);
    throw new BackendError('NO_DEVICE', `webgpu "${id}": ${info.text} cannot open a device: ${text}`, {
      cause,
    });
  }
}

async function findOnNpm(): Promise<[DeviceInfo, GPUAdapter]> {
  const found = await findSoftware();
  if ('reason' in found) throw absenceError(SOFTWARE.id, found);
  const gpu = await softwareGpu(found);
  const adapter = await gpu.requestAdapter();
  if (adapter === null) throw absenceError(SOFTWARE.id, NO_FALLBACK);
  return [SOFTWARE, adapter];
}

async function findOnSystem(id: string): Promise<[DeviceInfo, GPUAdapter]> {
  if (!isSystemId(id)) {
    const known = [...Object.keys(REQUESTS), SOFTWARE.id].join(', ');
    throw new BackendError('UNKNOWN_ADAPTER', `webgpu: unknown adapter "${id}"; expected one of ${known}`);
  }
  const gpu = await systemGpu();
  if ('reason' in gpu) throw absenceError(id, gpu);
  const adapter = await request(gpu, id);
  if (adapter === null) throw absenceError(id, id === 'fallback' ? NO_FALLBACK : NO_GPU);
  return [describe(id, adapter.info), adapter];
}

/** Requests the adapter of an id. Returns null if WebGPU has none, or answers a request for hardware with a software driver. */
async function request(gpu: GPU, id: SystemId): Promise<GPUAdapter | null> {
  const adapter = await gpu.requestAdapter(REQUESTS[id]);
  if (id !== 'fallback') return adapter === null || isSoftware(adapter.info) ? null : adapter;
  // A software driver that does not report itself as a fallback is still recognized by its name.
  const software = adapter ?? (await gpu.requestAdapter());
  return software !== null && isSoftware(software.info) ? software : null;
}

async function systemAdapters(gpu: GPU): Promise<DeviceInfo[]> {
  const found = new Map<string, DeviceInfo>();
  for (const id of Object.keys(REQUESTS).filter(isSystemId)) {
    const adapter = await request(gpu, id);
    // A single GPU answers both the high-performance and the low-power request.
    if (adapter !== null && !found.has(identity(adapter.info))) {
      found.set(identity(adapter.info), describe(id, adapter.info));
    }
  }
  return [...found.values()];
}

function describe(id: SystemId, adapter: GPUAdapterInfo): DeviceInfo {
  const name = nameOf(adapter);
  if (id !== 'fallback') return { id, kind: 'gpu', text: name };
  return { id, kind: 'software', text: `${name}, a software driver of this system` };
}

function isSystemId(id: string): id is SystemId {
  return Object.hasOwn(REQUESTS, id);
}

function absenceError(id: string, { code, reason, fix }: Absence): BackendError {
  return new BackendError(code, `webgpu "${id}": ${reason}; ${fix}`);
}
