// The border between Node and browsers. Only here are the files that need Node imported, and only when they are called for:
// a browser that loads this package as it is, without a bundler, never loads them. A bundler takes browser.ts instead.
import * as browser from './browser.ts';
import type { Absence } from './gpu.ts';
import type { SoftwarePackage } from './software.ts';

/** WebGPU over what the system has: Dawn in Node, `navigator.gpu` in a browser. Never throws. */
export async function systemGpu(): Promise<GPU | Absence> {
  if (!inNode()) return browser.systemGpu();
  const dawn = await import('./dawn.ts');
  return dawn.systemGpu();
}

/** The software driver from npm, if it is installed and runs here. Never throws. */
export async function findSoftware(): Promise<SoftwarePackage | Absence> {
  if (!inNode()) return browser.findSoftware();
  const software = await import('./software.ts');
  return software.findSoftware();
}

/** WebGPU over the software driver alone. @throws BackendError when it cannot be unpacked or loaded */
export async function softwareGpu(found: SoftwarePackage): Promise<GPU> {
  const dawn = await import('./dawn.ts');
  return dawn.softwareGpu(found);
}

/** Bundlers put a `process` into browsers, but no version of Node. */
export function inNode(): boolean {
  return typeof process === 'object' && typeof process.versions?.node === 'string';
}
