// Detects the Vulkan loader (libvulkan.so.1) on Linux and the drivers registered with it. Probing through Dawn is not
// an option: it writes to stderr if it finds nothing. isonet uses Vulkan only on Linux, so nothing here runs on other
// systems.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inHome } from './home.ts';
import { missingLibrary } from './open.ts';

const LOADER = 'libvulkan.so.1';

/** The reason why something is unavailable, and the fix. Each is one line. */
export interface Missing {
  readonly code: string;
  readonly reason: string;
  readonly fix: string;
}

/**
 * Returns why Vulkan cannot find a device, as far as this can be detected without a driver; undefined if neither the
 * loader nor a driver is missing.
 */
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
      "install the GPU's driver, including its Vulkan component (NVIDIA containers: NVIDIA_DRIVER_CAPABILITIES=all), " +
      'or set VK_DRIVER_FILES to its .json file',
  };
}

let installed: boolean | undefined;

/** Returns whether the system has a Vulkan loader. The result is cached, so that a loader opened by its path later does not count. */
export function hasVulkanLoader(): boolean {
  installed ??= missingLibrary(LOADER) === undefined;
  return installed;
}

/**
 * Returns the manifests of the registered drivers. The search follows that of the Vulkan loader: environment variables
 * that name files or folders replace the default folders.
 * https://github.com/KhronosGroup/Vulkan-Loader/blob/main/docs/LoaderDriverInterface.md
 */
export function vulkanDrivers(): readonly string[] {
  const { env } = process;
  const named = env['VK_DRIVER_FILES'] ?? env['VK_ICD_FILENAMES'];
  if (named !== undefined) return named.split(':').flatMap(manifestsIn);
  return [...paths(env['VK_ADD_DRIVER_FILES']), ...driverFolders()].flatMap(manifestsIn);
}

/** Returns the path itself if it is a manifest, otherwise the manifests in that folder. */
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
