// What is the same for every WebGPU, in Node and in a browser: telling hardware from a software driver, and opening a
// device with all that its adapter allows. open.ts finds adapters.
import type { DeviceInfo, OpenOptions } from '@isonet/core';
import { BackendError } from '@isonet/core';

/** Why there is no such adapter, and what to do about it. Both are one line. */
export interface Absence {
  readonly code: string;
  readonly reason: string;
  readonly fix: string;
}

export interface OpenAdapter extends AsyncDisposable {
  readonly info: DeviceInfo;
  readonly adapter: GPUAdapterInfo;
  readonly device: GPUDevice;
  /** What may be used of the device: as high as the adapter allows, or what was asked for. */
  readonly limits: Limits;
  /** Resolves when the device is gone, by `close` too, with WebGPU's reason and message. */
  readonly lost: Promise<string>;
  /** Destroys the device and all its buffers. May be called again. */
  close(): Promise<void>;
}

// WebGPU's defaults are made for phones; a limit that is not asked for is not granted. Alignments stay at their defaults,
// so that a memory plan is the same on every adapter.
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxUniformBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** Those that decide what is refused and how work is cut. */
export interface DecisiveLimits {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
  readonly maxComputeWorkgroupsPerDimension: number;
}

/** Limits by WebGPU's names. */
export interface Limits extends DecisiveLimits, Readonly<Record<string, number>> {}

/** Taken where the adapter has them; `device.features` tells. */
const FEATURES: readonly GPUFeatureName[] = ['subgroups', 'shader-f16', 'timestamp-query'];

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render|\bwarp\b|\bsoftware\b/i;

/** Whether the cpu does the work. Not every driver admits it by `isFallbackAdapter`, so the names count too. */
export function isSoftware(adapter: GPUAdapterInfo): boolean {
  return adapter.isFallbackAdapter || SOFTWARE.test(identity(adapter));
}

/** All the names of an adapter: what tells two of them apart, as far as WebGPU lets them be told apart. */
export function identity(adapter: GPUAdapterInfo): string {
  return [adapter.vendor, adapter.architecture, adapter.device, adapter.description].join(' ');
}

/** The best name there is. Browsers tell only the vendor and the architecture. */
export function nameOf(adapter: GPUAdapterInfo): string {
  const family = [adapter.vendor, adapter.architecture].filter((name) => name !== '').join(' ');
  return adapter.description || family || adapter.device || 'an adapter without a name';
}

/**
 * The adapter's own limits, lowered to those that are asked for.
 * @throws BackendError `OPTION` for a name that is not a limit, or a value that the adapter does not offer
 */
export function limitsOf(id: string, adapter: GPUAdapter, asked: OpenOptions['limits'] = {}): Limits {
  const names: readonly string[] = LIMITS;
  const unknown = Object.keys(asked).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const known = LIMITS.join(', ');
    throw new BackendError('OPTION', `webgpu "${id}": limits: no "${unknown}"; there are ${known}`);
  }
  const entries = LIMITS.map((name) => {
    const most = adapter.limits[name];
    const value = asked[name] ?? most;
    if (Object.hasOwn(asked, name) && !(Number.isInteger(value) && value >= 1 && value <= most)) {
      throw new BackendError(
        'OPTION',
        `webgpu "${id}": limits: ${name}: expected a whole number from 1 to ${most}, the adapter's own, got ${value}`,
      );
    }
    return [name, value] as const;
  });
  return Object.fromEntries(entries) as Limits;
}

/** The limits that are part of a plan's id, in force whether they were asked for or are the adapter's own. */
export function decisiveLimits({
  maxBufferSize,
  maxStorageBufferBindingSize,
  maxComputeWorkgroupsPerDimension,
}: Limits): Readonly<Record<keyof DecisiveLimits, number>> {
  return { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupsPerDimension };
}

/**
 * Consumes the adapter. Rejects as `GPUAdapter.requestDevice` does.
 * @param limits none above the adapter's own
 */
export async function openDevice(
  info: DeviceInfo,
  adapter: GPUAdapter,
  limits: Limits,
): Promise<OpenAdapter> {
  const device = await adapter.requestDevice({
    label: `isonet ${info.id}`,
    requiredLimits: { ...limits }, // WebGPU grants no less than its defaults.
    requiredFeatures: FEATURES.filter((name) => adapter.features.has(name)),
  });
  const lost = device.lost.then(({ reason, message }) => `${reason}: ${message}`);
  async function close(): Promise<void> {
    device.destroy();
    await lost;
  }
  return { info, adapter: adapter.info, device, limits, lost, close, [Symbol.asyncDispose]: close };
}
