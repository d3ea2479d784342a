// Which adapters there are, and opening one of them by its id. Runs in Node and in browsers.
import type { DeviceInfo, OpenOptions } from '@isonet/core';
import { BackendError, messageOf } from '@isonet/core';
import type { Absence, OpenAdapter } from './gpu.ts';
import { identity, isSoftware, limitsOf, nameOf, openDevice } from './gpu.ts';
import { findSoftware, softwareGpu, systemGpu } from './platform.ts';

export interface AdapterList {
  /** Hardware first. The ids are those of `openAdapter`. */
  readonly adapters: readonly DeviceInfo[];
  /** Why there is no hardware, and why no software driver from npm, where that is so; in this order. */
  readonly absent: readonly Absence[];
}

// How the system is asked for each of its adapters: WebGPU has no other way to choose one.
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
  reason: 'no driver of this system offers a GPU to WebGPU',
  fix: "install or update the GPU's driver; in a browser, switch WebGPU on",
};
const NO_FALLBACK: Absence = {
  code: 'NO_FALLBACK',
  reason: 'this system has no software driver of its own',
  fix: 'open "software" (Node on linux x64), or start Chromium with --enable-unsafe-webgpu',
};

/**
 * What can be opened here: `gpu`; `low-power`, a second GPU; `fallback`, a software driver of the system's own;
 * `software`, the one from npm, which is not unpacked for this. Never throws.
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
 * Opens an adapter. Hardware that was asked for is never replaced by a software driver, nor the other way round.
 * @param asked limits by WebGPU's names; those that are left out are as high as the adapter allows
 * @throws BackendError when there is no such adapter, or it gives no device; `OPTION` for limits that it does not offer
 */
export async function openAdapter(id: string, asked?: OpenOptions['limits']): Promise<OpenAdapter> {
  const [info, adapter] = id === SOFTWARE.id ? await findOnNpm() : await findOnSystem(id);
  const limits = limitsOf(id, adapter, asked);
  try {
    return await openDevice(info, adapter, limits);
  } catch (cause) {
    const text = messageOf(cause);
    throw new BackendError('NO_DEVICE', `webgpu "${id}": ${info.text} gives no device: ${text}`, { cause });
  }
}

async function findOnNpm(): Promise<[DeviceInfo, GPUAdapter]> {
  const found = await findSoftware();
  if ('reason' in found) throw absence(SOFTWARE.id, found);
  const gpu = await softwareGpu(found);
  const adapter = await gpu.requestAdapter();
  if (adapter === null) throw absence(SOFTWARE.id, NO_FALLBACK);
  return [SOFTWARE, adapter];
}

async function findOnSystem(id: string): Promise<[DeviceInfo, GPUAdapter]> {
  if (!isSystemId(id)) {
    const known = [...Object.keys(REQUESTS), SOFTWARE.id].join(', ');
    throw new BackendError(
      'UNKNOWN_ADAPTER',
      `webgpu: no adapter is called "${id}"; expected one of ${known}`,
    );
  }
  const gpu = await systemGpu();
  if ('reason' in gpu) throw absence(id, gpu);
  const adapter = await request(gpu, id);
  if (adapter === null) throw absence(id, id === 'fallback' ? NO_FALLBACK : NO_GPU);
  return [describe(id, adapter.info), adapter];
}

/** The adapter behind an id, or null: asked for hardware, WebGPU may well answer with a software driver. */
async function request(gpu: GPU, id: SystemId): Promise<GPUAdapter | null> {
  const adapter = await gpu.requestAdapter(REQUESTS[id]);
  if (id !== 'fallback') return adapter === null || isSoftware(adapter.info) ? null : adapter;
  // A driver that does not admit to be a fallback is still known by its name.
  const software = adapter ?? (await gpu.requestAdapter());
  return software !== null && isSoftware(software.info) ? software : null;
}

async function systemAdapters(gpu: GPU): Promise<DeviceInfo[]> {
  const found = new Map<string, DeviceInfo>();
  for (const id of Object.keys(REQUESTS).filter(isSystemId)) {
    const adapter = await request(gpu, id);
    // One GPU answers to high performance and to low power alike.
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

function absence(id: string, { code, reason, fix }: Absence): BackendError {
  return new BackendError(code, `webgpu "${id}": ${reason}; ${fix}`);
}
