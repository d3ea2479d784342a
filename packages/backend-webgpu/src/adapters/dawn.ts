// WebGPU in Node, through Dawn: one instance with the system's drivers, and one with only the software driver.
// Browsers never load this file.
import { isMainThread } from 'node:worker_threads';
import { BackendError, messageOf } from '@isonet/core';
import { hasVulkanLoader, missingVulkan, NativeError, openLibrary } from '@isonet/native';
import { loadDawn } from './addon.ts';
import type { Absence } from './gpu.ts';
import { nameOf } from './gpu.ts';
import type { SoftwareFiles, SoftwarePackage } from './software.ts';
import { unpackSoftware } from './software.ts';
import { withOnlyDriver } from './vulkan.ts';

// The object that `create` returns must outlive its devices: if it is garbage-collected first, Dawn hangs or aborts the process.
// So both objects are kept once they are created. They do not keep the process alive, and they let a second device
// open faster.
let system: GPU | undefined;
let software: GPU | undefined;

/** Returns WebGPU on the system's drivers, which may include software drivers. */
export function systemGpu(): Promise<GPU | Absence> {
  return inTurn(async () => {
    if (system !== undefined) return system;
    const missing = process.platform === 'linux' ? missingVulkan() : undefined;
    if (missing !== undefined) return missing;
    try {
      const gpu = loadDawn().create([]);
      await gpu.requestAdapter(); // only the first request searches for drivers
      system = gpu;
      return gpu;
    } catch (error) {
      return dawnAbsence(error);
    }
  });
}

/**
 * Returns WebGPU on the software driver alone.
 * @throws BackendError if the driver cannot be unpacked or loaded
 */
export function softwareGpu(found: SoftwarePackage): Promise<GPU> {
  return inTurn(async () => (software ??= await createSoftware(found)));
}

async function createSoftware(found: SoftwarePackage): Promise<GPU> {
  const files = await unpackSoftware(found);
  requireEnvironment(files);
  const dawn = openDawn();
  const failure = hasVulkanLoader() ? undefined : openLibrary(files.loader);
  if (failure !== undefined) {
    throw new BackendError('SOFTWARE_LOADER', `webgpu "software": cannot load ${files.loader}: ${failure}`);
  }
  const gpu = dawn.create(['backend=vulkan']);
  const adapter = await withOnlyDriver(files.manifest, () => gpu.requestAdapter());
  if (adapter?.info.architecture !== 'swiftshader') {
    const got = adapter ? nameOf(adapter.info) : 'no adapter';
    throw new BackendError(
      'SOFTWARE_DRIVER',
      `webgpu "software": expected SwiftShader from ${files.manifest}, got ${got}; delete that folder, so that it is unpacked again`,
    );
  }
  return gpu;
}

// A worker's process.env is a copy, and drivers do not read it.
function requireEnvironment({ manifest }: SoftwareFiles): void {
  if (isMainThread || process.env['VK_DRIVER_FILES'] === manifest) return;
  throw new BackendError(
    'SOFTWARE_WORKER',
    `webgpu "software": a worker thread cannot choose its driver; start the process with VK_DRIVER_FILES=${manifest}`,
  );
}

function openDawn(): ReturnType<typeof loadDawn> {
  try {
    return loadDawn();
  } catch (cause) {
    const { code, reason, fix } = dawnAbsence(cause);
    throw new BackendError(code, `webgpu "software": ${reason}; ${fix}`, { cause });
  }
}

function dawnAbsence(error: unknown): Absence {
  if (error instanceof NativeError) return { code: error.code, reason: error.reason, fix: error.fix };
  return {
    code: 'NO_DAWN',
    reason: `Dawn failed to start: ${messageOf(error).split('\n', 1).join()}`,
    fix: "update the GPU's driver",
  };
}

// Calls run one at a time: while the software driver is being opened, the environment hides all other drivers.
let last: Promise<unknown> = Promise.resolve();
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = last.then(work);
  last = result.catch(() => undefined);
  return result;
}
