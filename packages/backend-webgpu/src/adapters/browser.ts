// WebGPU in a browser. Through package.json's "browser" field, this file replaces platform.ts, which imports Node-only files on
// demand: any import() would split a bundle into chunks, and a worker's bundle must be a single chunk.
import type { Absence } from './gpu.ts';
import type { SoftwarePackage } from './software.ts';

/** Returns the browser's WebGPU, in a page or in a worker. Never throws. */
export function systemGpu(): Promise<GPU | Absence> {
  const { navigator } = globalThis as { navigator?: Partial<NavigatorGPU> };
  const absence: Absence = {
    code: 'NO_WEBGPU',
    reason: 'WebGPU is not available to this page',
    fix: 'open the page over https or from localhost, in a browser with WebGPU enabled',
  };
  return Promise.resolve(navigator?.gpu ?? absence);
}

/** Always returns an absence. */
export function findSoftware(): Promise<Absence> {
  return Promise.resolve({
    code: 'SOFTWARE_PLATFORM',
    reason: "a browser cannot load the software driver of npm's @sparticuz/chromium",
    fix: 'start Chromium with --enable-unsafe-webgpu; its own software driver is then listed as "fallback"',
  });
}

/** Never called, because {@link findSoftware} always returns an absence. */
export function softwareGpu(_found: SoftwarePackage): Promise<GPU> {
  return Promise.reject(new Error('a browser has no software driver from npm'));
}

/** Returns whether the code runs in Node. */
export function inNode(): boolean {
  return false;
}
