// WebGPU in a browser. package.json's "browser" field puts this file in the place of platform.ts, which loads Node's files when
// they are called for: an import() of any kind would cut a bundle into chunks, and the bundle of a worker may have one only.
import type { Absence } from './gpu.ts';
import type { SoftwarePackage } from './software.ts';

/** The browser's own WebGPU, in a page or in a worker. Never throws. */
export function systemGpu(): Promise<GPU | Absence> {
  const { navigator } = globalThis as { navigator?: Partial<NavigatorGPU> };
  const absence: Absence = {
    code: 'NO_WEBGPU',
    reason: 'this browser offers no WebGPU to this page',
    fix: 'open the page over https or from localhost, in a browser that has WebGPU switched on',
  };
  return Promise.resolve(navigator?.gpu ?? absence);
}

/** Always an absence. */
export function findSoftware(): Promise<Absence> {
  return Promise.resolve({
    code: 'SOFTWARE_PLATFORM',
    reason: "a browser cannot load the software driver of npm's @sparticuz/chromium",
    fix: 'start Chromium with --enable-unsafe-webgpu: its own one is then listed as "fallback"',
  });
}

/** Never called: {@link findSoftware} finds none. */
export function softwareGpu(_found: SoftwarePackage): Promise<GPU> {
  return Promise.reject(new Error('a browser has no software driver from npm'));
}

/** Whether this is Node. */
export function inNode(): boolean {
  return false;
}
