// The border between Node and browsers. Only here are the files that need Node imported, and only when they are called
// for, so that a browser never loads them.
import type { Absence } from './gpu.ts';
import type { SoftwarePackage } from './software.ts';

/** WebGPU over what the system has: Dawn in Node, `navigator.gpu` in a browser. Never throws. */
export async function systemGpu(): Promise<GPU | Absence> {
  if (!inNode()) return browserGpu();
  const dawn = await import('./dawn.ts');
  return dawn.systemGpu();
}

/** The software driver from npm, if it is installed and runs here. Never throws. */
export async function findSoftware(): Promise<SoftwarePackage | Absence> {
  if (!inNode()) {
    return {
      code: 'SOFTWARE_PLATFORM',
      reason: "a browser cannot load the software driver of npm's @sparticuz/chromium",
      fix: 'start Chromium with --enable-unsafe-webgpu: its own one is then listed as "fallback"',
    };
  }
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

function browserGpu(): GPU | Absence {
  const { navigator } = globalThis as { navigator?: Partial<NavigatorGPU> };
  return (
    navigator?.gpu ?? {
      code: 'NO_WEBGPU',
      reason: 'this browser offers no WebGPU to this page',
      fix: 'open the page over https or from localhost, in a browser that has WebGPU switched on',
    }
  );
}
