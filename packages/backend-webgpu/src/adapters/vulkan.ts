// The Vulkan loader (libvulkan.so.1) on Linux: is it there, does it know a driver, and which drivers may it see. Dawn
// could be asked instead, but it writes to stderr when it finds nothing. Not used on other systems, which have no loader.
import { existsSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Absence } from './gpu.ts';
import { inHome } from './home.ts';

const LOADER = 'libvulkan.so.1';
const { RTLD_NOW, RTLD_GLOBAL, RTLD_LAZY } = constants.dlopen;
const RTLD_NODELETE = 0x1000;

/** What keeps hardware from being found, as far as that can be known without a driver; undefined: nothing. */
export function missingVulkan(): Absence | undefined {
  if (!hasLoader()) {
    return {
      code: 'NO_VULKAN_LOADER',
      reason: `the Vulkan loader ${LOADER} is not installed`,
      fix: 'install it (Debian, Ubuntu: apt-get install libvulkan1; Fedora: dnf install vulkan-loader)',
    };
  }
  if (hasDriver()) return undefined;
  return {
    code: 'NO_VULKAN_DRIVER',
    reason: 'no Vulkan driver is registered on this system',
    fix:
      "install the GPU's driver with its Vulkan part (NVIDIA containers: NVIDIA_DRIVER_CAPABILITIES=all), " +
      'or set VK_DRIVER_FILES to its .json file',
  };
}

let installed: boolean | undefined;

/** Whether the system has a loader; asked once, so that one loaded by `loadLoader` does not count. */
export function hasLoader(): boolean {
  installed ??= load(LOADER, RTLD_LAZY) === undefined;
  return installed;
}

/**
 * Makes a loader available by its name to whatever asks for it later: LD_LIBRARY_PATH has no effect on a running process.
 * @returns why it could not be loaded; undefined when it was
 */
export function loadLoader(path: string): string | undefined {
  return load(path, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
}

function load(library: string, flags: number): string | undefined {
  try {
    process.dlopen({ exports: {} }, library, flags);
  } catch (error) {
    // Node expects an addon of its own, and complains only after the library was loaded.
    const message = error instanceof Error ? error.message : String(error);
    return message.includes('did not self-register') ? undefined : message;
  }
  return undefined;
}

// The loader's own search: the variables name files and replace the folders.
// https://github.com/KhronosGroup/Vulkan-Loader/blob/main/docs/LoaderDriverInterface.md
function hasDriver(): boolean {
  const { env } = process;
  const named = env['VK_DRIVER_FILES'] ?? env['VK_ICD_FILENAMES'];
  if (named !== undefined) return named.split(':').some(isDriver);
  return [...paths(env['VK_ADD_DRIVER_FILES']), ...driverFolders()].some(isDriver);
}

function isDriver(path: string): boolean {
  if (path.endsWith('.json')) return existsSync(path);
  try {
    return readdirSync(path).some((file) => file.endsWith('.json'));
  } catch {
    return false;
  }
}

function driverFolders(): string[] {
  const { env } = process;
  const roots = [
    ...paths(env['XDG_CONFIG_HOME'] ?? inHome('.config')),
    ...paths(env['XDG_CONFIG_DIRS'] ?? '/etc/xdg'),
    ...paths(env['XDG_DATA_HOME'] ?? inHome('.local/share')),
    ...paths(env['XDG_DATA_DIRS']),
    '/etc',
    '/usr/local/etc',
    '/usr/local/share',
    '/usr/share',
    '/run/opengl-driver/share', // NixOS
  ];
  return roots.map((root) => join(root, 'vulkan/icd.d'));
}

function paths(list: string | undefined): string[] {
  return (list ?? '').split(':').filter((path) => path !== '');
}

/**
 * Runs `work` while the loader sees one driver and no other, then puts the environment back: programs started later must
 * not inherit it. Drivers are searched when a Vulkan instance is made, so `work` has to make it.
 */
export async function withOnlyDriver<T>(file: string, work: () => Promise<T>): Promise<T> {
  const { env } = process;
  const only: Record<string, string | undefined> = {
    VK_DRIVER_FILES: file,
    VK_ICD_FILENAMES: file, // the same for loaders older than 1.3.207
    VK_ADD_DRIVER_FILES: undefined,
    VK_LOADER_DRIVERS_SELECT: undefined,
    VK_LOADER_DRIVERS_DISABLE: undefined,
  };
  const before = Object.fromEntries(Object.keys(only).map((name) => [name, env[name]]));
  setAll(only);
  try {
    return await work();
  } finally {
    setAll(before);
  }
}

function setAll(values: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}
