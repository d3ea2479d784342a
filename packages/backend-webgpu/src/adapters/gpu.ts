// The parts that all WebGPU implementations share, in Node and in browsers: distinguishing hardware from software drivers, and
// opening a device with everything that its adapter allows. open.ts finds the adapters.
import type { DeviceInfo, OpenOptions } from '@isonet/core';
import { BackendError } from '@isonet/core';

/** The reason why an adapter is unavailable, and the fix. Each is one line. */
export interface Absence {
  readonly code: string;
  readonly reason: string;
  readonly fix: string;
}

export interface OpenAdapter extends AsyncDisposable {
  readonly info: DeviceInfo;
  readonly adapter: GPUAdapterInfo;
  readonly device: GPUDevice;
  /** The limits in force: the requested ones, otherwise the adapter's maximum. */
  readonly limits: Limits;
  /** Resolves with WebGPU's reason and message when the device is lost or closed. */
  readonly lost: Promise<string>;
  /** Destroys the device and all its buffers. May be called more than once. */
  close(): Promise<void>;
}

// WebGPU's defaults are sized for phones, and a limit above them is granted only on request. Alignments keep their defaults, so
// that a memory plan is the same on every adapter.
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

/** The limits that determine which graphs are rejected and how work is divided. */
export interface DecisiveLimits {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
  readonly maxComputeWorkgroupsPerDimension: number;
}

/** Limits by their WebGPU names. */
export interface Limits extends DecisiveLimits, Readonly<Record<string, number>> {}

/** Features to request if the adapter has them. `device.features` lists the granted ones. */
const FEATURES: readonly GPUFeatureName[] = ['subgroups', 'shader-f16', 'timestamp-query'];

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render|\bwarp\b|\bsoftware\b/i;

/** Returns whether the adapter computes on the CPU. Not every software driver sets `isFallbackAdapter`, so known names count, too. */
export function isSoftware(adapter: GPUAdapterInfo): boolean {
  return adapter.isFallbackAdapter || SOFTWARE.test(identity(adapter));
}

/** Joins all names of an adapter: everything that WebGPU exposes to distinguish adapters. */
export function identity(adapter: GPUAdapterInfo): string {
  return [adapter.vendor, adapter.architecture, adapter.device, adapter.description].join(' ');
}

/** Returns the most descriptive name available. Browsers expose only the vendor and the architecture. */
export function nameOf(adapter: GPUAdapterInfo): string {
  const family = [adapter.vendor, adapter.architecture].filter((name) => name !== '').join(' ');
  return adapter.description || family || adapter.device || 'an adapter without a name';
}

/**
 * Returns the adapter's limits, lowered to the requested ones.
 * @throws BackendError `OPTION` for an unknown limit, or a value that the adapter does not support
 */
export function limitsOf(id: string, adapter: GPUAdapter, requested: OpenOptions['limits'] = {}): Limits {
  const names: readonly string[] = LIMITS;
  const unknown = Object.keys(requested).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const known = LIMITS.join(', ');
    throw new BackendError(
      'OPTION',
      `webgpu "${id}": limits: unknown limit "${unknown}"; expected one of ${known}`,
    );
  }
  const entries = LIMITS.map((name) => {
    const most = adapter.limits[name];
    const value = requested[name] ?? most;
    if (Object.hasOwn(requested, name) && !(Number.isInteger(value) && value >= 1 && value <= most)) {
      throw new BackendError(
        'OPTION',
        `webgpu "${id}": limits: ${name}: expected an integer from 1 to ${most}, the adapter's limit, got ${value}`,
      );
    }
    return [name, value] as const;
  });
  return Object.fromEntries(entries) as Limits;
}

/** Returns the limits that are part of a plan's id, whether they were requested or are the adapter's own. */
export function decisiveLimits({
  maxBufferSize,
  maxStorageBufferBindingSize,
  maxComputeWorkgroupsPerDimension,
}: Limits): Readonly<Record<keyof DecisiveLimits, number>> {
  return { maxBufferSize, maxStorageBufferBindingSize, maxComputeWorkgroupsPerDimension };
}

/**
 * Opens a device, which consumes the adapter. Rejects with the error of `GPUAdapter.requestDevice`.
 * @param limits must not exceed the adapter's limits
 */
export async function openDevice(
  info: DeviceInfo,
  adapter: GPUAdapter,
  limits: Limits,
): Promise<OpenAdapter> {
  const device = await adapter.requestDevice({
    label: `isonet ${info.id}`,
    requiredLimits: { ...limits }, // WebGPU never grants less than its defaults.
    requiredFeatures: FEATURES.filter((name) => adapter.features.has(name)),
  });
  const lost = device.lost.then(({ reason, message }) => `${reason}: ${message}`);
  async function close(): Promise<void> {
    device.destroy();
    await lost;
  }
  return { info, adapter: adapter.info, device, limits, lost, close, [Symbol.asyncDispose]: close };
}
