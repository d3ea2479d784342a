// Dawn's Node addon: the packages that contain it, and the part of its API that is used here. Browsers never load this file.
import type { NativeLibrary } from '@isonet/native';
import { loadAddon } from '@isonet/native';

/** The addon's exports that are used here. */
interface Addon {
  /** @param options Dawn's options, e.g. `backend=vulkan` */
  create(options: readonly string[]): GPU;
}

export const library: NativeLibrary = {
  title: 'Dawn',
  version: '0.6.2',
  original: {
    name: 'webgpu',
    addon: (platform, architecture) =>
      `dist/${platform}-${platform === 'darwin' ? 'universal' : architecture}/dawn.node`,
  },
  packages: {
    'linux-x64': '@isonet/dawn-linux-x64',
    'linux-arm64': '@isonet/dawn-linux-arm64',
    'darwin-arm64': '@isonet/dawn-darwin-universal',
    'darwin-x64': '@isonet/dawn-darwin-universal',
    'win32-x64': '@isonet/dawn-win32-x64',
    'win32-arm64': '@isonet/dawn-win32-arm64',
  },
  addon: 'dawn.node',
  instead: 'the onnx or the tfjs backend',
};

/** Loads Dawn's addon. @throws NativeError if the addon is not installed or the system cannot load it */
export function loadDawn(): Addon {
  return loadAddon(library, import.meta.url) as Addon;
}
