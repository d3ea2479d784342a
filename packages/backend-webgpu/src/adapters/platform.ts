// The boundary between Node and browsers. Node-only files are imported only here and only on demand, so a browser that loads
// this package without a bundler never loads them. Bundlers use browser.ts instead.
import * as browser from './browser.ts';
import type { Absence } from './gpu.ts';
import type { SoftwarePackage } from './software.ts';

/** Returns WebGPU on the system's drivers: Dawn in Node, `navigator.gpu` in a browser. Never throws. */
export async function systemGpu(): Promise<GPU | Absence> {
  if (!inNode()) return browser.systemGpu();
  const dawn = await import('./dawn.ts');
  return dawn.systemGpu();
}

/** Finds the software driver from npm, if it is installed and runs here. Never throws. */
export async function findSoftware(): Promise<SoftwarePackage | Absence> {
  if (!inNode()) return browser.findSoftware();
  const software = await import('./software.ts');
  return software.findSoftware();
}

/** Returns WebGPU on the software driver alone. @throws BackendError if the driver cannot be unpacked or loaded */
export async function softwareGpu(found: SoftwarePackage): Promise<GPU> {
  const dawn = await import('./dawn.ts');
  return dawn.softwareGpu(found);
}

/** Returns whether the code runs in Node. Bundlers define `process` in browsers, too, but without a Node version. */
export function inNode(): boolean {
  return typeof process === 'object' && typeof process.versions?.node === 'string';
}
