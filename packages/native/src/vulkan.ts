// The Vulkan loader (libvulkan.so.1) on Linux: is it there, and which drivers are registered with it. A library that uses Vulkan
// could be asked instead, but Dawn writes to stderr when it finds nothing. Not used on other systems, which have no loader.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inHome } from './home.ts';
import { missingLibrary } from './open.ts';

const LOADER = 'libvulkan.so.1';

/** Why something cannot be had, and what to do about it. Both are one line. */
export interface Missing {
  readonly code: string;
  readonly reason: string;
  readonly fix: string;
}

/** What keeps Vulkan from finding a device, as far as that can be known without a driver; undefined: nothing. */
export function missingVulkan(): Missing | undefined {
  if (!hasVulkanLoader()) {
    return {
      code: 'NO_VULKAN_LOADER',
      reason: `the Vulkan loader ${LOADER} is not installed`,
      fix: 'install libvulkan.so.1 (Debian, Ubuntu: apt-get install libvulkan1; Fedora: dnf install vulkan-loader)',
    };
  }
  if (vulkanDrivers().length > 0) return undefined;
  return {
    code: 'NO_VULKAN_DRIVER',
    reason: 'no Vulkan driver is registered on this system',
    fix:
      "install the GPU's driver with its Vulkan part (NVIDIA containers: NVIDIA_DRIVER_CAPABILITIES=all), " +
      'or set VK_DRIVER_FILES to its .json file',
  };
}

let installed: boolean | undefined;

/** Whether the system has a loader; asked once, so that one that is opened by its path later does not count. */
export function hasVulkanLoader(): boolean {
  installed ??= missingLibrary(LOADER) === undefined;
  return installed;
}

/**
 * The manifests of the registered drivers, by the loader's own search: the variables name files and replace the folders.
 * https://github.com/KhronosGroup/Vulkan-Loader/blob/main/docs/LoaderDriverInterface.md
 */
export function vulkanDrivers(): readonly string[] {
  const { env } = process;
  const named = env['VK_DRIVER_FILES'] ?? env['VK_ICD_FILENAMES'];
  if (named !== undefined) return named.split(':').flatMap(manifestsIn);
  return [...paths(env['VK_ADD_DRIVER_FILES']), ...driverFolders()].flatMap(manifestsIn);
}

/** The path itself where it is a manifest's, else those in the folder. */
function manifestsIn(path: string): readonly string[] {
  if (path.endsWith('.json')) return existsSync(path) ? [path] : [];
  try {
    return readdirSync(path)
      .filter((file) => file.endsWith('.json'))
      .map((file) => join(path, file));
  } catch {
    return [];
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
